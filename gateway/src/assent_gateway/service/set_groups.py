"""Read and set the study's groups of parents, whole."""

from sqlmodel import Session

from assent_contracts.events.gateway import Groups
from assent_contracts.groups import GroupScheme
from assent_contracts.registry import GROUPS_SET
from assent_gateway.problems import StudyClosed
from assent_gateway.store import queries
from assent_kit.etags import check_match
from assent_kit.outbox import append
from assent_kit.problems import NotFound


def read_groups(session: Session, study: str) -> tuple[GroupScheme, int]:
    """The scheme and its version, which is 0 until it is first set. Raises NotFound."""
    row = queries.study_row(session, study)
    if row is None:
        raise NotFound
    return GroupScheme.model_validate_json(row.groups), row.groups_version


def set_groups(session: Session, study: str, *, scheme: GroupScheme, if_match: str | None) -> int:
    """Replace the scheme; answers its new version. Raises NotFound, StudyClosed and StaleVersion."""
    row = queries.study_row(session, study, for_change=True)
    if row is None:
        raise NotFound
    if row.state == "closed":
        raise StudyClosed
    if if_match is not None:
        check_match(if_match, row.groups_version)
    row.groups = scheme.model_dump_json()
    row.groups_version += 1
    append(session, GROUPS_SET, Groups(study=study, variables=scheme.variables), version=row.groups_version)
    return row.groups_version
