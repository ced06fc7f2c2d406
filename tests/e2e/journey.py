"""The whole journey as one suite: run against the one-process composition and against ten processes on PostgreSQL and Kafka.

A module that inherits it gives the fixture `installation`, of module scope: the address, a key that may open studies, the bus, and where
bytes may be looked for. The fixture `study` beside this file loads the demo study into it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console
from sqlalchemy import MetaData, create_engine, select
from tests.support import eventually

from assent_contracts.registry import TOPICS
from assent_kit.bus import Bus
from assent_standalone.demo import load
from assent_standalone.demo.client import Api
from assent_standalone.demo.show import show
from assent_standalone.demo.study import TALK_SOURCES, Row, read


@dataclass
class Installation:
    """What the journey needs to know of an installation."""

    address: str
    key: str
    bus: Bus
    databases: dict[str, str]
    files: list[Path]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Every row of every table of every service as text, with the service and the table."""
        for service, url in self.databases.items():
            engine = create_engine(url)
            tables = MetaData()
            tables.reflect(engine)
            with engine.connect() as connection:
                for table in tables.sorted_tables:
                    for row in connection.execute(select(table)):
                        yield service, table.name, " ".join(map(_text, row))
            engine.dispose()

    def bytes_of_files(self) -> Iterator[tuple[Path, bytes]]:
        """Every file in which records or rows are kept, those of the log included."""
        for root in self.files:
            for path in sorted(root.rglob("*")):
                if path.is_file() and not path.name.startswith("log.jsonl"):
                    try:
                        yield path, path.read_bytes()
                    except FileNotFoundError:  # the broker removes files while we look
                        continue


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@dataclass
class Study:
    """The loaded demo study."""

    http: httpx.AsyncClient
    api: Api
    proposals: dict[str, str]


