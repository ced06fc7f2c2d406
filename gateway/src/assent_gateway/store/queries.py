"""Every SQL statement of the gateway. Rows go in and plain data comes out."""

from typing import Any, cast

from sqlmodel import Session, col, delete, select

from assent_contracts.practice import Slot
from assent_contracts.vocabulary import TermDefinition
from assent_gateway.domain.membership import MemberRole
from assent_gateway.domain.records import Key, Member, Membership, Study
from assent_gateway.store.tables import KeyRow, MemberRow, OwnTermRow, StudyRow


def study_row(session: Session, study: str, *, for_change: bool = False) -> StudyRow | None:
    """A study's row; `for_change` keeps other writers of this study out until the transaction ends."""
    wanted = select(StudyRow).where(StudyRow.id == study)
    return session.exec(wanted.with_for_update() if for_change else wanted).first()


def find_study(session: Session, study: str) -> Study | None:
    """A study."""
    row = study_row(session, study)
    return study_of(row) if row is not None else None


def studies_of(session: Session, principal: str, *, after: str | None, limit: int) -> list[Study]:
    """The studies that somebody belongs to, oldest first."""
    wanted = select(StudyRow).join(MemberRow, col(MemberRow.study) == col(StudyRow.id)).where(MemberRow.principal == principal)
    rows = session.exec(wanted.where(col(StudyRow.id) > (after or "")).order_by(col(StudyRow.id)).limit(limit)).all()
    return [study_of(row) for row in rows]


def memberships_of(session: Session, principal: str, *, limit: int) -> list[Membership]:
    """The studies that somebody belongs to, with the role there, newest first."""
    wanted = select(StudyRow, MemberRow.role).join(MemberRow, col(MemberRow.study) == col(StudyRow.id))
    rows = session.exec(wanted.where(MemberRow.principal == principal).order_by(col(StudyRow.id).desc()).limit(limit)).all()
    return [
        Membership(study=row.id, title=row.title, state=cast(Any, row.state), role=cast(MemberRole, role)) for row, role in rows
    ]


def role_and_state(session: Session, study: str, principal: str) -> tuple[MemberRole, str] | None:
    """Somebody's role in a study and the study's state; None for somebody without a role there."""
    wanted = select(MemberRow.role, StudyRow.state).join(StudyRow, col(StudyRow.id) == col(MemberRow.study))
    found = session.exec(wanted.where(MemberRow.study == study, MemberRow.principal == principal)).first()
    return (cast(MemberRole, found[0]), found[1]) if found is not None else None


def member_row(session: Session, study: str, principal: str) -> MemberRow | None:
    """A membership's row."""
    return session.get(MemberRow, (study, principal))


def find_member(session: Session, study: str, principal: str) -> Member | None:
    """A membership."""
    row = member_row(session, study, principal)
    return member_of(row) if row is not None else None


def members_of(session: Session, study: str, *, after: str | None, limit: int) -> list[Member]:
    """The members of a study, by principal."""
    wanted = select(MemberRow).where(MemberRow.study == study, col(MemberRow.principal) > (after or ""))
    return [member_of(row) for row in session.exec(wanted.order_by(col(MemberRow.principal)).limit(limit)).all()]


def roles_in(session: Session, study: str) -> dict[str, str]:
    """{principal: role} of a study."""
    return dict(session.exec(select(MemberRow.principal, MemberRow.role).where(MemberRow.study == study)).all())


def key_row(session: Session, key: str) -> KeyRow | None:
    """A key's row."""
    return session.get(KeyRow, key)


def keys_of(session: Session, study: str, *, after: str | None, limit: int) -> list[Key]:
    """The keys of a study, oldest first."""
    wanted = _keys(study).where(col(KeyRow.id) > (after or "")).order_by(col(KeyRow.id)).limit(limit)
    return [_key_of(row, role) for row, role in session.exec(wanted).all()]


def find_key(session: Session, study: str, key: str) -> Key | None:
    """A key of a study."""
    found = session.exec(_keys(study).where(KeyRow.id == key)).first()
    return _key_of(*found) if found is not None else None


def installation_has_key(session: Session) -> bool:
    """Whether there is a key that belongs to no study."""
    return session.exec(select(KeyRow.id).where(col(KeyRow.study).is_(None)).limit(1)).first() is not None


def forget_principal(session: Session, principal: str) -> list[str]:
    """Remove somebody from every study; answers which."""
    studies = list(session.exec(select(MemberRow.study).where(MemberRow.principal == principal)).all())
    session.execute(delete(MemberRow).where(col(MemberRow.principal) == principal))
    return studies


def own_terms(session: Session, study: str) -> list[TermDefinition]:
    """The practice terms that a study has added, in the order in which it did."""
    rows = session.exec(
        select(OwnTermRow).where(OwnTermRow.study == study).order_by(col(OwnTermRow.added_at), col(OwnTermRow.term))
    ).all()
    return [
        TermDefinition(slot=cast(Slot, row.slot), term=row.term, label=row.label, definition=row.definition, parent=row.parent)
        for row in rows
    ]


def study_of(row: StudyRow) -> Study:
    """A row as plain data."""
    return Study(
        id=row.id,
        title=row.title,
        description=row.description,
        state=cast(Any, row.state),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        version=row.version,
        groups_version=row.groups_version,
        vocabulary_version=row.vocabulary_version,
    )


def member_of(row: MemberRow) -> Member:
    """A row as plain data."""
    return Member(study=row.study, principal=row.principal, role=cast(MemberRole, row.role), since=row.since, version=row.version)


def _keys(study: str) -> Any:
    joined = select(KeyRow, MemberRow.role).join(
        MemberRow, (col(MemberRow.principal) == col(KeyRow.id)) & (col(MemberRow.study) == study), isouter=True
    )
    return joined.where(KeyRow.study == study)


def _key_of(row: KeyRow, role: str | None) -> Key:
    return Key(
        id=row.id,
        study=row.study,
        name=row.name,
        role=cast(MemberRole | None, role),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
