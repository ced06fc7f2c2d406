"""Load the talk strand: codebook, people with their consents, groups and interviews with their transcripts, and the codings."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from assent_standalone.demo.client import Api
from assent_standalone.demo.progress import Step
from assent_standalone.demo.study import Row, locate, read, talk_file, with_practice

FORM = "demo-1"
_FORMATS = {"vtt_teams": "vtt", "vtt_zoom": "vtt", "docx": "docx", "txt": "text"}


async def write_codebook(api: Api) -> dict[str, str]:
    """Make the codes; {our name: id}."""
    made: dict[str, str] = {}
    for code in map(with_practice, read("codebook")):
        body = {field: value for field, value in code.items() if field not in ("name", "label")}
        made[code["name"]] = (await api.create("/codes", {**body, "name": code["label"]}))["id"]
    return made


async def register_people(api: Api) -> dict[str, str]:
    """Register the participants under their pseudonyms and record what they agreed to; {speaker's label: id}."""

    async def one(person: Row) -> tuple[str, str]:
        made = await api.create("/participants", {"pseudonym": person["pseudonym"], "attributes": person["attributes"]})
        await api.create(f"/participants/{made['id']}/consents", _consent("given", person["uses"]), key="first")
        return person["speaker"], made["id"]

    return dict(await asyncio.gather(*(one(person) for person in read("participants"))))


async def hold_sessions(api: Api, codes: Mapping[str, str], people: Mapping[str, str], step: Step) -> None:
    """Form the cohorts, import the transcripts, bind the speakers and code what they say."""
    step.expect(len(read("codings")))
    await asyncio.gather(*(_hold(api, session, codes, people, step) for session in read("sessions")))


async def _hold(api: Api, session: Row, codes: Mapping[str, str], people: Mapping[str, str], step: Step) -> None:
    cohort = await api.create("/cohorts", {field: value for field, value in session["cohort"].items() if field != "title"})
    facts = {field: session[field] for field in ("kind", "title", "held_on", "contact")}
    home = f"/sessions/{(await api.create('/sessions', {**facts, 'cohort': cohort['id']}))['id']}"
    transcript = await api.upload(f"{home}/transcript", talk_file(session), {"format": _FORMATS[session["format"]]})
    labels = [speaker["speaker"] for speaker in transcript["speakers"]]
    await api.put(f"{home}/speakers", {label: people.get(label, "researcher") for label in labels})
    turns = [turn async for turn in api.all(f"{home}/turns")]

    async def code(coding: Row) -> None:
        said: Row = {field: coding[field] for field in ("stance", "practice", "memo") if field in coding}
        await api.create(f"{home}/codings", {**said, **span_of(coding["quote"], turns), "code": codes[coding["code"]]})
        step.advance()

    of_session = [with_practice(coding) for coding in read("codings") if coding["session"] == session["name"]]
    await asyncio.gather(*(code(coding) for coding in of_session))


def span_of(quote: str, turns: list[Row]) -> dict[str, Any]:
    """Where a quote stands in the turns: `{start: {turn, offset}, end: {turn, offset}}`. Raises NotFoundOnce."""
    starts = list(accumulate((len(turn["text"]) + 1 for turn in turns), initial=0))
    first, last = locate(quote, "\n".join(turn["text"] for turn in turns))

    def place(at: int) -> dict[str, int]:
        index = bisect_right(starts, at) - 1
        return {"turn": turns[index]["n"], "offset": at - starts[index]}

    end = place(last - 1)
    return {"start": place(first), "end": {**end, "offset": end["offset"] + 1}}


async def withdraw_one(api: Api, people: Mapping[str, str]) -> Row:
    """Let one participant withdraw altogether; the receipt."""
    (leaving,) = [person for person in read("participants") if person["pseudonym"] == read("planted")["withdrawn"]["pseudonym"]]
    path = f"/participants/{people[leaving['speaker']]}/consents"
    return await api.create(path, _consent("withdrawn", ["take_part"]), key="withdrawal")


def _consent(decision: str, uses: list[str]) -> Row:
    form = {"form_version": FORM, "language": "en"} if decision == "given" else {}
    return {"decision": decision, "uses": dict.fromkeys(uses, True), "mode": "online", "taken_by": "demo", **form}
