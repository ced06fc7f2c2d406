"""Whole columns from batches, for libraries that write from a whole frame."""

from collections.abc import Iterable

import numpy as np

from assent_survey.domain.case_rows import Batch, Column
from assent_survey.domain.codebook import Codebook


def gather(codebook: Codebook, batches: Iterable[Batch]) -> list[Column]:
    """Every column of the codebook whole. A column's parts are let go as soon as it is put together."""
    parts: list[list[Column]] = [[] for _ in codebook.variables]
    for batch in batches:
        for part, column in zip(parts, batch, strict=True):
            part.append(column)
    whole = []
    for part in parts:
        whole.append(np.concatenate(part))
        part.clear()
    return whole
