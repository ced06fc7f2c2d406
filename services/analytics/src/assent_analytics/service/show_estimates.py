"""Estimates of one item without a proposal: the common case of an analysis, as a link."""

from collections.abc import Sequence

from sqlmodel import Session

from assent_analytics.domain import item_view
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.problems import Rebuilding, UnknownItem, UnknownVariable
from assent_analytics.service.estimate_item import estimate
from assent_analytics.service.present_item import correct, present
from assent_analytics.service.regions import Regions
from assent_analytics.service.sample import declared_groups
from assent_analytics.service.samples import Samples
from assent_analytics.service.shared_key import scheme_of
from assent_analytics.service.study_items import find_item, list_items
from assent_analytics.service.trends import find_trend
from assent_analytics.store import queries, releases
from assent_analytics.store.read_models import are_rebuilding


def released_estimates(
    session: Session, *, study: str, item: str, by: Sequence[str], collection: str | None
) -> list[item_view.ItemEvidence]:
    """The figures of the item that were released last, in each collection or in one, by the groups of these variables."""
    found = [
        item_view.ItemEvidence.model_validate(table.content)
        for table in releases.newest_tables(session, study, item)
        if collection in (None, table.definition.collection)
    ]
    return [_only(one, frozenset(by)) for one in found]


def _only(shown: item_view.ItemEvidence, variables: frozenset[str]) -> item_view.ItemEvidence:
    """The same without the groups, and the comparisons of groups, of other variables."""
    kept = {name: getattr(shown, name) for name in shown.model_fields_set}
    for name in ("groups", "omnibus", "lowest_set"):
        some = [one for one in kept.pop(name, None) or () if one.variable in variables]
        if some or name == "groups":
            kept[name] = some
    return item_view.ItemEvidence(**kept)


def show_estimates(
    session: Session, kept: Samples, *, study: str, item: str, by: Sequence[str], collection: str | None
) -> list[item_view.ItemEvidence]:
    """The item in each collection that asked it, or in one, by the groups of these variables.

    A collection that nobody has answered yet has no estimate and is left out. Raises UnknownItem, UnknownVariable, Rebuilding.
    """
    if are_rebuilding(session):
        raise Rebuilding
    found = find_item(session, study, item)
    if found is None:
        raise UnknownItem
    scheme = scheme_of(session, study)
    declared = declared_groups(scheme)
    if unknown := [variable for variable in by if variable not in declared]:
        raise UnknownVariable(f"no variable {unknown[0]!r}")
    regions = Regions(groups=tuple(tuple(declared[variable]) for variable in dict.fromkeys(by)))
    estimated = []
    for one in found.collections:
        if collection in (None, one.collection):
            try:
                estimated.append(estimate(found, kept.take(session, one, scheme), regions))
            except CannotEstimate:
                continue
    settings = queries.find_settings(session, study).settings
    groups = list(regions.everyone())
    corrected = correct(estimated, groups, settings)
    items = list_items(session, study)
    return [
        present(
            one,
            groups,
            scheme=scheme,
            settings=settings,
            corrected=corrected,
            trend=find_trend(session, kept, one, items, scheme),
        )
        for one in estimated
    ]
