"""Several pods on one PostgreSQL, and changes that reach them in the same moment: of one version one succeeds, and nothing is lost."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from tests.survey.house import HOME, House, make_tables, settings_for
from tests.survey.senders import SENDERS, Said

from assent_kit.database import Database

pytestmark = pytest.mark.postgres
EACH = 8  # requests to each pod


@pytest.fixture
async def pods(new_database: Callable[[], str]) -> AsyncIterator[list[House]]:
    """Two services on one database, each with several lanes."""
    url = new_database()
    make_tables(url)
    async with AsyncExitStack() as stack:
        houses = []
        for _ in range(2):
            database = Database(url, lanes=4)
            stack.callback(database.close)
            houses.append(House(settings_for(url), database))
            for client in (houses[-1].client, houses[-1].platform):
                await stack.enter_async_context(client)
        yield houses


async def at_once(pods: list[House], method: str, address: str, **wanted: Any) -> list[httpx.Response]:
    """The same request, many times to each pod."""
    return await asyncio.gather(*(pod.client.request(method, address, **wanted) for _ in range(EACH) for pod in pods))


@pytest.mark.parametrize(
    ("method", "what", "wanted"),
    [
        ("PATCH", "/connections/{connection}", {"mapping": SENDERS["typeform"].mapping}),
        ("PATCH", "/collections/{collection}", {"mode": "paper"}),
        ("PUT", "/collections/{collection}/quotas", {"cells": []}),
        ("PATCH", "/item-bank/{entry}", {"notes": "as asked in 2026"}),
        ("PUT", "/collections/{collection}/dispositions", {}),
        ("PUT", "/connections/{connection}/access", {"access": {"token": "a token", "form": "aForm"}}),
    ],
)
async def test_of_several_who_change_one_version_one_does(
    pods: list[House], method: str, what: str, wanted: dict[str, Any]
) -> None:
    client = pods[0].client
    hook = await pods[0].hook("typeform", collection := await pods[0].collection())
    item = {"name": "shared", "wording": "Who may see it?", "kind": "text"}
    entry = await client.post(f"{HOME}/item-bank", json={"item": item, "origin": {"source": "Made up", "licence": "CC-BY-4.0"}})
    for kept, body in (("quotas", {"cells": []}), ("dispositions", {})):
        assert (await client.put(f"{HOME}/collections/{collection}/{kept}", json=body)).status_code == 200
    address = HOME + what.format(connection=hook.id, collection=collection, entry=entry.json()["id"])
    version = (await client.get(address.removesuffix("/access"))).headers["etag"]
    answers = await at_once(pods, method, address, json=wanted, headers={"If-Match": version})
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 2 * EACH - 1}, answers[0].text


async def test_every_secret_that_was_shown_is_good_until_it_ends(pods: list[House]) -> None:
    hook = await pods[0].hook("typeform")
    rotated = await at_once(pods, "POST", f"{HOME}/connections/{hook.id}/rotate")
    assert {answer.status_code for answer in rotated} == {200}, rotated[0].text
    for number, answer in enumerate(rotated):
        raw = SENDERS["typeform"].body(Said(response=f"r{number}"), f"msg_{number}")
        sent = await hook.send_raw(raw, delivery=f"msg_{number}", secret=answer.json()["secret"])
        assert sent.status_code == 200, sent.text


async def test_people_withdraw_while_others_answer(pods: list[House]) -> None:
    """In the same moments, at both pods: everybody is answered, and nothing of those who withdrew is left."""
    collection = await pods[0].collection()
    leaving, staying = ([f"{who} {number}" for number in range(40)] for who in ("leaving", "staying"))

    def submit(pod: House, who: str) -> Any:
        said = {"collection": collection, "respondent": who, "external_id": who, "answers": {"agreed": "yes"}}
        return pod.client.post(f"{HOME}/responses", json=said)

    def withdraw(pod: House, who: str) -> Any:
        return pod.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": who})

    asked = [(do, pod, who) for who in leaving for do in (submit, withdraw) for pod in pods]
    asked += [(submit, pod, who) for who in staying for pod in pods]
    random.Random(7).shuffle(asked)
    answers = await asyncio.gather(*(do(pod, who) for do, pod, who in asked))
    outcomes = Counter((do.__name__, answer.status_code) for (do, _, _), answer in zip(asked, answers, strict=True))
    assert set(outcomes) <= {("submit", 201), ("submit", 409), ("withdraw", 201)}, outcomes
    assert len(await pods[0].responses()) == len(staying)
