"""What analytics owns: proposals, matches and settings. Answers are plain data, never table objects."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import and_, update
from sqlmodel import Session, col, delete, select

from assent_analytics.domain.proposal import AgreedSettings, Draft, MatchDecision, Proposal
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Target
from assent_analytics.store.tables import Matches, Proposals, Showings, Table, Thresholds
from assent_contracts.practice import Practice
from assent_kit.bulk import upsert
from assent_kit.tables import now

_TARGETS = TypeAdapter(tuple[Target, ...])
_SHOWINGS = Table.metadata.tables["showings"]


def find_proposal(session: Session, study: str, proposal: str, *, to_change: bool = False) -> Proposal | None:
    """One proposal of a study; `to_change` keeps others from changing it until the transaction ends."""
    row = session.get(Proposals, proposal, with_for_update=to_change)
    return _proposal(row) if row is not None and row.study == study else None


def list_proposals(session: Session, study: str, *, after: str | None, limit: int) -> list[Proposal]:
    """Proposals in the order in which they were made."""
    query = select(Proposals).where(col(Proposals.study) == study).order_by(col(Proposals.id)).limit(limit)
    if after is not None:
        query = query.where(col(Proposals.id) > after)
    return [_proposal(row) for row in session.exec(query)]


def list_targets(session: Session, study: str) -> list[Target]:
    """The targets of all proposals of a study."""
    rows = session.exec(select(Proposals.targets).where(col(Proposals.study) == study).order_by(col(Proposals.id)))
    return [target for targets in rows for target in _TARGETS.validate_python(targets)]


def save_proposal(session: Session, proposal: Proposal) -> None:
    """Store a new proposal or the new version of one."""
    session.merge(
        Proposals(
            id=proposal.id,
            study=proposal.study,
            version=proposal.version,
            title=proposal.draft.title,
            practice=proposal.draft.practice.model_dump(mode="json", exclude_defaults=True),
            description=proposal.draft.description,
            operator=proposal.draft.operator,
            status=proposal.draft.status,
            targets=_TARGETS.dump_python(proposal.draft.targets, mode="json"),
            targets_dropped=proposal.targets_dropped,
            practice_changed_at=proposal.practice_changed_at,
            evidence_first_shown_at=proposal.evidence_first_shown_at,
            created_at=proposal.created_at,
            created_by=proposal.created_by,
            changed_at=proposal.changed_at,
        )
    )


def note_evidence_shown(session: Session, study: str, proposal: str, moment: datetime) -> None:
    """Note that the evidence of a proposal is being shown, unless it has been before."""
    mine = and_(col(Proposals.id) == proposal, col(Proposals.study) == study, col(Proposals.evidence_first_shown_at).is_(None))
    session.connection().execute(update(Proposals).where(mine).values(evidence_first_shown_at=moment))


def note_items_shown(session: Session, study: str, items: Sequence[str], moment: datetime) -> None:
    """Note that the figures of items are being shown, of those that have not been before."""
    rows = [{"study": study, "item": item, "first_shown_at": moment} for item in sorted(set(items))]
    if rows:
        session.connection().execute(upsert(session, _SHOWINGS).on_conflict_do_nothing(), rows)


def first_showings(session: Session, study: str) -> dict[str, datetime]:
    """When the figures of each item were first shown."""
    return {row.item: row.first_shown_at for row in session.exec(select(Showings).where(col(Showings.study) == study))}


def delete_proposal(session: Session, study: str, proposal: str) -> None:
    """Remove a proposal and what was decided about its matches."""
    session.connection().execute(delete(Matches).where(col(Matches.study) == study, col(Matches.proposal) == proposal))
    session.connection().execute(delete(Proposals).where(col(Proposals.study) == study, col(Proposals.id) == proposal))


def find_decision(session: Session, study: str, proposal: str, item: str) -> MatchDecision | None:
    """What a steward has said of one match, which is to be said anew."""
    row = session.get(Matches, (proposal, item), with_for_update=True)
    return _decision(row) if row is not None and row.study == study else None


def list_decisions(session: Session, study: str, proposal: str) -> dict[str, MatchDecision]:
    """Everything that stewards have said about a proposal's matches, by item."""
    query = select(Matches).where(col(Matches.study) == study, col(Matches.proposal) == proposal)
    return {row.item: _decision(row) for row in session.exec(query)}


def save_decision(session: Session, study: str, proposal: str, decision: MatchDecision) -> None:
    """Store what a steward says of a match, over what was said before."""
    session.merge(
        Matches(
            proposal=proposal,
            item=decision.item,
            study=study,
            version=decision.version,
            level=decision.level,
            direction=decision.direction,
            note=decision.note,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
        )
    )


def find_settings(session: Session, study: str, *, lock: bool = False) -> AgreedSettings:
    """The settings of a study; version 0 and no moment where it keeps to the defaults. With `lock`, nobody else changes them until this
    transaction ends.
    """
    row = session.get(Thresholds, study, with_for_update=lock or None)
    if row is None:
        return AgreedSettings(settings=EvidenceSettings(), version=0, changed_by=None, changed_at=None)
    return AgreedSettings(
        settings=EvidenceSettings.of(row.settings), version=row.version, changed_by=row.changed_by, changed_at=row.changed_at
    )


def save_settings(session: Session, study: str, agreed: AgreedSettings) -> None:
    """Store the settings of a study."""
    session.merge(
        Thresholds(
            study=study,
            version=agreed.version,
            settings=agreed.settings.as_dict(),
            changed_by=agreed.changed_by or "",
            changed_at=agreed.changed_at or now(),
        )
    )


def _proposal(row: Proposals) -> Proposal:
    return Proposal(
        id=row.id,
        study=row.study,
        version=row.version,
        draft=Draft(
            title=row.title,
            practice=Practice.model_validate(row.practice),
            description=row.description,
            operator=row.operator,
            status=row.status,  # type: ignore[arg-type]  # only what a Draft allows was ever stored
            targets=_TARGETS.validate_python(row.targets),
        ),
        targets_dropped=row.targets_dropped,
        practice_changed_at=row.practice_changed_at,
        evidence_first_shown_at=row.evidence_first_shown_at,
        created_at=row.created_at,
        created_by=row.created_by,
        changed_at=row.changed_at,
    )


def _decision(row: Matches) -> MatchDecision:
    return MatchDecision(
        item=row.item,
        level=row.level,  # type: ignore[arg-type]
        direction=row.direction,  # type: ignore[arg-type]
        note=row.note,
        version=row.version,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
