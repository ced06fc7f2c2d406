"""What analytics keeps of events: the newest state of each aggregate, nothing of who withdrew, and all of it again after a rebuild."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlalchemy import Table as SqlTable
from sqlalchemy import select
from sqlmodel import Session
from tests.analytics.conftest import Analytics, make_tables
from tests.analytics.parents import ITEM, STUDY, parent, record, whole_study
from tests.analytics.test_proposals import make
from tests.support import eventually

from assent_analytics.consumers import consumers
from assent_analytics.store.tables import READ_MODELS, Table
from assent_contracts import registry
from assent_contracts.events.qual import Session as TalkSession
from assent_kit.bus import Record
from assent_kit.replay import rebuild


def everything(session: Session, *, but: Sequence[str] = ()) -> str:
    """Every row of every table, as text."""
    tables: list[SqlTable] = [table for name, table in Table.metadata.tables.items() if name not in but]
    return "\n".join(str(tuple(row)) for table in tables for row in session.execute(select(table)))


def test_every_topic_is_heard() -> None:
    assert set(consumers.topics) == {topic.name for topic in registry.TOPICS}
    assert {topic.name for topic in READ_MODELS} == {topic.name for topic in registry.TOPICS}


async def test_the_newest_state_stands_however_events_arrive(analytics: Analytics) -> None:
    analytics.hear((registry.RESPONSE_CORRECTED, parent(0, groups={"family_form": "couple"})), version=3)
    analytics.hear((registry.RESPONSE_CORRECTED, parent(0, test=True)), version=2)
    (found,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert found["base"] == 600
    (bases,) = (await analytics.get("/bases"))["items"]
    assert bases["variables"][0]["groups"][0]["count"] == 149


async def test_who_withdraws_leaves_nothing_but_a_number(analytics: Analytics) -> None:
    theirs = ("rsp_0001", "res_0001", "par_a", "exc_a1", "exc_a2", "exc_a3")
    before = analytics.database.read_blocking(everything)
    assert all(name in before for name in theirs)
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    analytics.hear_removal(registry.PARTICIPANT_WITHDRAWN, "par_a")
    for name in ("exc_a1", "exc_a2", "exc_a3"):
        analytics.hear_removal(registry.EXCERPT_UNCODED, name)
    without = TalkSession(study=STUDY, session="ses_lone", kind="focus_group", cohort="coh_lone", participants=("par_b",), turns=20)
    analytics.hear((registry.TRANSCRIPT_IMPORTED, without), version=2)
    # `consumed` keeps the versions of the tombstones under their keys, so that a late redelivery cannot bring anyone back.
    after = analytics.database.read_blocking(everything, but=("consumed",))
    assert not [name for name in theirs if name in after]


async def test_a_late_redelivery_brings_nobody_back(analytics: Analytics) -> None:
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    analytics.hear((registry.RESPONSE_RECEIVED, parent(1)))
    assert "res_0001" not in analytics.database.read_blocking(everything)
    (found,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert found["base"] == 599


async def test_a_tombstone_that_is_heard_twice_counts_once(analytics: Analytics) -> None:
    for _ in range(15):
        analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    found = await analytics.get(f"/proposals/{await make(analytics)}/evidence")
    assert found["consent"]["withdrawn"] == "under_10"


class Log:
    """A bus that hands out its records in two parts and waits between them."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = list(records)
        self.go_on = threading.Event()

    def read(self, topics: Sequence[str]) -> Iterator[list[Record]]:
        """Half, a pause, the rest."""
        half = len(self._records) // 2
        yield [one for one in self._records[:half] if one.topic in topics]
        self.go_on.wait(30)
        yield [one for one in self._records[half:] if one.topic in topics]


async def test_a_rebuild_is_announced_and_ends_in_what_the_log_holds(analytics: Analytics) -> None:
    path = f"/proposals/{await make(analytics)}/evidence"
    before = await analytics.ask("GET", path)
    log = Log([record(event, state) for event, state in whole_study() if getattr(state, "response", "") != "rsp_0001"])
    rebuilding = asyncio.create_task(asyncio.to_thread(rebuild, "analytics", consumers, analytics.database, log))  # type: ignore[arg-type]
    found = await eventually(lambda: analytics.get(path), lambda view: "rebuilding" in view)
    assert found["rebuilding"] is True
    assert set(found) == {"proposal", "title", "practice", "as_of", "released", "rebuilding", "missing"}
    held = await analytics.ask("GET", path, headers={"If-None-Match": before.headers["etag"]})
    assert held.status_code == 200
    for refused in ("/items", "/bases", f"/estimates?item={ITEM}"):
        answer = await analytics.ask("GET", refused)
        assert (answer.status_code, answer.json()["code"]) == (503, "rebuilding")
    log.go_on.set()
    await rebuilding
    after = await analytics.get(path)
    assert after["items"][0]["base"] == 599
    assert "res_0001" not in analytics.database.read_blocking(everything)


@pytest.mark.postgres
async def test_the_same_on_postgresql(new_database: Callable[[], str]) -> None:
    url = new_database()
    make_tables(url)
    analytics = Analytics(url)
    analytics.hear(*whole_study())
    analytics.hear((registry.RESPONSE_CORRECTED, parent(0, test=True)), version=2)
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    proposal = await make(analytics)
    found = await analytics.get(f"/proposals/{proposal}/evidence")
    assert found["items"][0]["base"] == 598
    assert found["voices"]["quotations"]
    stands = await analytics.ask("GET", f"/proposals/{proposal}")
    assert stands.json()["evidence_first_shown_at"].endswith("Z")
    changed = await analytics.ask(
        "PATCH", f"/proposals/{proposal}", headers={"If-Match": stands.headers["etag"]}, json={"title": "New"}
    )
    assert changed.json()["evidence_first_shown_at"] == stands.json()["evidence_first_shown_at"]
    for _ in range(2):
        assert (await analytics.ask("PUT", "/evidence-settings", json={"majority": 0.6})).status_code == 200
        assert (await analytics.ask("PUT", f"/proposals/{proposal}/matches/{ITEM}", json={"level": "exact"})).status_code == 200
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0002")
    (estimate,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert estimate["base"] == 597
    late = await analytics.get(f"/proposals/{await make(analytics)}/evidence")
    assert late["profile"]["preregistered"] is False
    analytics.database.close()
