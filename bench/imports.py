"""A file of coded answers into responses: rows a second, and memory, beside the bare insert of the same rows.

The road is the job's: the file out of the database into a process that codes it, and from there, five thousand rows a transaction, into
respondents and responses. The floor is the same rows in the same transactions without anything else: `executemany` on SQLite
as services use it (FULL), `COPY` on PostgreSQL. Default: 100,000 rows; `--rows 1000000` is the full size.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import psutil
import pyreadstat
import pytest
from sqlmodel import Session
from tests.postgres.server import run_postgres

from assent_kit import migrations
from assent_kit.blobs import CHUNK
from assent_kit.bulk import is_postgres, load_columns
from assent_kit.database import Database
from assent_kit.jobs.worker import job_workers
from assent_survey.app import SERVICE
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.import_plan import ImportPlan
from assent_survey.domain.instrument import Item
from assent_survey.formats.spool import ROWS
from assent_survey.service.ask_import import begin_import, keep_piece, queue_import, show_import
from assent_survey.service.define_instrument import create_instrument, publish_instrument
from assent_survey.service.jobs import KINDS
from assent_survey.service.open_collection import open_collection
from assent_survey.settings import SurveySettings
from assent_survey.store.tables import Job, Response
from bench.fsync import measure as fsync_rate

COLUMNS = 40
GOAL = 20_000
STUDY = "stu_bench"
OPTIONS = 5
TABLES = ("respondent", "response")


def write_file(path: Path, rows: int, kind: str) -> None:
    """Synthetic answers: 40 columns of the codes 1 to 5, a weight, and a name for each row."""
    chance = np.random.default_rng(1)
    codes = chance.integers(1, OPTIONS + 1, (rows, COLUMNS)).astype(np.int8)
    weights = chance.choice([0.5, 0.75, 1.0, 1.25, 2.0], rows)
    names = [f"q{number:02}" for number in range(COLUMNS)]
    if kind == "sav":
        import pandas as pd  # only here

        frame = pd.DataFrame({"who": [f"person-{number}" for number in range(rows)], "weight": weights})
        pyreadstat.write_sav(pd.concat([frame, pd.DataFrame(codes.astype(float), columns=names)], axis=1), str(path))
        return
    with path.open("w") as file:
        file.write(",".join(["who", "weight", *names]) + "\n")
        for start in range(0, rows, ROWS):
            lines = zip(weights[start : start + ROWS].tolist(), codes[start : start + ROWS].tolist(), strict=True)
            file.writelines(
                f"person-{start + number},{weight},{','.join(map(str, row))}\n" for number, (weight, row) in enumerate(lines)
            )


def open_for_import(database: Database) -> str:
    """An instrument of as many items, and a collection of it."""
    scale = [{"option": str(option), "label": f"Option {option}"} for option in range(1, OPTIONS + 1)]
    items = [
        Item.model_validate({"name": f"q{number:02}", "wording": "?", "kind": "single", "scale": scale})
        for number in range(COLUMNS)
    ]
    items.append(Item.model_validate({"name": "weight", "wording": "Weight", "kind": "number", "role": "weight"}))
    instrument = database.write_blocking(create_instrument, STUDY, title="Bench", items=tuple(items), external_id=None)
    database.write_blocking(publish_instrument, STUDY, instrument)
    facts = CollectionFacts(wave="1", population="Nobody", sampling="probability", mode="web", weight="weight")
    return database.write_blocking(open_collection, STUDY, instrument=instrument, number=None, facts=facts)


def ask(database: Database, collection: str, path: Path, kind: str) -> str:
    """Queue an import of a file."""
    items = {f"q{number:02}": {"column": f"q{number:02}"} for number in range(COLUMNS)} | {"weight": {"column": "weight"}}
    plan = ImportPlan.model_validate({"respondent": "who", "items": items})
    id = database.write_blocking(begin_import, STUDY, collection, kind=kind, plan=plan, dry_run=False, by="bench")
    with path.open("rb") as file:
        for number, piece in enumerate(iter(lambda: file.read(CHUNK), b"")):
            database.write_blocking(keep_piece, id, number, piece)
    database.write_blocking(queue_import, STUDY, id)
    return id


class Peak(threading.Thread):
    """The most memory that this process and its children held, each by itself, in MB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.own = self.reader = 0.0

    def run(self) -> None:
        me = psutil.Process()
        while not self.done.wait(0.25):  # looking takes milliseconds from the import
            self.own = max(self.own, me.memory_info().rss / 2**20)
            for child in me.children():
                try:
                    self.reader = max(self.reader, child.memory_info().rss / 2**20)
                except psutil.NoSuchProcess:
                    continue


