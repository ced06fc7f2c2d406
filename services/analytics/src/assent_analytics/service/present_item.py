"""An estimated item as it is shown: what identifies people is left out, together with all that would reveal it.

A suppressed group keeps its direction where its base is large enough, so that hiding a figure does not hide dissent.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assent_analytics.domain import item_view
from assent_analytics.domain.answer_table import Direction
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.distribution import DONT_KNOW
from assent_analytics.domain.labels import labels
from assent_analytics.domain.missing import caveat
from assent_analytics.domain.multiplicity import holm
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.comparisons.contrasts import Gap
from assent_analytics.estimation.shares import proportions
from assent_analytics.estimation.summary import ScaleConsensus
from assent_analytics.service.adjust_gaps import adjust_gaps
from assent_analytics.service.compare_groups import Standing, compare_groups
from assent_analytics.service.estimate_item import OPPOSITION, SUPPORT, Estimated
from assent_analytics.service.sample import label_of
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupScheme

Corrected = Mapping[tuple[str, str, GroupKey], float]
"""Holm's p-values of a page, by item, collection and group."""


def correct(page: Iterable[Estimated], groups: Sequence[GroupKey], settings: EvidenceSettings) -> Corrected:
    """Holm over every gap on the page: all items and all of these groups together.

    A gap is on the page if its group is shown and large enough to be named; a hidden one would tell of itself by the others' p-values.
    """
    gaps = {
        (estimated.item.id, estimated.sample.collection.collection, who): group.gap.p
        for estimated in page
        for who, group in estimated.summary.groups.items()
        if who in groups and group.gap is not None and estimated.group_is_shown(who) and group.base >= settings.name_base
    }
    return dict(zip(gaps, holm(list(gaps.values())), strict=True))


def present(
    estimated: Estimated,
    groups: Sequence[GroupKey],
    *,
    scheme: GroupScheme,
    settings: EvidenceSettings,
    corrected: Corrected,
    trend: item_view.Trend | None = None,
    match: item_view.ItemMatch | None = None,
    counts: bool | None = None,
) -> item_view.ItemEvidence:
    """The item with these groups; for plain estimates without a match and without saying whether it counts."""
    item = estimated.item.item
    fields: dict[str, Any] = {
        "item": estimated.item.id,
        "wording": item.wording,
        "role": item.role,
        "options": {option.option: option.label for option in item.scale if option.option in estimated.answers.scale.options},
        "collection": _collection(estimated),
    }
    if match is not None:
        fields |= {"match": match, "counts": counts}
    said = labels(
        sampling=estimated.sample.collection.sampling,
        weighted=bool(estimated.sample.collection.weight),
        n_effective=_effective(estimated),
        scale=estimated.answers.scale,
    )
    if said:
        fields["labels"] = said
    fields["distribution"] = _distribution(estimated)
    if estimated.summary.base >= THRESHOLD:
        fields |= _figures(estimated)
    if trend is not None:
        fields["trend"] = trend
    tested = [
        item_view.VariableTest(variable=variable, p=test.p)
        for variable, test in estimated.omnibus.items()
        if any(ref.variable == variable for who in groups for ref in who)
    ]
    if tested:
        fields["omnibus"] = tested
    if estimated.verdicts and "base" in fields and estimated.shown.get(SUPPORT, False):
        standing = compare_groups(estimated, groups, settings)
        fields["lowest_set"] = [_lowest(who, standing) for who in standing.may_be_lowest]
        if "consensus" in fields and standing.alike is not None:
            fields["consensus"] = fields["consensus"].model_copy(update={"across_groups": standing.alike})
    adjusted = adjust_gaps(estimated, [who for who in groups if who in estimated.verdicts], settings)
    fields["groups"] = [
        _group(estimated, who, scheme, settings, corrected, adjusted.get(who)) for who in groups if who in estimated.verdicts
    ]
    return item_view.ItemEvidence(**fields)


def _collection(estimated: Estimated) -> item_view.CollectionFacts:
    collection = estimated.sample.collection
    fields: dict[str, Any] = {
        "collection": collection.collection,
        "wave": collection.wave,
        "state": collection.state,
        "sampling": collection.sampling,
        "mode": collection.mode,
        "fieldwork": _fieldwork(collection),
        "population": collection.population,
    }
    warning = caveat(collection.sampling)
    if warning is not None:
        fields["caveat"] = warning
    answered = estimated.sample.rows
    if collection.issued and answered >= THRESHOLD:
        fields["response_rate"] = min(1.0, answered / collection.issued)
    return item_view.CollectionFacts(**fields)


def _fieldwork(collection: Collection) -> dict[str, str]:
    days = {"from": collection.fieldwork_from, "to": collection.fieldwork_to}
    return {name: day for name, day in days.items() if day is not None}


