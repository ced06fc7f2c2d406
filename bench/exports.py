"""Exports of a collection of 60 coded items, each format in a process of its own: seconds, rows/s, peak memory, size of the file.

Beside .sav stands its floor in the same run: pyreadstat alone, writing the same columns from a ready frame. What is measured is the job
as the worker does it: reading pages of SQLite, coding, writing, compressing, and keeping the file in pieces.
Goals at 1,000,000 responses: .sav in less than 60 s and 1.5 GB; all others in less than 300 MB.
Run: `python bench/exports.py [--rows 1000000] [--formats csv sav …]`.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlmodel import Session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assent_kit import migrations
from assent_kit.database import Database
from assent_kit.jobs.worker import Task
from assent_survey.app import SERVICE
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.instrument import Item
from assent_survey.exports import EXPORTERS
from assent_survey.service.ask_export import ask_export, show_export
from assent_survey.service.define_instrument import create_instrument, publish_instrument
from assent_survey.service.make_export import make_export
from assent_survey.service.open_collection import open_collection
from assent_survey.settings import SurveySettings

STUDY, ITEMS, DISTINCT, AT_ONCE = "stu_bench", 60, 1_000, 10_000
GOALS = {"sav": "goal: < 60 s and < 1500 MB at 1,000,000 rows"}
OTHERS = "goal: < 300 MB at 1,000,000 rows"
REASONS = ("refused", "dont_know", "not_asked", "break_off")

Measured = tuple[float, float, int]
"""Seconds, peak memory in MB, bytes."""


# --- the collection --------------------------------------------------------------------------------------------------------------


def prepare(url: str, rows: int) -> str:
    """Tables, an instrument, a collection and its responses; the collection's id."""
    migrations.upgrade(url, SERVICE.migrations)
    database = Database(url)
    scale = [{"option": f"o{n}", "label": f"Option number {n}"} for n in range(5)]
    items = tuple(
        Item.model_validate({"name": f"q{n}", "wording": f"Question number {n}?", "kind": "single", "scale": scale})
        for n in range(ITEMS)
    )
    instrument = database.write_blocking(create_instrument, STUDY, title="Bench", items=items, external_id=None)
    database.write_blocking(publish_instrument, STUDY, instrument)
    facts = CollectionFacts(wave="1", population="Nobody", sampling="probability", mode="web")
    collection = database.write_blocking(open_collection, STUDY, instrument=instrument, number=None, facts=facts)
    made = responses(collection, rows)
    while batch := [row for _, row in zip(range(AT_ONCE), made, strict=False)]:
        database.write_blocking(_insert, batch)
    database.close()
    return collection


_COLUMNS = (
    *("id", "study", "collection", "respondent", "respondent_index", "response_index", "version", "complete", "finished", "test"),
    *("said", "size", "arrival", "content", "problems", "received_at", "changed_at"),
)
_INSERT = text(f"INSERT INTO response ({', '.join(_COLUMNS)}) VALUES ({', '.join(':' + name for name in _COLUMNS)})")


def _insert(session: Session, batch: list[dict[str, Any]]) -> None:
    session.connection().execute(_INSERT, batch)


def responses(collection: str, rows: int) -> Iterator[dict[str, Any]]:
    """Rows of responses as they are kept; one answer in ten is missing."""
    chance = random.Random(7)
    contents = [json.dumps(_content(chance)) for _ in range(DISTINCT)]
    for number in range(rows):
        index = f"{number:064x}"
        yield {
            "id": f"rsp_{number:026d}", "study": STUDY, "collection": collection, "respondent": f"rsd_{number:026d}",
            "respondent_index": index, "response_index": index, "version": 1, "complete": True, "finished": True, "test": False,
            "said": index, "size": ITEMS, "arrival": f"dlv_{number:026d}", "content": contents[number % DISTINCT], "problems": "[]",
            "received_at": "2026-11-01 12:00:00.000000", "changed_at": "2026-11-01 12:00:00.000000",
        }  # fmt: skip


