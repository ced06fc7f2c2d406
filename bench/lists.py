"""A page of 50 from the middle of very many responses and deliveries, with every filter, beside the bare statement for the same rows.

Each page is what a handler reads: the statement, and rows as objects. The filters are of the unkind sort: what they ask for is one row in
a thousand, or all of them. Goal: under 20 ms at the median. Default: 100,000 rows of each; `--rows 1000000` is the full size.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import orjson
import pytest
from sqlmodel import Session
from tests.postgres.server import run_postgres

from assent_kit import migrations
from assent_kit.bulk import kept_moment, load
from assent_kit.database import Database
from assent_kit.identifiers import new_id, new_ids
from assent_kit.paging import PageRequest
from assent_kit.tables import now
from assent_survey.app import SERVICE
from assent_survey.store.queries import list_deliveries, list_responses
from assent_survey.store.tables import Response
from bench.imports import STUDY, new_database, open_for_import

PAGE, GOAL, TIMES = 50, 20.0, 30
RARE = 1000  # one row in so many
CHUNK = 20_000
RESPONSE = (
    "id", "study", "collection", "respondent", "respondent_index", "response_index", "version", "complete", "finished", "test", "said",
    "size", "arrival", "content", "problems", "received_at", "changed_at",
)  # fmt: skip
DELIVERY = (
    "id", "study", "connection", "collection", "state", "reason", "received_at", "sender_id", "digest", "size", "attempts", "origin",
    "response", "unmapped", "headers", "body",
)  # fmt: skip


def fill(database: Database, rows: int) -> tuple[list[str], str, str]:
    """As many responses and deliveries; gives ids of responses, and the large and the small collection."""
    made: list[str] = []
    collections = (open_for_import(database), open_for_import(database))
    for start in range(0, rows, CHUNK):
        made += database.write_blocking(fill_some, start, min(CHUNK, rows - start), *collections)
    return made, *collections


def fill_some(session: Session, start: int, count: int, many: str, rare: str) -> list[str]:
    """Some of them."""
    moment = kept_moment(session, now())
    content = orjson.dumps(
        {"answers": {f"q{n:02}": "3" for n in range(40)}, "missing": {}, "groups": {}, "texts": {}, "weight": None, "stratum": None}
        | {"cluster": None, "consented": True}
    ).decode()
    ids, odds = new_ids("rsp", count), [not number % RARE for number in range(start, start + count)]
    load(
        session,
        "response",
        RESPONSE,
        [
            (id, STUDY, rare if odd else many, new_id("rsd"), id, id, 1, not odd, True, False, "", 40, "", content, "[]",
             moment, moment)
            for id, odd in zip(ids, odds, strict=True)
        ],
    )  # fmt: skip
    load(
        session,
        "delivery",
        DELIVERY,
        [
            (id, STUDY, "con_rare" if odd else "con_many", "col", "dead" if odd else "applied", "unreadable" if odd else None, moment,
             id, "", 400, 0, "fetch" if odd else "hook", response, "[]", "{}", b"{}" * 200)
            for id, odd, response in zip(new_ids("dlv", count), odds, ids, strict=True)
        ],
    )  # fmt: skip
    return ids


def pages(database: Database, made: list[str], many: str, rare: str) -> Iterator[tuple[str, Callable[[Session], Any]]]:
    """Each list that is asked for."""
    middle = made[len(made) // 2]
    token = database.read_blocking(lambda session: session.get_one(Response, middle).respondent)
    for name, filters in {
        "responses": {},
        "responses of a collection": {"collection": many},
        "of a small collection": {"collection": rare},
        "of a respondent": {"respondent": token},
        "unfinished responses": {"complete": False},
        "finished responses": {"complete": True},
        "of a collection, unfinished": {"collection": many, "complete": False},
    }.items():
        page = PageRequest(limit=PAGE, after=None if "respondent" in filters else middle)
        yield name, lambda session, page=page, filters=filters: list_responses(session, STUDY, page, **filters)
    for name, filters in {
        "deliveries": {},
        "of a connection": {"connection": "con_many"},
        "of a quiet connection": {"connection": "con_rare"},
        "applied": {"state": "applied"},
        "dead": {"state": "dead"},
        "quarantined, of which there are none": {"state": "quarantined"},
        "for a reason": {"reason": "unreadable"},
        "that made a response": {"response": middle},
        "fetched": {"origin": "fetch"},
        "dead, of a connection": {"connection": "con_many", "state": "dead"},
        "applied, of a quiet connection": {"connection": "con_rare", "state": "applied"},
    }.items():
        page = PageRequest(limit=PAGE, after="dlv_0")
        yield name, lambda session, page=page, filters=filters: list_deliveries(session, STUDY, page, **filters)


def median(database: Database, ask: Callable[[Session], Any]) -> float:
    """Milliseconds of a read, at the median."""
    spent = []
    for _ in range(TIMES):
        started = time.perf_counter()
        database.read_blocking(ask)
        spent.append(1000 * (time.perf_counter() - started))
    return statistics.median(spent)


def bare(table: str) -> Callable[[Session], Any]:
    """The floor: as many rows by their key, as the driver gives them."""
    statement = f"SELECT * FROM {table} WHERE id > 'a' ORDER BY id LIMIT {PAGE + 1}"  # names of ours
    return lambda session: session.connection().exec_driver_sql(statement).all()


def report(name: str, url: str, rows: int) -> None:
    """Every list on one database."""
    migrations.upgrade(url, SERVICE.migrations)
    database = Database(url)
    made, many, rare = fill(database, rows)
    database.write_blocking(lambda session: session.connection().exec_driver_sql("ANALYZE"))
    sys.stdout.write(f"{name}, {rows:,} responses and as many deliveries; bare rows by key: responses ")
    sys.stdout.write(f"{median(database, bare('response')):.2f} ms, deliveries {median(database, bare('delivery')):.2f} ms\n")
    for what, ask in pages(database, made, many, rare):
        spent = median(database, ask)
        sys.stdout.write(f"  {what:<40} {spent:>8.2f} ms   goal {GOAL:.0f}: {'met' if spent < GOAL else 'missed'}\n")
    database.close()


def main() -> None:
    """Measure on SQLite and, where it is installed, on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--folder", default=None, help="where the databases are; default: the system's temporary folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder, ExitStack() as stack:
        report("SQLite", f"sqlite:///{folder}/survey.db", chosen.rows)
        try:
            server = stack.enter_context(run_postgres())
        except pytest.skip.Exception as reason:
            sys.stdout.write(f"PostgreSQL: not measured: {reason}\n")
            return
        report("PostgreSQL", new_database(server, "survey"), chosen.rows)


if __name__ == "__main__":
    main()