def _distribution(estimated: Estimated) -> dict[str, item_view.Share]:
    return {
        outcome: _share(share) if estimated.shown.get(outcome, False) else item_view.Share(suppressed=True)
        for outcome, share in estimated.summary.distribution.items()
    }


def _figures(estimated: Estimated) -> dict[str, Any]:
    """What is said of everybody. A sum is shown only where it gives no suppressed part away."""
    summary = estimated.summary
    fields: dict[str, Any] = {
        "base": summary.base,
        "design": {**estimated.sample.design.describe(), **estimated.sample.weighting.describe()},
    }
    for field, name, share in (("support", SUPPORT, summary.support), ("refusal", OPPOSITION, summary.opposition)):
        if name in estimated.shown:
            fields[field] = _share(share) if estimated.shown[name] else _hidden(estimated.directions.get(name))
    if estimated.shown.get(SUPPORT, False):
        fields["n_effective"] = summary.n_effective
        if estimated.shown.get(DONT_KNOW, False):
            fields["support_bounds"] = item_view.SupportBounds(low=summary.support_bounds[0], high=summary.support_bounds[1])
    if summary.consensus is not None and all(estimated.shown[option] for option in estimated.answers.scale.options):
        fields["consensus"] = _consensus(estimated, summary.consensus)
    return fields


def _hidden(direction: Direction | None) -> item_view.Share:
    """A share that is withheld, with what may still be said of it."""
    return item_view.Share(suppressed=True) if direction is None else item_view.Share(suppressed=True, direction=direction)


def _effective(estimated: Estimated) -> float:
    """The effective base that labels go by: of support, or where that is hidden of the weights alone, which tell nothing of answers."""
    return estimated.summary.n_effective if estimated.shown.get(SUPPORT, False) else estimated.sample.design.kish


def _lowest(who: GroupKey, standing: Standing) -> item_view.LowestGroup:
    fields: dict[str, Any] = {"unknown": True} if who in standing.unknown else {}
    return item_view.LowestGroup(
        variable=" & ".join(ref.variable for ref in who), group=" & ".join(ref.group for ref in who), **fields
    )


def _consensus(estimated: Estimated, found: ScaleConsensus) -> item_view.Consensus:
    counts = estimated.answers.counts()
    return _agreement(found).model_copy(update={"base": sum(counts[option] for option in estimated.answers.scale.options)})


def _agreement(found: ScaleConsensus) -> item_view.Consensus:
    fields: dict[str, Any] = {"at": list(found.at), "options": found.options, "net_agreement": found.net_agreement}
    low, high = found.interval or (None, None)
    indices = {"agreement": found.agreement, "low": low, "high": high, "polarization": found.polarization}
    fields |= {name: index for name, index in indices.items() if index is not None}
    for name, interval in (("net_agreement_interval", found.net_interval), ("polarization_interval", found.polarization_interval)):
        if interval is not None:
            fields[name] = list(interval)
    return item_view.Consensus(**fields)


def _group(
    estimated: Estimated,
    who: GroupKey,
    scheme: GroupScheme,
    settings: EvidenceSettings,
    corrected: Corrected,
    adjusted: Gap | None,
) -> item_view.GroupEstimate:
    fields: dict[str, Any] = {
        "variable": " & ".join(ref.variable for ref in who),
        "group": " & ".join(ref.group for ref in who),
        "label": label_of(who, scheme),
    }
    verdict, group = estimated.verdicts[who], estimated.summary.groups[who]
    if group.base == 0:
        return item_view.GroupEstimate(**fields, base=0)
    if verdict.hidden or group.support is None:
        fields["suppressed"] = True
        if verdict.direction is not None:
            fields["direction"] = verdict.direction
        return item_view.GroupEstimate(**fields)
    fields |= {"support": _share(group.support), "base": group.base, "n_effective": group.support.n_effective}
    fields["small_base"] = group.base < settings.name_base
    if group.gap is not None and group.base >= settings.name_base:
        key = (estimated.item.id, estimated.sample.collection.collection, who)
        fields["gap"] = item_view.Gap(
            difference=group.gap.difference, low=group.gap.low, high=group.gap.high, p_holm=corrected[key]
        )
    if adjusted is not None and "gap" in fields:
        fields["adjusted_gap"] = item_view.AdjustedGap(difference=adjusted.difference, low=adjusted.low, high=adjusted.high)
    if group.consensus is not None and len(who) == 1 and who[0].variable in estimated.agreeing:
        fields["consensus"] = _agreement(group.consensus)
    return item_view.GroupEstimate(**fields)


def _share(share: proportions.Share) -> item_view.Share:
    return item_view.Share(share=share.share, low=share.low, high=share.high)
