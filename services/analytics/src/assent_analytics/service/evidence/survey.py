"""What surveys say about the proposal: every item that matches it, in every collection that asked it, estimated once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from assent_analytics.domain import item_view, reading
from assent_analytics.domain.conditions import met_by
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.targets import GroupKey
from assent_analytics.service.estimate_item import Estimated, estimate
from assent_analytics.service.evidence.matches import judge
from assent_analytics.service.evidence.material import Material
from assent_analytics.service.regions import regions_of
from assent_analytics.service.sample import Sample
from assent_analytics.service.samples import Samples
from assent_analytics.service.study_items import StudyItem, takes_a_stance
from assent_analytics.service.vary_item import Variation, vary
from assent_contracts.events.survey import Collection
from assent_contracts.practice import Practice

DAYS_IN_A_MONTH = 30.4375
LEVELS = ("exact", "near", "proxy")


@dataclass(frozen=True, slots=True)
class Measured:
    """One matching item in one collection, with its figures. `name` is what reasons call it; no other has the same."""

    name: str
    match: item_view.ItemMatch
    estimated: Estimated


@dataclass(frozen=True, slots=True)
class Survey:
    """All matching items, nearest first, the samples behind them, and why some could not be estimated."""

    measured: list[Measured]
    samples: dict[str, Sample]
    failures: list[tuple[str, str]]


def measure(session: Session, material: Material, kept: Samples, *, closed_only: bool = False) -> Survey:
    """Estimate every item that matches the proposal, for all groups and targets; of closed collections only, or of all."""
    regions = regions_of(material.scheme, material.targets_of_all)
    survey = Survey(measured=[], samples={}, failures=[])
    for item, match in _matching(material):
        for collection in item.collections:
            name = _name(item, collection, {one.name for one in survey.measured})
            if closed_only and collection.state != "closed":
                survey.failures.append((name, "still_open"))
                continue
            if collection.collection not in survey.samples:
                survey.samples[collection.collection] = kept.take(session, collection, material.scheme)
            try:
                figures = estimate(item, survey.samples[collection.collection], regions)
            except CannotEstimate as error:
                survey.failures.append((name, error.code))
            else:
                survey.measured.append(Measured(name=name, match=match, estimated=figures))
    survey.measured.sort(key=_order)
    return survey


def for_reading(
    survey: Survey, proposal: Practice, today: date, *, variation: Variation | None = None
) -> Iterator[reading.ItemEvidence[GroupKey]]:
    """The items as the rule of the reading wants them, or as they would be under a variation. Raises CannotEstimate for such."""
    for one in survey.measured:
        item, collection = one.estimated.item.item, one.estimated.sample.collection
        yield reading.ItemEvidence(
            item=one.name,
            level=one.match.level,
            direction=one.match.direction,
            closed=collection.state == "closed",
            age_months=_age_in_months(collection, today),
            sampling=collection.sampling,
            summary=one.estimated.summary if variation is None else vary(one.estimated, variation),
            condition_met=met_by(proposal, item.condition) if item.conditional else None,
        )


def _order(measured: Measured) -> tuple[int, bool, int, str]:
    """Nearest first, slot by slot, and what a reading may rest on before what is still moving."""
    match = measured.match
    apart = len(match.differs) + len(match.unstated)
    return LEVELS.index(match.level), measured.estimated.sample.collection.state == "open", apart, measured.name


def _name(item: StudyItem, collection: Collection, taken: set[str]) -> str:
    """An item as people speak of it: its name, and the wave because another may have asked it too."""
    name = f"“{item.item.name}” of {collection.wave}"
    return f"{name} [{item.id} in {collection.collection}]" if name in taken else name


def _matching(material: Material) -> Iterator[tuple[StudyItem, item_view.ItemMatch]]:
    """The items that ask about such a practice, as compared or as a steward has said."""
    for item in filter(_is_evidence, material.items):
        decision = material.decisions.get(item.id)
        match = judge(material.proposal.draft.practice, item.item.practice, material.vocabulary, decision)
        if match is not None:
            yield item, match


def _is_evidence(item: StudyItem) -> bool:
    """Only attitudes to a practice can be read as licence for it; that it is known, or its operator trusted, cannot."""
    return item.item.role == "attitude" and takes_a_stance(item)


def _age_in_months(collection: Collection, today: date) -> float | None:
    """Months since the end of fieldwork; None when the collection does not say when that was."""
    last = collection.fieldwork_to or collection.fieldwork_from
    try:
        return (today - date.fromisoformat(last[:10])).days / DAYS_IN_A_MONTH if last else None
    except ValueError:
        return None
