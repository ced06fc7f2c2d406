"""How support of an item has moved since it was last asked, or why that cannot be said.

The latest earlier collection that put an item of the same name is looked for: of the same instrument, or in the same words. It is
compared when wording, options, mode and don't-know rule are the same (domain.comparability), as a panel when respondents took part in both.
Not here: the change itself (support_change).
"""

from collections.abc import Iterator, Sequence

import numpy as np
from sqlmodel import Session

from assent_analytics.domain import item_view
from assent_analytics.domain.comparability import Comparability, Measurement, comparability
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.comparisons.trends import Change
from assent_analytics.service.estimate_item import SUPPORT, Estimated, estimate
from assent_analytics.service.regions import Regions
from assent_analytics.service.samples import Samples
from assent_analytics.service.study_items import StudyItem
from assent_analytics.service.support_change import Asked, change_of_support, is_panel, moves
from assent_analytics.store.responses import respondents
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupScheme

_NOBODY = Regions(groups=())


def find_trend(
    session: Session, kept: Samples, later: Estimated, items: Sequence[StudyItem], scheme: GroupScheme
) -> item_view.Trend | None:
    """The change in support since the item was last asked; None where it never was, or where either figure may not be shown."""
    before = max(_earlier(later, items), key=lambda found: (found[1].fieldwork_from or "", found[1].collection), default=None)
    if before is None or not later.shown.get(SUPPORT, False):
        return None
    item, collection = before
    sample, key = later.sample, (later.item.id, "trend", item.id, collection.collection)
    allowed = comparability(Measurement.of(item.item, collection), Measurement.of(later.item.item, sample.collection))
    since = item_view.Since(collection=collection.collection, wave=collection.wave, item=item.id)
    if not allowed.comparable:
        return item_view.Trend(since=since, refused=list(allowed.reasons))
    try:
        earlier = estimate(item, kept.take(session, collection, scheme), _NOBODY)
        if not earlier.shown.get(SUPPORT, False):
            return None
        known = sample.estimates.get(key)
        if known is None or known[0] is not earlier.sample:
            known = sample.estimates[key] = (earlier.sample, _change(session, earlier, later, allowed))
    except CannotEstimate as error:
        return item_view.Trend(since=since, refused=[error.code])
    if known[1] is None:
        return None
    change, panel = known[1]
    low, high = change.difference.interval()
    return item_view.Trend(
        since=since,
        difference=change.difference.difference,
        low=low,
        high=high,
        p=change.difference.p,
        respondents="shared" if panel else "independent",
        cautions=list(allowed.cautions),
    )


def _earlier(later: Estimated, items: Sequence[StudyItem]) -> Iterator[tuple[StudyItem, Collection]]:
    """Where an item of the same name was put before."""
    mine, wording = later.sample.collection, later.item.item.wording
    for item in items:
        for collection in item.collections:
            same = collection.instrument == mine.instrument or item.item.wording == wording
            before = (collection.fieldwork_from or "") < (mine.fieldwork_from or "")
            if item.item.name == later.item.item.name and same and before and collection.collection != mine.collection:
                yield item, collection


def _change(session: Session, earlier: Estimated, later: Estimated, allowed: Comparability) -> tuple[Change, bool] | None:
    """The change, and whether respondents took part in both; None where their covariance would tell how a few of them have moved."""
    before, after = _asked(session, earlier), _asked(session, later)
    moved = moves(before, after)
    panel = is_panel(moved)
    if panel and (moved < THRESHOLD).any():
        return None
    return change_of_support(before, after, allowed, panel=panel), panel


def _asked(session: Session, estimated: Estimated) -> Asked:
    """Its side of the change. Respondents' tokens are read for this comparison only, and not kept."""
    sample, answers = estimated.sample, estimated.answers
    tokens = np.array(respondents(session, sample.collection.collection), dtype=str)[sample.usable]
    return Asked(sample, sample.design, answers.supports, answers.asked, tokens)
