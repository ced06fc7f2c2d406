"""The codebook of rationales: every study begins with the default one, and makes it its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from assent_ingest.domain import rationales as domain
from assent_ingest.problems import RationaleExists
from assent_ingest.service import announce
from assent_ingest.store import queries
from assent_ingest.store.tables import Codebook, Rationale
from assent_kit.etags import check_match
from assent_kit.problems import NotFound


def begin_codebook(session: Session, study: str) -> None:
    """Give the study the default codebook and publish it, unless it has one. Part of the first use case that writes in a study."""
    if queries.find_codebook(session, study) is not None or not queries.insert_unless_there(session, Codebook(study=study)):
        return
    rows = _defaults(study)
    session.add_all(rows)
    announce.rationales_published(session, study, rows, version=1)


def list_rationales(session: Session, study: str, *, after: int, limit: int) -> list[dict[str, Any]]:
    """The study's codebook after a position; the default one as long as nothing has been written in the study."""
    return [queries.plain(row) for row in _codebook(session, study) if row.position > after][:limit]


def find_rationale(session: Session, study: str, code: str) -> dict[str, Any]:
    """One rationale. Raises NotFound."""
    for row in _codebook(session, study):
        if row.code == code:
            return queries.plain(row)
    raise NotFound


def add_rationale(session: Session, study: str, rationale: domain.Rationale) -> str:
    """Add a rationale at the end and publish the codebook; returns its code. Raises RationaleExists."""
    codebook, rows = _to_change(session, study)
    if any(row.code == rationale.code for row in rows):
        raise RationaleExists
    position = max((row.position for row in rows), default=0) + 1
    session.add(_row(study, position, rationale))
    _publish(session, codebook)
    return rationale.code


def change_rationale(session: Session, study: str, code: str, *, changes: Mapping[str, Any], if_match: str) -> None:
    """Change a label, a definition or a stance and publish the codebook. Raises NotFound or StaleVersion."""
    codebook, rows = _to_change(session, study)
    row = next((row for row in rows if row.code == code), None)
    if row is None:
        raise NotFound
    check_match(if_match, row.version)
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    _publish(session, codebook)


def _codebook(session: Session, study: str) -> Sequence[Rationale]:
    return queries.list_rationales(session, study) or _defaults(study)


def _to_change(session: Session, study: str) -> tuple[Codebook, list[Rationale]]:
    """The codebook, locked so that its version counts every change, and its rows."""
    begin_codebook(session, study)
    codebook = queries.find_codebook(session, study, to_change=True)
    assert codebook is not None
    return codebook, list(queries.list_rationales(session, study))


def _publish(session: Session, codebook: Codebook) -> None:
    codebook.version += 1
    session.flush()
    rows = queries.list_rationales(session, codebook.study)
    announce.rationales_published(session, codebook.study, rows, version=codebook.version)


def _defaults(study: str) -> list[Rationale]:
    return [_row(study, position, rationale) for position, rationale in enumerate(domain.DEFAULT_CODEBOOK, start=1)]


def _row(study: str, position: int, rationale: domain.Rationale) -> Rationale:
    return Rationale(
        study=study,
        code=rationale.code,
        position=position,
        label=rationale.label,
        definition=rationale.definition,
        stance=rationale.stance,
    )
