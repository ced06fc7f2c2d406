"""Very many rows at once hold what single rows would."""

from datetime import UTC, datetime
from itertools import repeat

from sqlalchemy import text
from sqlmodel import Session

from assent_kit.bulk import kept_moment, load_columns
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
