"""How items have moved since an earlier collection: only where wording, options, mode and don't-know rule are the same."""

from typing import Annotated, Literal

from pydantic import Field

from assent_analytics.domain.comparability import Measurement, comparability
from assent_analytics.domain.distribution import Answers
from assent_analytics.domain.numbers import Figure, Numbers
from assent_analytics.domain.progress import step_by_step
from assent_analytics.problems import NotComparable, NotSuited
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.request import AnalysisRequest, Items
from assent_analytics.service.support_change import Asked, change_of_support, is_panel, moves


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
        earlier, later = _asked(before, before.answers(twin)), _asked(frame, frame.answers(item))
        moved = moves(earlier, later)
        shared = is_panel(moved)
        change = change_of_support(earlier, later, allowed, panel=shared)
        low, high = change.difference.interval(request.level)
        numbers = {
            "earlier": change.earlier,
            "later": change.later,
            "difference": change.difference.difference,
            "difference_low": low,
            "difference_high": high,
            "p": change.difference.p,
        }
        people = tuple(int((one.asked & chosen).sum()) for one in (earlier, later) for chosen in (one.supports, ~one.supports))
        people += tuple(map(int, moved)) if shared else ()
        about = {"item": id, "term": "support, later less earlier", "respondents": "shared" if shared else "independent"}
        figures.append(Figure(about, numbers, people))
    notes = tuple(f"Caution: {caution.replace('_', ' ')}." for caution in cautions)
    return Numbers(tuple(figures), facts={"base": int(frame.within.sum())}, notes=notes)


def _asked(frame: Frame, answers: Answers) -> Asked:
    return Asked(frame.sample, frame.design, answers.supports, answers.asked & frame.within, frame.respondents)
