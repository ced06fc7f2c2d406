"""Quotas of a collection: set by the researcher, filled by the responses that may be used, asked by the survey platform."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.problems import NotFound
from assent_kit.tables import now
from assent_survey.domain.quotas import Cell, Filled, count_cells, keys_of, quota_faults
from assent_survey.problems import invalid
from assent_survey.service.define_instrument import published_items
from assent_survey.store.counts import count_usable
from assent_survey.store.fieldwork_tables import QuotaPlan
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection


@dataclass(frozen=True, slots=True)
class Quotas:
    """Cells as full as they are now; `usable` is the number of all finished responses with consent that are no tests."""

    version: int
    usable: int
    cells: list[Filled]


def set_quotas(session: Session, study: str, collection: str, cells: Sequence[Cell], *, if_match: str | None) -> None:
    """Replace the quotas, whole. Raises NotFound, StaleVersion, InvalidRequest."""
    found = find(session, Collection, study, collection)
    kept = session.get(QuotaPlan, collection, with_for_update=True)
    plan = kept or QuotaPlan(collection=collection, study=study, cells=[], version=0)
    if if_match is not None:
        check_match(if_match, plan.version)
    if faults := list(quota_faults(cells, published_items(session, found.instrument, found.number))):
        raise invalid(faults)
    plan.cells = [cell.model_dump(mode="json") for cell in cells]
    plan.version += 1
    plan.changed_at = now()
    session.add(plan)


def read_quotas(session: Session, study: str, collection: str) -> Quotas:
    """The quotas with live counts. Raises NotFound, also where none are set."""
    find(session, Collection, study, collection)
    plan = session.get(QuotaPlan, collection)
    if plan is None:
        raise NotFound
    return _fill(session, plan)


def fill_cells(session: Session, collection: str) -> list[Filled]:
    """The cells of a collection as full as they are now; none where no quotas are set."""
    plan = session.get(QuotaPlan, collection)
    return [] if plan is None else _fill(session, plan).cells


def _fill(session: Session, plan: QuotaPlan) -> Quotas:
    cells = [Cell.model_validate(cell) for cell in plan.cells]
    counts = count_usable(session, plan.collection, keys_of(cells))
    return Quotas(plan.version, sum(count for _, count in counts), count_cells(cells, counts))