@pytest.mark.asyncio(loop_scope="module")
class Journey:
    """What must hold wherever Assent runs."""

    async def test_two_proposals_get_different_readings(self, study: Study) -> None:
        views = {name: await load.evidence(study.api, proposal) for name, proposal in study.proposals.items()}
        readings = {name: view["profile"]["reading"] for name, view in views.items()}
        assert len(set(readings.values())) == 2, readings
        for view in views.values():
            assert list(view).index("targets") < list(view).index("items")
            assert view["profile"]["because"]
            assert view["items"][0]["match"]["level"] == "exact"
            assert view["rationales"]
            assert view["missing"]

    async def test_a_cell_is_suppressed_with_all_that_reveals_it(self, study: Study) -> None:
        hidden = 0
        for proposal in study.proposals.values():
            for item in (await load.evidence(study.api, proposal))["items"]:
                for group in item.get("groups", []):
                    if group.get("suppressed"):
                        hidden += 1
                        assert not {"support", "gap", "base", "n_effective"} & {name for name, value in group.items() if value}, (
                            group
                        )
        assert hidden

    async def test_a_long_analysis_is_a_job_that_is_watched_through_the_gateway(self, study: Study) -> None:
        items = (await study.http.get(f"/v1/studies/{study.api.study}/items")).json()["items"]
        item = next(one for one in items if one["collections"])
        asked = await study.http.post(
            f"/v1/studies/{study.api.study}/analyses",
            json={"method": "distribution", "collection": item["collections"][0]["collection"], "items": [item["item"]]},
            headers={"Prefer": "respond-async"},
        )
        assert asked.status_code == 202, asked.text
        told: list[str] = []
        async with study.http.stream("GET", f"{asked.headers['location']}/events") as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            async for line in events.aiter_lines():
                told.append(line)
        assert "event: done" in told, told
        done = (await study.http.get(asked.headers["location"])).json()
        assert done["state"] == "done"
        analysis = (await study.http.get(done["result"])).json()
        assert analysis["result"]["figures"]
        page = await study.http.get(done["result"], headers={"Accept": "text/html"})
        assert page.text.startswith("<!DOCTYPE html>")

    async def test_quotations_come_with_their_consent_and_no_pseudonym(self, study: Study) -> None:
        people = read("participants")
        shown = 0
        for proposal in study.proposals.values():
            voices = (await load.evidence(study.api, proposal))["voices"]
            for quotation in (*voices["quotations"], *voices["counter_quotations"]):
                shown += 1
                assert quotation["text"]
                assert quotation["consent"]
                assert not [person["pseudonym"] for person in people if person["pseudonym"] in str(quotation)]
        assert shown

    async def test_the_view_is_the_same_until_something_changes(self, study: Study) -> None:
        path = f"/v1/studies/{study.api.study}/proposals/{next(iter(study.proposals.values()))}/evidence"
        first = await study.http.get(path)
        again = await study.http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert "private" in first.headers["cache-control"]

    async def test_the_view_can_be_read_by_people(self, study: Study) -> None:
        for proposal in study.proposals.values():
            paper = StringIO()
            show(await load.evidence(study.api, proposal), Console(file=paper, width=140))
            assert "SYNTHETIC" in paper.getvalue()

    async def test_a_second_load_finds_the_first(self, study: Study) -> None:
        found = await load.find(study.http)
        assert found is not None
        assert (found.study, found.new) == (study.api.study, False)

    async def test_no_event_holds_a_planted_name_address_number_quotation_or_free_answer(
        self, study: Study, installation: Installation
    ) -> None:
        planted = read("planted")
        quotations = [coding["quote"] for coding in read("codings")]
        passages = [passage["quote"] for passage in read("passages")]
        secrets = [*planted["names"], *planted["emails"], *planted["phones"], *planted["open_answers"], *quotations, *passages]
        pseudonyms = [person["pseudonym"] for person in read("participants")]
        records = list(_records(installation.bus))
        assert len(records) > 1000
        for place, said in records:
            assert not [secret for secret in (*secrets, *pseudonyms) if secret in said], place

    async def test_another_study_sees_nothing(self, study: Study) -> None:
        other = (await study.http.post("/v1/studies", json={"title": "Another", "description": ""})).json()["id"]
        proposal = next(iter(study.proposals.values()))
        for path in (f"/proposals/{proposal}", f"/proposals/{proposal}/evidence"):
            answered = await study.http.get(f"/v1/studies/{other}{path}")
            assert (answered.status_code, answered.json()["code"]) == (404, "not_found")
        for things in ("documents", "instruments", "collections", "responses", "participants", "sessions", "excerpts", "proposals"):
            assert (await study.http.get(f"/v1/studies/{other}/{things}")).json()["items"] == [], things

    async def test_who_withdrew_is_nowhere(self, study: Study, installation: Installation) -> None:
        gone = read("planted")["withdrawn"]
        traces = [gone["member"], gone["open_answer"], *_speech_of(gone["pseudonym"])]

        async def left() -> list[str]:
            in_rows = [f"{service}.{table}" for service, table, row in installation.rows() if _any(traces, row)]
            in_files = [str(path) for path, content in installation.bytes_of_files() if _any_bytes(traces, content)]
            return in_rows + in_files

        await eventually(left, lambda found: not found, within=60)


def _records(bus: Bus) -> Iterable[tuple[str, str]]:
    for batch in bus.read([topic.name for topic in TOPICS]):
        for record in batch:
            value = (record.value or b"").decode()
            yield f"{record.topic}/{record.key}", f"{record.key} {value} {dict(record.headers)}"


def _speech_of(pseudonym: str) -> list[str]:
    """The pseudonym and the sentences of this participant, who speaks in one session; of each, enough to be theirs alone."""
    person: Row = next(one for one in read("participants") if one["pseudonym"] == pseudonym)
    session: Row = next(one for one in read("sessions") if one["name"] == person["session"])
    talk = (TALK_SOURCES / f"{session['file']}.txt").read_text().splitlines()
    said = " ".join(line.removeprefix(f"{person['speaker']}: ") for line in talk if line.startswith(person["speaker"]))
    sentences = [sentence for sentence in re.split(r"(?<=[.?!]) ", said) if len(sentence) > 25]
    assert len(sentences) > 3
    return [pseudonym, *sentences]


def _any(traces: list[str], text: str) -> bool:
    return any(trace in text for trace in traces)


def _any_bytes(traces: list[str], content: bytes) -> bool:
    return any(trace.encode() in content for trace in traces)
