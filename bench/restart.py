"""A million responses in the read model: how fast they are kept, and how soon and with how much memory a fresh process answers.

Responses are kept as the consumer does it, in batches of a block. Then a process of its own starts, and asks for an item's estimates by
group over HTTP (in process); the clock runs from before its start. The floor beside it is the reading of the same bytes alone.
"""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from sqlmodel import Session, select
from tests.support import TOKENS, client_of

from assent_analytics.app import SERVICE, create_app
from assent_analytics.domain.columns import Columns
from assent_analytics.service.fill_blocks import fill_next
from assent_analytics.settings import AnalyticsSettings
from assent_analytics.store.read_models import keep
from assent_analytics.store.responses import BLOCK, keep_responses
from assent_analytics.store.tables import Blocks, Collections, Groups, Instruments
from assent_contracts.events.gateway import Groups as GroupsState
from assent_contracts.events.state import State
from assent_contracts.events.survey import Collection, Instrument, Item, Option, Response
from assent_contracts.groups import GroupCategory, GroupVariable
from assent_kit import migrations
from assent_kit.consumer import Change
from assent_kit.database import Database

ROWS = int(os.environ.get("ROWS", "1000000"))
ITEMS = 40
WORDS = ("unacceptable", "neither", "acceptable_if", "acceptable", "dont_know")
GOAL_SECONDS, GOAL_MEMORY = 10.0, 1300
STUDY = "stu_bench"


def furnish(database: Database) -> None:
    """A study with groups, an instrument of forty items, and a closed collection."""
    scale = tuple(Option(option=word, label=word) for word in WORDS)
    items = tuple(
        Item(
            name=f"item{number:02}", wording=f"Item {number}?", kind="single", role="attitude", scale=scale, dont_know="dont_know",
            supports=("acceptable",), conditional=("acceptable_if",), opposes=("unacceptable",),
        )
        for number in range(ITEMS)
    )  # fmt: skip
    categories = tuple(GroupCategory(group=f"group_{number}", label=f"Group {number}") for number in range(6))
    facts: list[tuple[type, str, State]] = [
        (Groups, STUDY, GroupsState(study=STUDY, variables=(GroupVariable(variable="place", label="Place", categories=categories),))),
        (Instruments, "ins_bench.1", Instrument(study=STUDY, instrument="ins_bench", number=1, title="Bench", items=items)),
        (
            Collections, "col_bench",
            Collection(
                study=STUDY, collection="col_bench", instrument="ins_bench", number=1, state="closed", wave="one", population="parents",
                sampling="probability", mode="web", weight="weight", stratum="stratum", cluster="cluster",
            ),
        ),
    ]  # fmt: skip
    for table, key, state in facts:
        database.write_blocking(
            lambda session, change, into: keep(session, [change], table=into), Change(key, STUDY, 1, "set", state), table
        )


def batch(start: int, rows: int, chance: np.random.Generator) -> list[Change]:
    """Responses of successive respondents."""
    picks = chance.integers(0, len(WORDS), (rows, ITEMS))
    groups, weights = chance.integers(0, 6, rows), np.exp(chance.normal(0, 0.25, rows))
    return [
        Change(
            f"rsp_{start + row:08}", STUDY, 1, "received",
            Response(
                study=STUDY, response=f"rsp_{start + row:08}", respondent=f"rsd_{start + row:08}", collection="col_bench",
                instrument="ins_bench", number=1, answers={f"item{place:02}": WORDS[pick] for place, pick in enumerate(picks[row])},
                groups={"place": f"group_{groups[row]}"}, weight=float(weights[row]), stratum=f"s{(start + row) // 50 % 20}",
                cluster=f"c{(start + row) // 50}", consented=True, complete=True,
            ),
        )
        for row in range(rows)
    ]  # fmt: skip


def fill(url: str) -> None:
    """Keep the responses, and make their blocks."""
    database, chance, seconds = Database(url), np.random.default_rng(1), 0.0
    furnish(database)
    for start in range(0, ROWS, BLOCK):
        changes = batch(start, min(BLOCK, ROWS - start), chance)
        before = time.perf_counter()
        database.write_blocking(keep_responses, changes)
        seconds += time.perf_counter() - before
    before, blocks = time.perf_counter(), 0
    while fill_next(database, None):
        blocks += 1
    print(f"kept   {ROWS / seconds:>10,.0f} responses/s")
    print(f"blocks {ROWS / (time.perf_counter() - before):>10,.0f} responses/s ({blocks} blocks)")
    database.close()


async def ask(url: str) -> None:
    """The first answer, and the second; prints the moment of the first, and the peak of memory."""
    settings = AnalyticsSettings(environment="development", database_url=url, bus_url=url, gateway_public_key=TOKENS.public_key)
    database = Database(url)
    client = client_of(create_app(settings, database, {}))
    path = f"/v1/studies/{STUDY}/estimates?item=ins_bench.1.item00&by=place"
    answer = await client.get(path, headers=TOKENS.headers(STUDY, role="researcher"))
    first = time.time()
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"][0]["base"] == ROWS
    other = path.replace("item00", "item01")
    before = time.perf_counter()
    assert (await client.get(other, headers=TOKENS.headers(STUDY, role="researcher"))).status_code == 200
    print(first, time.perf_counter() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    await client.aclose()
    database.close()


def floor(url: str) -> float:
    """Seconds to read and unpack the blocks, and nothing else."""
    database = Database(url)
    before = time.perf_counter()
    packed = database.read_blocking(lambda session: _packed(session))
    for block in packed:
        Columns.unpack(block)
    seconds = time.perf_counter() - before
    database.close()
    return seconds


def _packed(session: Session) -> list[bytes]:
    return [block for block in session.exec(select(Blocks.columns)) if block is not None]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ask"]:
        asyncio.run(ask(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as place:
            address = f"sqlite:///{place}/analytics.db"
            migrations.upgrade(address, SERVICE.migrations)
            fill(address)
            started = time.time()
            printed = subprocess.run(
                [sys.executable, __file__, "--ask", address], check=True, capture_output=True, text=True
            ).stdout
            answered, another, peak = map(float, printed.split())
            met = answered - started < GOAL_SECONDS and peak < GOAL_MEMORY
            print(
                f"restart to first answer {answered - started:.1f} s (goal {GOAL_SECONDS:.0f}; reading the blocks alone "
                f"{floor(address):.1f} s), another item {another:.1f} s, peak {peak:.0f} MB (goal {GOAL_MEMORY})   "
                + ("met" if met else "NOT met")
            )
