"""How items have moved since an earlier collection: only where wording, options, mode and don't-know rule are the same."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from assent_analytics.domain.comparability import Measurement, comparability
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.distribution import Answers
from assent_analytics.domain.numbers import Figure, Numbers
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.comparisons.trends import Wave, change_of_panel, change_of_samples
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.problems import NotComparable, NotSuited
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.request import AnalysisRequest, Items
from assent_analytics.service.sample import Mask


class TrendRequest(AnalysisRequest):
    """The change in support of items between an `earlier` collection and this one; items are named as this one asked them."""

    method: Literal["trend"]
    earlier: Annotated[str, Field(min_length=1, max_length=80)]
    items: Items


def run(frame: Frame, request: TrendRequest) -> Numbers:
    """The change in the support of each item. Raises NotComparable, CannotEstimate."""
    before = frame.earlier
    if before is None or request.earlier == request.collection:
        raise NotSuited("a trend needs an `earlier` collection that is another one")
    figures = []
    cautions: dict[str, None] = {}
    for id in step_by_step(request.items, "item", rest=True):
        item = frame.scaled_item(id)
        twin = next((one for one in before.instrument.items if one.name == item.name), None)
        if twin is None:
            raise NotSuited(f"{request.earlier!r} asked nothing named {item.name!r}")
        allowed = comparability(Measurement.of(twin, before.sample.collection), Measurement.of(item, frame.sample.collection))
        if not allowed.comparable:
            raise NotComparable(f"{id!r}: {', '.join(reason.replace('_', ' ') for reason in allowed.reasons)}")
        cautions |= dict.fromkeys(allowed.cautions)
        waves = [_supporting(before, before.answers(twin)), _supporting(frame, frame.answers(item))]
        moves = _moves(before, frame, waves)
        # Of a few who took part twice the covariance would tell both answers: it is left out.
        shared = moves.sum() >= THRESHOLD
        if shared:
            change = change_of_panel(_wave(before, *waves[0]), _wave(frame, *waves[1]), allowed)
        else:
            change = change_of_samples(_estimate(before, *waves[0]), _estimate(frame, *waves[1]), allowed)
        low, high = change.difference.interval(request.level)
        numbers = {
            "earlier": change.earlier,
            "later": change.later,
            "difference": change.difference.difference,
            "difference_low": low,
            "difference_high": high,
            "p": change.difference.p,
        }
        people = tuple(
            count for values, asked in waves for count in (int((values[asked] > 0).sum()), int((values[asked] == 0).sum()))
        )
        people += tuple(map(int, moves)) if shared else ()
        about = {"item": id, "term": "support, later less earlier", "respondents": "shared" if shared else "independent"}
        figures.append(Figure(about, numbers, people))
    notes = tuple(f"Caution: {caution.replace('_', ' ')}." for caution in cautions)
    return Numbers(tuple(figures), facts={"base": int(frame.within.sum())}, notes=notes)


def _supporting(frame: Frame, answers: Answers) -> tuple[Floats, Mask]:
    return answers.supports.astype(float), answers.asked & frame.within


def _moves(before: Frame, after: Frame, waves: Sequence[tuple[Floats, Mask]]) -> NDArray[np.int64]:
    """Of those asked both times, how many stayed without support, came to it, left it and stayed with it, (4,)."""
    _, then, now = np.intersect1d(before.respondents, after.respondents, return_indices=True)
    (earlier, asked_then), (later, asked_now) = waves
    ways = (2 * earlier[then] + later[now]).astype(np.int64)
    return np.bincount(ways[asked_then[then] & asked_now[now]], minlength=4)


def _estimate(frame: Frame, values: Floats, asked: Mask) -> Estimate:
    return mean(frame.design, values, asked)


def _wave(frame: Frame, values: Floats, asked: Mask) -> Wave:
    """What of a panel's wave bears on its change. Whole clusters stay together where the design has them."""
    sample = frame.sample
    tokens = frame.respondents
    cluster = sample.columns.column("design", "cluster").spelled() if sample.collection.cluster else tokens
    shared = np.where(cluster == "", tokens, cluster)
    strata = sample.columns.column("design", "stratum").spelled() if sample.collection.stratum else None
    return Wave(np.where(asked, values, np.nan), frame.design.weights, shared, strata)
