"""Originals and raw files as 1 MiB chunks in the service's own database: pods are read-only and there are several of them."""

from collections.abc import Iterator

from sqlmodel import Field, LargeBinary, Session, SQLModel, col, delete, select

CHUNK = 1024 * 1024
LARGEST = 50 * 1024 * 1024


class BlobColumns(SQLModel):
    """The columns of a service's `blob` table."""

    id: str = Field(primary_key=True, max_length=80)
    number: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)


def blob_table(base: type[SQLModel]) -> type[BlobColumns]:
    """The `blob` table on a service's own metadata."""

    class Blob(BlobColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "blob"

    return Blob


def put(session: Session, table: type[BlobColumns], id: str, content: bytes) -> None:
    """Keep a file under an id; the caller has checked its size against LARGEST."""
    for number, start in enumerate(range(0, len(content), CHUNK)):
        session.add(table(id=id, number=number, content=content[start : start + CHUNK]))
        session.flush()


def read(session: Session, table: type[BlobColumns], id: str) -> bytes:
    """The whole file; empty when there is none."""
    return b"".join(chunks(session, table, id))


def chunks(session: Session, table: type[BlobColumns], id: str) -> Iterator[bytes]:
    """The file chunk by chunk."""
    yield from session.exec(select(table.content).where(table.id == id).order_by(col(table.number)))


def remove(session: Session, table: type[BlobColumns], id: str) -> None:
    """Delete a file."""
    session.connection().execute(delete(table).where(col(table.id) == id))
