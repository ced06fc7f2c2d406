"""What the agency reports of a collection's cases, and the response rates that follow from it and from what arrived."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from assent_contracts.stances import Sampling
from assent_kit.etags import check_match
from assent_kit.tables import now
from assent_survey.domain.blind import as_issued
from assent_survey.domain.coding import Coded
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.dispositions import Cases, Reached, Report, farthest, reached_by
from assent_survey.domain.faults import Fault
from assent_survey.domain.response_rates import Disposition, Eligibility, Figure, proportional_allocation, rates_of
from assent_survey.domain.vignettes.items import questions_only
from assent_survey.problems import invalid
from assent_survey.service.assign_vignettes import shown_items
from assent_survey.service.define_instrument import published_items
from assent_survey.service.keys import Keys
from assent_survey.store.counts import count_tokens, finished_by_respondent, silent_tokens, unfinished_by_respondent
from assent_survey.store.fieldwork_tables import DispositionReport
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection
from assent_survey.store.tokens import report_dispositions


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """Every rate with what it was computed from."""

    sampling: Sampling
    report: Report
    cases: Cases
    counts: dict[Disposition, int]
    e: Eligibility | None
    rates: dict[str, Figure]


def set_report(session: Session, study: str, collection: str, report: Report, *, if_match: str | None) -> None:
    """Replace what was reported of cases without tokens, whole. Raises NotFound, StaleVersion."""
    find(session, Collection, study, collection)
    kept = session.get(DispositionReport, collection, with_for_update=True)  # of two changes of one version the second is told so
    row = kept or DispositionReport(collection=collection, study=study, report={}, version=0)
    if if_match is not None:
        check_match(if_match, row.version)
    row.report = report.model_dump(mode="json")
    row.version += 1
    row.changed_at = now()
    session.add(row)


def read_report(session: Session, study: str, collection: str) -> tuple[Report, int]:
    """What was reported, and its version: 0 where nothing was. Raises NotFound."""
    find(session, Collection, study, collection)
    row = session.get(DispositionReport, collection)
    return (Report(), 0) if row is None else (Report.model_validate(row.report), row.version)


def report_tokens(
    session: Session, study: str, collection: str, *, keys: Keys, reported: Sequence[tuple[str, Disposition | None]]
) -> int:
    """Keep what the agency reports of tokens; answers of how many. All or none: raises NotFound, InvalidRequest for a token that is
    unknown, or of which two things are reported.
    """
    find(session, Collection, study, collection)
    by_index: dict[str, Disposition | None] = {}
    indexes = [keys.blind.token(as_issued(token)) for token, _ in reported]
    faults = [
        Fault(f"/dispositions/{number}/disposition", "something else is reported of this token further up")
        for number, (index, (_, disposition)) in enumerate(zip(indexes, reported, strict=True))
        if by_index.setdefault(index, disposition) != disposition
    ]
    known = report_dispositions(session, collection, by_index)
    faults += [
        Fault(f"/dispositions/{number}/token", "no such token in this collection")
        for number, index in enumerate(indexes)
        if index not in known
    ]
    if faults:
        raise invalid(faults)
    return len(known)


def read_rates(session: Session, study: str, collection: str) -> ResponseRates:
    """The response rates of a collection as it stands. Raises NotFound."""
    row = find(session, Collection, study, collection)
    facts = CollectionFacts.model_validate(row.facts)
    report, _ = read_report(session, study, collection)
    tokens, withdrawn = count_tokens(session, collection)
    cases = Cases(
        responses=_responses(session, row, report.partial_share),
        silent=silent_tokens(session, collection),  # type: ignore[arg-type]  # only dispositions are ever kept
        tokens=tokens,
        withdrawn=withdrawn,
        reported=report.counts,
        issued=facts.issued,
    )
    counts = cases.by_disposition()
    e = proportional_allocation(counts) if report.eligibility is None else Eligibility(report.eligibility, "given")
    rates = rates_of(counts, e, sampling=facts.sampling, base_known=cases.base_known)
    return ResponseRates(facts.sampling, report, cases, counts, e, rates)


def _responses(session: Session, collection: Collection, partial_share: float) -> Counter[Reached]:
    """Respondents by how far they came; each once, also with several responses."""
    items = published_items(session, collection.instrument, collection.number)
    shown = shown_items(session, collection.study, items)
    came: dict[str, Reached] = {}
    for respondent, consented in finished_by_respondent(session, collection.id):
        reached: Reached = "complete" if consented else "declined"
        came[respondent] = farthest((came.get(respondent, reached), reached))
    for respondent, content in unfinished_by_respondent(session, collection.id):
        coded = questions_only(Coded(**content), items, shown)
        reached = reached_by(coded, complete=False, partial_share=partial_share)
        came[respondent] = farthest((came.get(respondent, reached), reached))
    return Counter(came.values())
