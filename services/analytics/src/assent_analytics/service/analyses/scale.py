"""The mean of a scale, for everyone and by group: by group only where its items are shown to mean the same to all groups.

Whoever answered at least half of the items stands at the mean of those answered. Before groups are compared, every item is
examined for differential functioning; items that function differently are left out where enough others remain, and where they do
not, or nobody can tell, there are no figures of groups but the reason.
"""

from dataclasses import asdict
from typing import Literal

import numpy as np

from assent_analytics.domain.numbers import CountTable, Figure, Numbers
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.scales.item_functioning import Comparability, comparable_across
from assent_analytics.service.analyses.answers_matrix import answers_matrix
from assent_analytics.service.analyses.by_group import Part, group_codes, parts
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.intervals import interval_numbers
from assent_analytics.service.analyses.reliability import ScaleItems
from assent_analytics.service.analyses.request import AnalysisRequest, By, ItemId

SCALE = "scale"

CANNOT_TELL = (
    "whether the scale means the same to every group cannot be told: it has too few items, a group too few respondents, or the "
    "answers of some do not vary enough"
)


class ScaleRequest(AnalysisRequest):
    """The mean of a scale of items by group; those of `reverse` are turned round first. Groups are compared on at least four items."""

    method: Literal["scale"]
    items: ScaleItems
    reverse: tuple[ItemId, ...] = ()
    by: By


def run(frame: Frame, request: ScaleRequest) -> Numbers:
    """Means with intervals; each variable on the items that mean the same to its groups. Raises CannotEstimate."""
    answers, _ = answers_matrix(frame, request.items, request.reverse)
    scores = _scores(answers)
    (everyone, *_), tables = parts(frame, SCALE, (), ~np.isnan(scores))
    figures, tests, notes = [_figure(frame, everyone, scores)], [], []
    verdicts: dict[str, str] = {}
    for variable in step_by_step(request.by, "variable", rest=True):
        found = _comparability(frame, request, variable, answers)
        verdicts[variable] = found.verdict
        # What could not be told is not explained: the reason may be the size of a small group.
        reasons = (CANNOT_TELL,) if found.verdict == "cannot_tell" else found.reasons
        notes += [f"{variable}: {reason}" for reason in reasons]
        tests += _tests(variable, found)
        if found.verdict in ("comparable", "comparable_without_items"):
            kept = [place for place, item in enumerate(request.items) if item in found.anchors]
            of_groups, of_tables = _by(frame, variable, _scores(answers[:, kept]))
            figures += of_groups
            tables += of_tables
    return Numbers(tuple(figures), tuple(tests), tuple(tables), {"base": everyone.base, "comparable": verdicts}, tuple(notes))


def _scores(answers: Floats) -> Floats:
    """The mean of what each row answered, not a number where that is less than half of the items."""
    answered = (~np.isnan(answers)).sum(axis=1)
    sums = np.nansum(answers, axis=1)
    return np.where(2 * answered >= answers.shape[1], sums / np.maximum(answered, 1), np.nan)


def _comparability(frame: Frame, request: ScaleRequest, variable: str, answers: Floats) -> Comparability:
    codes, groups = group_codes(frame, variable)
    labels = np.array([*(group.group for group in groups), ""], dtype=object)[codes]
    if len(request.items) < 4:
        return Comparability("cannot_tell", (), (), ())
    return comparable_across(frame.design, answers, labels, names=request.items)


def _by(frame: Frame, variable: str, scores: Floats) -> tuple[list[Figure], list[CountTable]]:
    (_, *groups), tables = parts(frame, SCALE, (variable,), ~np.isnan(scores))
    return [_figure(frame, part, scores) for part in groups if part.base], tables


def _figure(frame: Frame, part: Part, scores: Floats) -> Figure:
    found = mean(frame.design, scores, part.members)
    freedom = int(frame.design.domain_degrees_of_freedom(part.members[:, None])[0])
    numbers = interval_numbers("mean", float(found.estimates[0]), float(found.covariance[0, 0]), freedom, frame.request.level)
    return Figure({"term": SCALE, **part.group.about}, {**numbers, "base": part.base}, (part.base,), part.cells)


def _tests(variable: str, found: Comparability) -> list[Figure]:
    """What is said of each item's functioning; groups were large enough to be asked, so nobody is told of."""
    tests = []
    for one in found.items:
        numbers = {name: number for name, number in asdict(one).items() if isinstance(number, float)}
        tests.append(Figure({"item": one.item, "variable": variable, "size": one.size}, numbers, (one.respondents,)))
    return tests
