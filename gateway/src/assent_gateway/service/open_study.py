"""Open a study, change what is said about it, and close it."""

from sqlmodel import Session

from assent_contracts.events import gateway as events
from assent_contracts.registry import STUDY_CLOSED, STUDY_OPENED
from assent_gateway.domain.records import Study
from assent_gateway.problems import MayNotOpenStudies, StudyClosed
from assent_gateway.store import queries
from assent_gateway.store.tables import MemberRow, StudyRow
from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.outbox import append
from assent_kit.problems import NotFound
from assent_kit.tables import now


def may_open_studies(session: Session, principal: str, *, openers: tuple[str, ...]) -> bool:
    """Whether somebody may open studies here: the holder of an installation key, or a subject that the operator listed."""
    key = queries.key_row(session, principal)
    return principal in openers if key is None else key.study is None


def open_study(session: Session, *, title: str, description: str, by: str, openers: tuple[str, ...]) -> str:
    """Open a study and make its opener the owner; answers its id. Raises MayNotOpenStudies."""
    if not may_open_studies(session, by, openers=openers):
        raise MayNotOpenStudies
    study = StudyRow(id=new_id("stu"), title=title, description=description, opened_by=by)
    session.add(study)
    session.flush()
    session.add(MemberRow(study=study.id, principal=by, role="owner"))
    append(session, STUDY_OPENED, events.Study(study=study.id, title=title, state="open"), version=study.version)
    return study.id


def change_study(session: Session, study: str, *, changes: dict[str, str], if_match: str) -> Study:
    """Change the title or the description. Raises NotFound, StudyClosed and StaleVersion."""
    row = _open_row(session, study)
    check_match(if_match, row.version)
    row.sqlmodel_update(changes)
    row.version += 1
    append(session, STUDY_OPENED, events.Study(study=row.id, title=row.title, state="open"), version=row.version)
    return queries.study_of(row)


def close_study(session: Session, study: str) -> Study:
    """Close a study. Closing it again changes nothing. Raises NotFound."""
    row = queries.study_row(session, study, for_change=True)
    if row is None:
        raise NotFound
    if row.state == "open":
        row.state, row.closed_at, row.version = "closed", now(), row.version + 1
        append(session, STUDY_CLOSED, events.Study(study=row.id, title=row.title, state="closed"), version=row.version)
    return queries.study_of(row)


def _open_row(session: Session, study: str) -> StudyRow:
    row = queries.study_row(session, study, for_change=True)
    if row is None:
        raise NotFound
    if row.state == "closed":  # the edge has looked as well, but a moment earlier
        raise StudyClosed
    return row
