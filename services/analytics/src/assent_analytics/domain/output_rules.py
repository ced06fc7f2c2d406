"""Disclosure control of an analysis: every figure that rests on too few people, or gives such a count away, loses its numbers.

The threshold (10) is on unweighted counts, their complements and noughts included. A model needs as many residual degrees of freedom; a
quantile as many people on either side, so that there is never a smallest or a largest. A test is hidden with any group that it
compares. Which cells of a table must be hidden for the sake of others is what `suppression` finds and audits.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.numbers import Cell, CountTable, Figure, Numbers
from assent_analytics.domain.suppression import THRESHOLD, suppress

HIDDEN_NOTE = (
    f"Figures that rest on fewer than {THRESHOLD} people, or would give such a count away, are suppressed; "
    "that is neither nought nor missing."
)


def control(numbers: Numbers, *, threshold: int = THRESHOLD) -> Numbers:
    """The numbers as they may leave: hidden figures without their numbers, and no test that would give them away."""
    hidden = {cell for table in numbers.tables for cell in hidden_cells(table, threshold=threshold)}

    def judged(figure: Figure) -> Figure:
        too_few = any(count < threshold for count in figure.people)
        return figure.suppressed() if figure.hidden or too_few or hidden.intersection(figure.cells) else figure

    figures, tests = tuple(map(judged, numbers.figures)), tuple(map(judged, numbers.tests))
    facts = dict(numbers.facts)
    if facts.get("base", threshold) < threshold:
        facts = {name: fact for name, fact in facts.items() if name not in ("base", "n_effective")}
    notes = numbers.notes
    if any(figure.hidden for figure in (*figures, *tests)):
        notes = (*notes, HIDDEN_NOTE)
    return replace(numbers, figures=figures, tests=tests, tables=(), facts=facts, notes=notes)


def hidden_cells(table: CountTable, *, threshold: int = THRESHOLD) -> Iterator[Cell]:
    """The cells and margins of a table that may not be shown. A row or a column of nobody is left out of it and is no secret."""
    rows, columns = table.counts.sum(axis=1) > 0, table.counts.sum(axis=0) > 0
    if not rows.any():
        return
    groups = [name for name, peopled in zip(table.groups, rows, strict=True) if peopled]
    outcomes = [name for name, peopled in zip(table.outcomes, columns, strict=True) if peopled]
    shown = _shown(table.counts[rows][:, columns], threshold)
    for row, group in enumerate((*groups, "")):
        for column, outcome in enumerate((*outcomes, "")):
            if not shown[row, column]:
                yield table.cell(group, outcome)


def _shown(counts: NDArray[np.int64], threshold: int) -> NDArray[np.bool_]:
    """The same with margins; a table of one row or one column is a list, whose margin of everyone says nothing that it does not."""
    if counts.shape[0] == 1:
        alone = suppress(counts[0], threshold=threshold).shown
        return np.vstack([alone, alone])
    if counts.shape[1] == 1:
        alone = suppress(counts[:, 0], threshold=threshold).shown
        return np.column_stack([alone, alone])
    return suppress(counts, threshold=threshold).shown
