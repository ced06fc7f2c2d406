"""The register of releases as it is stored. Answers are plain data, never table objects."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from assent_analytics.domain.manifest import Manifest
from assent_analytics.domain.release import Kind, Release, ReleasedTable, SecondLook, TableDefinition
from assent_analytics.store.tables import ReleasedTables, Releases


def save_release(session: Session, release: Release) -> None:
    """Store a new release with its tables."""
    session.add(
        Releases(
            id=release.release,
            study=release.study,
            number=release.number,
            kind=release.kind,
            subject=release.subject,
            version=release.version,
            note=release.note,
            content=dict(release.content),
            manifest=release.manifest.model_dump(mode="json", exclude_unset=True),
            released_by=release.released_by,
            released_at=release.released_at,
        )
    )
    session.add_all(
        ReleasedTables(
            id=table.id,
            study=release.study,
            release=table.release,
            version=table.version,
            kind=table.kind,
            collection=table.definition.collection,
            item=table.definition.item,
            definition=table.definition.as_json(),
            edition=table.edition,
            counts=dict(table.counts),
            content=dict(table.content),
            released_at=table.released_at,
            repeats=table.repeats,
        )
        for table in release.tables
    )


def save_second_look(session: Session, release: str, look: SecondLook) -> None:
    """Note on a release that somebody else has looked at it."""
    row = session.get_one(Releases, release)
    row.checked_by, row.checked_at, row.checked_note = look.by, look.at, look.note
    session.add(row)


def newest_number(session: Session, study: str) -> int:
    """The number of the study's newest release, 0 before the first: whoever compares with the register says as of which."""
    return session.exec(select(func.max(Releases.number)).where(col(Releases.study) == study)).one() or 0


def get_release(session: Session, study: str, release: str, *, to_change: bool = False) -> Release | None:
    """One release by its id; `to_change` keeps others from changing it until the transaction ends."""
    row = session.get(Releases, release, with_for_update=to_change)
    return _release(session, row) if row is not None and row.study == study else None


def find_version(session: Session, study: str, kind: Kind, subject: str, version: int | None) -> Release | None:
    """One version of a subject; the newest without a number."""
    query = select(Releases).where(col(Releases.study) == study, col(Releases.kind) == kind, col(Releases.subject) == subject)
    if version is not None:
        query = query.where(col(Releases.version) == version)
    row = session.exec(query.order_by(col(Releases.version).desc()).limit(1)).first()
    return _release(session, row) if row is not None else None


def list_versions(session: Session, study: str, kind: Kind, subject: str, *, after: int, limit: int) -> list[Release]:
    """The versions of a subject after one of them, in their order."""
    query = (
        select(Releases)
        .where(col(Releases.study) == study, col(Releases.kind) == kind, col(Releases.subject) == subject)
        .where(col(Releases.version) > after)
        .order_by(col(Releases.version))
        .limit(limit)
    )
    return [_release(session, row) for row in session.exec(query)]


def list_releases(session: Session, study: str, *, after: str | None, limit: int) -> list[Release]:
    """The study's releases in the order in which they were made."""
    query = select(Releases).where(col(Releases.study) == study).order_by(col(Releases.id)).limit(limit)
    if after is not None:
        query = query.where(col(Releases.id) > after)
    return [_release(session, row) for row in session.exec(query)]


def tables_of_collection(session: Session, study: str, collection: str) -> list[ReleasedTable]:
    """Every table that was released of a collection, the newest first."""
    query = (
        select(ReleasedTables)
        .where(col(ReleasedTables.study) == study, col(ReleasedTables.collection) == collection)
        .order_by(col(ReleasedTables.id).desc())
    )
    return [_table(row) for row in session.exec(query)]


def newest_tables(session: Session, study: str, item: str | None) -> list[ReleasedTable]:
    """The tables that were released last, with the evidence, of an item or of the bases: one for each collection."""
    found: dict[str, ReleasedTable] = {}
    matching = col(ReleasedTables.item).is_(None) if item is None else col(ReleasedTables.item) == item
    query = select(ReleasedTables).where(col(ReleasedTables.study) == study, col(ReleasedTables.kind) == "evidence", matching)
    for row in session.exec(query.order_by(col(ReleasedTables.id).desc())):
        found.setdefault(row.collection, _table(row))
    return [found[collection] for collection in sorted(found)]


def _release(session: Session, row: Releases) -> Release:
    tables: Sequence[ReleasedTables] = session.exec(
        select(ReleasedTables).where(col(ReleasedTables.release) == row.id).order_by(col(ReleasedTables.id))
    ).all()
    looked = None
    if row.checked_by is not None and row.checked_at is not None:
        looked = SecondLook(by=row.checked_by, at=row.checked_at, note=row.checked_note or "")
    return Release(
        release=row.id,
        study=row.study,
        number=row.number,
        kind=row.kind,  # type: ignore[arg-type]  # only what a Release allows was ever stored
        subject=row.subject,
        version=row.version,
        note=row.note,
        content=row.content,
        manifest=Manifest.model_validate(row.manifest),
        released_by=row.released_by,
        released_at=row.released_at,
        checked=looked,
        tables=tuple(map(_table, tables)),
    )


def _table(row: ReleasedTables) -> ReleasedTable:
    return ReleasedTable(
        id=row.id,
        release=row.release,
        version=row.version,
        kind=row.kind,  # type: ignore[arg-type]
        definition=TableDefinition.of(row.definition),
        edition=row.edition,
        counts=row.counts,
        content=row.content,
        released_at=row.released_at,
        repeats=row.repeats,
    )