def _content(chance: random.Random) -> dict[str, Any]:
    answers: dict[str, str] = {}
    missing: dict[str, str] = {}
    for number in range(ITEMS):
        if chance.random() < 0.1:
            missing[f"q{number}"] = chance.choice(REASONS)
        else:
            answers[f"q{number}"] = f"o{chance.randrange(5)}"
    nothing = {"groups": {}, "texts": {}, "weight": None, "stratum": None, "cluster": None}
    return {"answers": answers, "missing": missing, **nothing, "consented": True}


# --- what is measured ------------------------------------------------------------------------------------------------------------


def ours(url: str, collection: str, format: str) -> Measured:
    """One export, as the worker makes it."""
    database, settings = Database(url), SurveySettings(environment="development", database_url=url, bus_url=url)
    wanted = {"include_partial": True, "language": None, "received_day": False}
    export = database.write_blocking(ask_export, STUDY, collection, format=format, wanted=wanted, by="bench")
    task = Task("job", STUDY, {"export": export}, "bench", database, settings, lambda *_: True)
    started = time.perf_counter()
    make_export(task)
    seconds = time.perf_counter() - started
    size = database.read_blocking(show_export, STUDY, export).row.size or 0
    database.close()
    return seconds, peak(), size


def floor(rows: int) -> Measured:
    """pyreadstat alone, from a frame that is ready."""
    import pandas as pd  # only here
    import pyreadstat

    chance = np.random.default_rng(7)
    names = [f"q{n}" for n in range(ITEMS)]
    columns: dict[str, Any] = {"case_id": np.array([f"c{number:016d}" for number in range(rows)], dtype=object)}
    columns |= {name: chance.integers(-9, 6, rows).astype(np.int32) for name in names}
    frame = pd.DataFrame(columns, copy=False)
    labels = {name: {n: f"Option number {n}" for n in range(6)} for name in names}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "floor.sav"
        started = time.perf_counter()
        ranges: dict[str, Any] = {name: [{"lo": -9, "hi": -6}] for name in names}
        pyreadstat.write_sav(frame, path, variable_value_labels=labels, missing_ranges=ranges, row_compress=True)  # type: ignore[arg-type]
        return time.perf_counter() - started, peak(), path.stat().st_size


def peak() -> float:
    """The most memory that this process ever held, in MB.

    Not `ru_maxrss`: on Linux a process inherits that from the one that started it, which has made a million rows here.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def apart(measure: Any, *arguments: Any) -> Measured:
    """Measure in a process of its own, so that each peak is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        measured: Measured = pool.apply(measure, arguments)
        return measured


def main() -> None:
    """Prepare, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--formats", nargs="+", default=list(EXPORTERS), choices=list(EXPORTERS))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/survey.db"
        started = time.perf_counter()
        collection = prepare(url, chosen.rows)
        print(f"exports of {chosen.rows:,} responses to {ITEMS} items (made in {time.perf_counter() - started:.0f} s)")
        for format in chosen.formats:
            seconds, memory, size = apart(ours, url, collection, format)
            rate = chosen.rows / seconds
            line = f"  {format:<9} {seconds:6.1f} s  {rate:8,.0f} rows/s  peak {memory:6,.0f} MB  {size / 2**20:6.1f} MB zipped"
            print(f"{line}   {GOALS.get(format, OTHERS)}", flush=True)
            if format == "sav":
                bare, bare_memory, bare_size = apart(floor, chosen.rows)
                print(
                    f"  floor     {bare:6.1f} s  pyreadstat alone   peak {bare_memory:6,.0f} MB  {bare_size / 2**20:6.1f} MB",
                    end="",
                )
                print(f"             ratio {bare / seconds:.2f} of the floor's speed", flush=True)


if __name__ == "__main__":
    main()
