"""Very many rows at once hold what single rows would."""

import json
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session
from tests.kit.hearsay import open_database

from assent_kit.bulk import (
    LENGTH_DIGITS,
    START_DIGITS,
    Packed,
    is_postgres,
    kept_moment,
    load,
    load_columns,
    load_lines,
    load_packed,
    load_unless_there,
)
from assent_kit.database import Database

AWKWARD = ["plain", "tab\tand\nlines\r\n", 'a \\ and a \\n and \\N and \\\\."', "", "\\.", "æ €", "x" * 3000]
MOMENT = datetime(2026, 9, 1, 12, 30, 15, 7, tzinfo=UTC)


def test_columns_keep_every_text_and_what_all_rows_share(spoken_database: Database) -> None:
    def keep(session: Session) -> None:
        kinds = "at timestamp, number double precision, much bigint, said boolean, never text, always boolean"
        session.execute(text(f"CREATE TABLE many (place integer, words text, other text, shared text, {kinds})"))
        load_columns(
            session,
            "many",
            {
                "place": range(len(AWKWARD)),
                "words": AWKWARD,
                "other": [None if not number % 2 else words for number, words in enumerate(AWKWARD)],
                "shared": repeat("a\tb\\'"),
                "never": repeat(None),
                "always": repeat(True),
                "at": repeat(kept_moment(session, MOMENT)),
                "number": [number / 3 for number in range(len(AWKWARD))],
                "much": repeat(2**40),
                "said": [bool(number % 2) for number in range(len(AWKWARD))],
            },
        )

    spoken_database.write_blocking(keep)
    rows = spoken_database.read_blocking(lambda session: session.execute(text("SELECT * FROM many ORDER BY place")).all())
    assert [row.words for row in rows] == AWKWARD
    assert [row.other for row in rows] == [None if not number % 2 else words for number, words in enumerate(AWKWARD)]
    assert {(row.shared, row.much, row.never, bool(row.always)) for row in rows} == {("a\tb\\'", 2**40, None, True)}
    assert [(row.number, bool(row.said)) for row in rows] == [(number / 3, bool(number % 2)) for number in range(len(AWKWARD))]
    assert {str(row.at) for row in rows} == {"2026-09-01 12:30:15.000007"}


def test_no_rows_are_nothing(spoken_database: Database) -> None:
    spoken_database.write_blocking(lambda session: session.execute(text("CREATE TABLE many (words text, shared text)")) and None)
    spoken_database.write_blocking(load_columns, "many", {"words": [], "shared": repeat("a")})
    assert spoken_database.read_blocking(lambda session: session.execute(text("SELECT * FROM many")).all()) == []


def packed(texts: list[str]) -> Packed:
    """Texts as one, by hand."""
    cells = [text.encode() for text in texts]
    ends = [sum(map(len, cells[: number + 1])) for number in range(len(cells))]
    places = "".join(
        f"{end - len(cell) + 1:0{START_DIGITS}}{len(cell):0{LENGTH_DIGITS}}" for end, cell in zip(ends, cells, strict=True)
    )
    return Packed(b"".join(cells), places=places.encode())


def test_packed_columns_are_cut_where_each_text_ends(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/packed.db")
    texts = [each for each in AWKWARD if each]
    ids = [f"æ{number}" for number in range(len(texts))]

    def keep(session: Session) -> None:
        session.execute(text("CREATE TABLE many (id text, words text, maybe text, number integer, shared text, never text)"))
        columns = {
            "id": Packed("".join(ids).encode(), width=len(ids[0].encode())),
            "words": packed(texts),
            "maybe": packed(["" if not number % 2 else each for number, each in enumerate(texts)]),
            "number": packed([str(10**number) for number in range(len(texts))]),
            "shared": repeat("it's"),
            "never": repeat(None),
        }
        load_packed(session, "many", columns, len(texts))

    database.write_blocking(keep)
    rows = database.read_blocking(lambda session: session.execute(text("SELECT * FROM many ORDER BY rowid")).all())
    wanted = enumerate(zip(ids, texts, strict=True))
    assert [tuple(row) for row in rows] == [
        (id, each, None if not number % 2 else each, 10**number, "it's", None) for number, (id, each) in wanted
    ]
    database.close()


def test_lines_are_all_there_or_none_where_a_key_was(spoken_database: Database) -> None:
    def make(session: Session) -> None:
        session.execute(text("CREATE TABLE known (id varchar(9) PRIMARY KEY, words text)"))

    def load(session: Session, first: int) -> bool:
        ids = [str(number) for number in range(first, first + 3)]
        if is_postgres(session):
            lines = "".join(f"{id}\tw\n" for id in ids).encode()
            return load_unless_there(session, lambda: load_lines(session, "known", ("id", "words"), lines))
        columns = {"id": Packed("".join(ids).encode(), width=1), "words": repeat("w")}
        return load_unless_there(session, lambda: load_packed(session, "known", columns, 3))

    spoken_database.write_blocking(make)
    assert [spoken_database.write_blocking(load, first) for first in (1, 3, 4)] == [True, False, True]
    found = spoken_database.read_blocking(lambda session: session.execute(text("SELECT id FROM known ORDER BY id")).scalars().all())
    assert found == ["1", "2", "3", "4", "5", "6"]


def test_rows_keep_bytes_numbers_and_what_is_absent(spoken_database: Database) -> None:
    names = ("place", "words", "bytes", "number", "said", "json", "at")
    kinds = (
        "place integer, words text, bytes {bytes}, number double precision, said boolean, json json, at timestamp with time zone"
    )
    bodies = [bytes(range(256)) * 40, b"", b"\\x00\t\n", None]

    def keep(session: Session) -> None:
        session.execute(text(f"CREATE TABLE whole ({kinds.format(bytes='bytea' if is_postgres(session) else 'blob')})"))
        at = kept_moment(session, MOMENT)
        rows = [
            (place, AWKWARD[place], body, place / 3 if place else None, bool(place % 2), '{"a":"\\\\n"}', at)
            for place, body in enumerate(bodies)
        ]
        load(session, "whole", names, rows)

    spoken_database.write_blocking(keep)
    rows = spoken_database.read_blocking(lambda session: session.execute(text("SELECT * FROM whole ORDER BY place")).all())
    assert [row.bytes for row in rows] == bodies
    assert [(row.place, row.words, row.number) for row in rows] == [
        (n, AWKWARD[n], n / 3 if n else None) for n in range(len(bodies))
    ]
    assert [bool(row.said) for row in rows] == [False, True, False, True]
    assert all((row.json if isinstance(row.json, dict) else json.loads(row.json)) == {"a": "\\n"} for row in rows)
    assert all(str(row.at).startswith("2026-09-01 12:30:15.000007") for row in rows)
