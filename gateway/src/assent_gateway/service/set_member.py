"""Give somebody a role in a study, change it, or take it away."""

from sqlmodel import Session

from assent_gateway.domain.membership import MemberRole, leaves_no_owner
from assent_gateway.domain.records import Member
from assent_gateway.problems import LastOwner
from assent_gateway.store import queries
from assent_gateway.store.tables import MemberRow
from assent_kit.etags import check_match
from assent_kit.problems import NotFound


def set_member(session: Session, study: str, principal: str, *, role: MemberRole, if_match: str | None) -> tuple[Member, bool]:
    """The membership, and whether it is new. Raises NotFound, StaleVersion and LastOwner."""
    if queries.study_row(session, study, for_change=True) is None:
        raise NotFound
    row = queries.member_row(session, study, principal)
    if if_match is not None:
        check_match(if_match, row.version if row is not None else 0)
    if row is None:
        row = MemberRow(study=study, principal=principal, role=role)
        session.add(row)
        return queries.member_of(row), True
    if leaves_no_owner(queries.roles_in(session, study), principal, becomes=role):
        raise LastOwner
    if row.role != role:
        row.role, row.version = role, row.version + 1
    return queries.member_of(row), False


def remove_member(session: Session, study: str, principal: str, *, if_match: str) -> None:
    """Raises NotFound, StaleVersion and LastOwner."""
    queries.study_row(session, study, for_change=True)
    row = queries.member_row(session, study, principal)
    if row is None:
        raise NotFound
    check_match(if_match, row.version)
    if leaves_no_owner(queries.roles_in(session, study), principal, becomes=None):
        raise LastOwner
    session.delete(row)
