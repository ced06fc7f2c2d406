"""Load the demo study through the public API only, and wait until its evidence can be seen.

A study that was loaded before is found by its mark and used again. A load that was interrupted is not mended: the next one opens a
study of its own. Everything is put in the order that evidence needs: thresholds, practices and targets before any estimate.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx
from rich.console import Console

from assent_standalone.demo import LABEL, conversations, fieldwork, library
from assent_standalone.demo.client import Api, Refused, everything, send
from assent_standalone.demo.progress import Steps
from assent_standalone.demo.study import Row, read, with_practice

TITLE = f"{LABEL}: families, records and help in Westmere"
DESCRIPTION = f"{LABEL}. Nobody and nothing in this study is real, and no figure in it is a finding."
MARK = " Loaded whole."
STRANDS = (
    "Documents, and passages coded in them",
    "Conversations, and what is said coded",
    "Signed webhooks of three survey platforms",
)
PATIENCE_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.2


class NotCaughtUp(Exception):
    """The evidence did not come to hold everything that was loaded within two minutes."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The demo study in an installation: its id, its proposals as {our name: id}, and whether it has just been made."""

    study: str
    proposals: dict[str, str]
    new: bool


async def load(http: httpx.AsyncClient, console: Console) -> Loaded:
    """Find the demo study or load it. `http` has the API's address and an `Authorization` header that may open studies.

    Raises Refused when the API turns something down, and NotCaughtUp.
    """
    found = await find(http)
    if found is not None:
        return found
    opened = (await send(http, "POST", "/v1/studies", json={"title": TITLE, "description": DESCRIPTION})).json()
    api = Api(http, opened["id"])
    with Steps(console) as steps:
        proposals = await _fill(api, steps)
    await _mark(http, api.study)
    return Loaded(study=api.study, proposals=proposals, new=True)


async def find(http: httpx.AsyncClient) -> Loaded | None:
    """The demo study that was loaded whole before, if there is one."""
    async for study in everything(http, "/v1/studies"):
        if study["title"] == TITLE and study["description"].endswith(MARK):
            titles = {proposal["title"]: proposal["name"] for proposal in read("proposals")}
            made = [proposal async for proposal in Api(http, study["id"]).all("/proposals")]
            return Loaded(study["id"], {titles[one["title"]]: one["id"] for one in made if one["title"] in titles}, new=False)
    return None


async def _fill(api: Api, steps: Steps) -> dict[str, str]:
    """Everything of the study, in an order in which each thing finds what it needs; the proposals' ids."""
    await _agree(api)
    collections = await fieldwork.prepare(api)
    hooks = await fieldwork.connect(api, collections)
    codes, people = await asyncio.gather(conversations.write_codebook(api), conversations.register_people(api))
    shelf, talk, hooks_called = (steps.begin(words) for words in STRANDS)
    passages, *_ = await asyncio.gather(
        library.fill(api, shelf),
        conversations.hold_sessions(api, codes, people, talk),
        fieldwork.deliver(api, hooks, hooks_called),
    )
    proposals = await _propose(api, passages)
    await api.create(f"/collections/{collections['panel']}/close", {})
    await _withdraw(api, collections["panel"], people)
    step = steps.begin("Evidence, once all of it has arrived", total=2)
    await _until(lambda: _all_respondents(api, collections["panel"]))
    step.advance()
    for name, proposal in proposals.items():
        await _confirm(api, proposal, collections["instrument"], name)
    await _until(Settled(api, *next(iter(proposals.items()))).look)
    step.advance()
    return proposals


async def _agree(api: Api) -> None:
    """What has to stand before anything is measured: groups, words for practices, thresholds."""
    await api.put("/groups", read("groups"))
    for term in read("vocabulary"):
        await api.create("/vocabulary", term)
    await api.put("/evidence-settings", read("evidence_settings"))


async def _propose(api: Api, passages: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Make the proposals; a target that a document names points to the passage. {our name: id}."""
    made: dict[str, str] = {}
    for proposal in map(with_practice, read("proposals")):
        body = {field: value for field, value in proposal.items() if field != "name"}
        targets = [_target(target, passages) for target in proposal["targets"]]
        made[proposal["name"]] = (await api.create("/proposals", {**body, "targets": targets}))["id"]
    return made


def _target(target: Row, passages: Mapping[tuple[str, str], str]) -> Row:
    stated = {field: value for field, value in target.items() if field not in ("document", "code")}
    return {**stated, "passage": passages[target["document"], target["code"]]} if "document" in target else stated


async def _withdraw(api: Api, collection: str, people: Mapping[str, str]) -> None:
    """One respondent and one participant take back what they gave."""
    await api.create("/withdrawals", {"collection": collection, "respondent": read("planted")["withdrawn"]["member"]})
    await conversations.withdraw_one(api, people)


async def _confirm(api: Api, proposal: str, instrument: str, name: str) -> None:
    """A steward confirms that the item asks about the very practice of the proposal."""
    item = next(one["practice"] for one in read("proposals") if one["name"] == name)
    note = {"level": "exact", "note": "The question was worded from the proposal."}
    await api.put(f"/proposals/{proposal}/matches/{instrument}.1.{item}", note)


async def _all_respondents(api: Api, collection: str) -> bool:
    """Whether analytics counts everybody of the panel who took part and stayed."""
    bases = (await api.get("/bases", collection=collection))["items"]
    return [one.get("respondents") for one in bases] == [fieldwork.panel_respondents()]


class Settled:
    """Whether the evidence of a proposal holds every passage and conversation, and has not changed since the last look."""

    def __init__(self, api: Api, name: str, proposal: str) -> None:
        practice = next(one["practice"] for one in read("proposals") if one["name"] == name)
        self._api = api
        self._proposal = proposal
        self._passages = sum(passage["practice"] == practice for passage in read("passages"))
        self._talk = len({coding["session"] for coding in read("codings") if coding.get("practice") == practice})
        self._last: Row = {}

    async def look(self) -> bool:
        """Look once more."""
        view = await evidence(self._api, self._proposal)
        view.pop("as_of")
        last, self._last = self._last, view
        return view == last and self._whole(view)

    def _whole(self, view: Row) -> bool:
        passages = sum(use["passages"] for each in view["rationales"] for use in each["by_stakeholder"])
        sessions = view["voices"]["searched"]["about_this"]
        return (passages, sessions) == (self._passages, self._talk)


async def evidence(api: Api, proposal: str) -> Row:
    """The evidence view of a proposal."""
    return await api.get(f"/proposals/{proposal}/evidence")


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again. Raises NotCaughtUp after two minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise NotCaughtUp("the evidence does not hold everything that was loaded")
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _mark(http: httpx.AsyncClient, study: str) -> None:
    """Say in the study's description that it is whole."""
    path = f"/v1/studies/{study}"
    stands = await send(http, "GET", path)
    await send(http, "PATCH", path, json={"description": DESCRIPTION + MARK}, headers={"If-Match": stands.headers["etag"]})


__all__ = ["Loaded", "NotCaughtUp", "Refused", "evidence", "find", "load"]
