"""The columns that an analysis used as a file: what its R code reads.

One row a response, without its id, in the order in which they came: R's rank tests depend on it where people tie. It holds single
answers, so it is for those who may see responses.
"""

import csv
import io

import numpy as np
from sqlmodel import Session

from assent_analytics.problems import NotReady, Stale
from assent_analytics.service.analyses.compute import frame_of
from assent_analytics.service.analyses.frame import Frame, column_of_item, column_of_variable
from assent_analytics.service.analyses.keeping import find_analysis
from assent_analytics.service.analyses.methods import ANY_ANALYSIS
from assent_analytics.service.samples import Samples
from assent_contracts.events.survey import Item

NOBODY_SAID = ""


def write_data(session: Session, kept: Samples, *, study: str, analysis: str) -> str:
    """The file. Raises NotFound, NotReady, Stale."""
    found = find_analysis(session, study=study, analysis=analysis)
    if found.recipe is None:
        raise NotReady
    if found.stale:
        raise Stale
    frame = frame_of(session, kept, study, ANY_ANALYSIS.validate_python(found.request))
    return as_csv(frame, list(found.recipe["columns"]))


def as_csv(frame: Frame, names: list[str]) -> str:
    """These columns of a frame, as a file of commas."""
    columns = [_column(frame, name) for name in names]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*columns, strict=True))
    return written.getvalue()


def _column(frame: Frame, name: str) -> list[str]:
    if name in ("weight", "stratum", "cluster"):
        return _design_column(frame, name)
    for item in frame.instrument.items:
        if name == column_of_item(item):
            return _answers(frame, item)
    variable = next(one for one in frame.sample.scheme.variables if name == column_of_variable(one.variable))
    words = np.array([*(category.group for category in variable.categories), NOBODY_SAID])
    return [str(word) for word in words[frame.sample.stated(variable.variable)]]


def _design_column(frame: Frame, name: str) -> list[str]:
    if name == "weight":
        weights = frame.sample.weighting.base if frame.raked else frame.design.weights
        return [repr(float(weight)) for weight in weights]
    strata = frame.sample.columns.column("design", "stratum").codes
    codes = frame.sample.clusters() if name == "cluster" else strata
    return [f"{name}_{place}" for place in np.unique(codes, return_inverse=True)[1]]


def _answers(frame: Frame, item: Item) -> list[str]:
    if item.kind == "number":
        values = frame.sample.columns.number("answer", item.name)
        return [repr(float(value)) if np.isfinite(value) else NOBODY_SAID for value in values]
    answers = frame.answers(item)
    words = np.array([*answers.scale.outcomes, NOBODY_SAID])
    return [str(word) for word in words[answers.codes]]