def import_file(url: str, path: Path, kind: str, rows: int, times: int) -> Iterator[tuple[str, float, Peak]]:
    """Import a file, and again; gives seconds and memory of each time."""
    migrations.upgrade(url, SERVICE.migrations)
    database = Database(url)
    settings = SurveySettings(environment="development", database_url=url, bus_url=url)
    collection = open_for_import(database)
    worker, _ = job_workers(Job, KINDS)
    for time_round in range(times):
        id = ask(database, collection, path, kind)
        peak = Peak()
        peak.start()
        started = time.perf_counter()
        assert worker.run_once(database, settings)
        seconds = time.perf_counter() - started
        peak.done.set()
        found = database.read_blocking(show_import, STUDY, id)
        wanted = {"made": rows} if not time_round else {"unchanged": rows}
        assert found.row.outcomes == wanted, (found.state, found.row.outcomes)
        yield ("the same file again", "first time")[not time_round], seconds, peak
    database.close()


def bare(source: str, url: str) -> float:
    """Rows a second of bare inserts of what an import has written, table by table, as many a transaction."""
    migrations.upgrade(url, SERVICE.migrations)
    read, written = Database(source), Database(url)
    total = seconds = 0.0
    after = dict.fromkeys(TABLES, "")
    while True:
        chunk = {table: read.read_blocking(some_rows, table, after[table]) for table in TABLES}
        if not chunk["response"][1]:
            break
        for table, (columns, rows) in chunk.items():
            after[table] = rows[-1][columns.index(_key(table))] if rows else after[table]
        given = {table: by_column(columns, rows) for table, (columns, rows) in chunk.items()}
        started = time.perf_counter()
        written.write_blocking(insert_all, given)
        seconds += time.perf_counter() - started
        total += len(chunk["response"][1])
    read.close()
    written.close()
    return total / seconds


def _key(table: str) -> str:
    return {"respondent": "blind_index", "response": "respondent"}[table]


def some_rows(session: Session, table: str, after: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The next rows of a table, in the order in which the import wrote them."""
    key = _key(table)
    mark = "%s" if is_postgres(session) else "?"
    casts = "*"
    if is_postgres(session) and table == "response":
        names = list(Response.__table__.columns.keys())  # type: ignore[attr-defined]
        casts = ", ".join(f"{each}::text AS {each}" if each in ("content", "problems") else each for each in names)
    statement = f"SELECT {casts} FROM {table} WHERE {key} > {mark} ORDER BY {key} LIMIT {ROWS}"
    found = session.connection().exec_driver_sql(statement, (after,))
    return list(found.keys()), [tuple(row) for row in found.all()]


def insert_all(session: Session, chunk: dict[str, dict[str, Any]]) -> None:
    """The rows of one transaction, by table and column."""
    for table, columns in chunk.items():
        load_columns(session, table, columns)


def by_column(columns: list[str], rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Rows as an import gives them to the database: without columns that are empty, and what all share said once."""
    found = dict(zip(columns, zip(*rows, strict=True), strict=True))
    shared = {name: repeat(values[0]) for name, values in found.items() if len(set(values)) == 1 < len(rows)}
    return {name: shared.get(name, values) for name, values in found.items() if values.count(None) < len(values)}


def compare(name: str, url: Any, folder: Path, rows: int) -> None:
    """One database: the floor and each format."""
    write = sys.stdout.write
    write(f"{name}, {rows:,} rows of {COLUMNS} coded columns and a weight\n")
    for kind in ("csv", "sav"):
        path = folder / f"answers.{kind}"
        if not path.exists():
            # In a process of its own, so that its memory is not counted with the import's.
            writer = multiprocessing.get_context("spawn").Process(target=write_file, args=(path, rows, kind))
            writer.start()
            writer.join()
        source = url(f"survey_{kind}")
        for what, seconds, peak in import_file(source, path, kind, rows, 2 if kind == "csv" else 1):
            rate = rows / seconds
            met = f" (goal {GOAL:,}: {'met' if rate >= GOAL else 'missed'})" if what == "first time" else ""
            memory = f"{peak.own:.0f} MB, reader {peak.reader:.0f} MB"
            write(f"  {kind}, {what:<20} {rate:>8,.0f} rows/s{met}   {memory}\n")
        if kind == "csv":
            floor = bare(source, url("floor"))
            write(f"  bare {'COPY' if name == 'PostgreSQL' else 'executemany'} of the same rows  {floor:>8,.0f} rows/s\n")


def main() -> None:
    """Measure on SQLite and, where it is installed, on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--folder", default=None, help="where the databases are; default: the system's temporary folder")
    chosen = parser.parse_args()
    sys.stdout.write(f"fsync: {fsync_rate(folder=chosen.folder):,.0f} durable 4 kB writes/s; {os.cpu_count()} processors, ")
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name, ExitStack() as stack:
        folder = Path(name)
        compare("SQLite FULL", lambda table: f"sqlite:///{folder}/{table}.db", folder, chosen.rows)
        try:
            server = stack.enter_context(run_postgres())
        except pytest.skip.Exception as reason:
            sys.stdout.write(f"PostgreSQL: not measured: {reason}\n")
            return
        compare("PostgreSQL", lambda table: new_database(server, table), folder, chosen.rows)


def new_database(server: str, name: str) -> str:
    """An empty database on a server."""
    import psycopg
    from sqlalchemy import make_url

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return make_url(server).set(database=name).render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
