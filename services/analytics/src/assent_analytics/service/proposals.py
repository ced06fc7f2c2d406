"""Proposing a practice, changing the proposal and taking it back."""

from collections.abc import Callable
from dataclasses import replace

from sqlmodel import Session

from assent_analytics.domain.proposal import Draft, Proposal, redeclare
from assent_analytics.service.showings import first_seen
from assent_analytics.store import queries
from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.problems import NotFound
from assent_kit.tables import now


def find_proposal(session: Session, *, study: str, proposal: str, to_change: bool = False) -> Proposal:
    """One proposal of the study; `to_change` locks it. Raises NotFound."""
    found = queries.find_proposal(session, study, proposal, to_change=to_change)
    if found is None:
        raise NotFound
    return found


def list_proposals(session: Session, *, study: str, after: str | None, limit: int) -> list[Proposal]:
    """The study's proposals in the order in which they were made."""
    return queries.list_proposals(session, study, after=after, limit=limit)


def make_proposal(session: Session, *, study: str, draft: Draft, by: str) -> Proposal:
    """Propose a practice. Its targets are post hoc if estimates that may decide its reading have been seen elsewhere."""
    moment = now()
    targets, _ = redeclare((), draft.targets, seen=first_seen(session, study, draft.practice, {}) is not None)
    proposal = Proposal(
        id=new_id("prp"),
        study=study,
        version=1,
        draft=replace(draft, targets=targets),
        targets_dropped=0,
        practice_changed_at=moment,
        evidence_first_shown_at=None,
        created_at=moment,
        created_by=by,
        changed_at=moment,
    )
    queries.save_proposal(session, proposal)
    return proposal


def change_proposal(session: Session, *, study: str, proposal: str, if_match: str, change: Callable[[Draft], Draft]) -> Proposal:
    """Replace what is said of a proposal; targets changed after its evidence was shown are marked. Raises NotFound, StaleVersion."""
    before = find_proposal(session, study=study, proposal=proposal, to_change=True)
    check_match(if_match, before.version)
    draft = change(before.draft)
    moment = now()
    decisions = queries.list_decisions(session, study, proposal)
    seen = before.seen or first_seen(session, study, draft.practice, decisions) is not None
    targets, dropped = redeclare(before.draft.targets, draft.targets, seen=seen)
    after = replace(
        before,
        version=before.version + 1,
        draft=replace(draft, targets=targets),
        targets_dropped=before.targets_dropped + dropped,
        practice_changed_at=before.practice_changed_at if draft.practice == before.draft.practice else moment,
        changed_at=moment,
    )
    queries.save_proposal(session, after)
    return after


def withdraw_proposal(session: Session, *, study: str, proposal: str, if_match: str) -> None:
    """Delete a proposal and what was decided about its matches. Raises NotFound, StaleVersion."""
    before = find_proposal(session, study=study, proposal=proposal, to_change=True)
    check_match(if_match, before.version)
    queries.delete_proposal(session, study, proposal)
