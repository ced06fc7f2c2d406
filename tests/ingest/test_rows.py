"""Writing at the same moment on two lanes, as PostgreSQL allows."""

from threading import Barrier, Thread

from sqlmodel import Session, col, select

from assent_ingest.service.keep_rationales import begin_codebook
from assent_ingest.store.queries import insert_unless_there
from assent_ingest.store.tables import Codebook, Outbox, Rationale
from assent_kit.database import Database


def test_a_row_is_inserted_once(database: Database) -> None:
    def insert(session: Session) -> bool:
        return insert_unless_there(session, Codebook(study="stu_a"))

    assert [database.write_blocking(insert) for _ in range(3)] == [True, False, False]


def test_a_study_gets_one_codebook_whoever_writes_first(database: Database) -> None:
    together = Barrier(4)

    def begin() -> None:
        together.wait()
        for number in range(20):
            database.write_blocking(begin_codebook, f"stu_{number}")

    threads = [Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def counts(session: Session) -> tuple[int, int]:
        published = session.exec(select(Outbox).where(col(Outbox.type).contains("rationales"))).all()
        return len(published), len(session.exec(select(Rationale)).all())

    assert database.read_blocking(counts) == (20, 20 * 14)
