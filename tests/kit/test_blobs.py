"""Files in chunks: whole again whatever their size, and gone when removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from assent_kit import blobs
from assent_kit.blobs import CHUNK, blob_table
from assent_kit.database import Database
from assent_kit.tables import table_base

Table = table_base()
Blob = blob_table(Table)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/files.db" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    database = Database(url)
    database.write_blocking(lambda session: Table.metadata.create_all(session.connection()))
    yield database
    database.close()


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Blob)).one()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_file_comes_back_as_it_was(database: Database, size: int) -> None:
    content = (bytes(range(256)) * (size // 256 + 1))[:size]
    database.write_blocking(blobs.put, Blob, "doc_1", content)
    database.write_blocking(blobs.put, Blob, "doc_2", b"another")
    assert database.read_blocking(blobs.read, Blob, "doc_1") == content
    assert database.read_blocking(count) == -(-size // CHUNK) + 1


def test_a_removed_file_leaves_no_chunk_and_takes_no_other_along(database: Database) -> None:
    for name in ("doc_1", "doc_2"):
        database.write_blocking(blobs.put, Blob, name, b"x" * (CHUNK + 1))
    database.write_blocking(blobs.remove, Blob, "doc_1")
    assert database.read_blocking(blobs.read, Blob, "doc_1") == b""
    assert len(database.read_blocking(blobs.read, Blob, "doc_2")) == CHUNK + 1
    assert database.read_blocking(count) == 2
