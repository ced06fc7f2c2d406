"""Parents' own addresses: open to whoever has one, bounded, and told to nobody."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from prometheus_client import generate_latest
from starlette.types import Receive, Scope, Send
from tests.gateway.house import SERVICES, Echo, House
from tests.gateway.test_limits import Waiting
from tests.support import eventually

from assent_kit.logs import JsonLines
from assent_kit.upstream import AsgiUpstream

TOKEN = "7k2mq9xw4hb3c8ndv5rt6yszfa"
PAGE = f"/v1/p/{TOKEN}"


async def test_nobody_need_be_known_and_nothing_that_names_anyone_goes_on(house: House) -> None:
    stranger = house.client_with(None)
    named = {"Authorization": "Bearer whatever", "Cookie": "who=me", "X-Assent-Token": "forged"}
    told = (await stranger.post(f"{PAGE}/withdraw?language=cy", content=b"confirm=yes", headers=named)).json()
    assert (told["service"], told["path"], told["query"], told["body"]) == (
        "survey",
        f"{PAGE}/withdraw",
        "language=cy",
        "confirm=yes",
    )
    assert not {"authorization", "cookie", "x-assent-token"} & told["headers"].keys()


async def test_a_parents_body_is_small(house: House) -> None:
    stranger = house.client_with(None)
    assert (await stranger.post(f"{PAGE}/withdraw", content=b"x" * 16_000)).status_code == 200
    assert (await stranger.post(f"{PAGE}/withdraw", content=b"x" * 17_000)).status_code == 413


async def test_one_address_may_ask_only_so_often(build: Callable[..., House]) -> None:
    stranger = build(requests_per_minute=3).client_with(None)
    statuses = [(await stranger.get(PAGE)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


async def test_parents_have_places_of_their_own(build: Callable[..., House]) -> None:
    waiting = Waiting()
    upstreams = dict.fromkeys(SERVICES, AsgiUpstream(Echo("other"))) | {"survey": AsgiUpstream(waiting)}
    house = build(upstreams, upstream_places=1, upstream_queue=0)
    study = await house.open_study()
    researcher = asyncio.create_task(house.client.get(f"{study}/responses"))
    parent = asyncio.create_task(house.client_with(None).get(PAGE))
    await eventually(lambda: asyncio.sleep(0, waiting.reached), lambda reached: reached == 2)
    waiting.go_on.set()
    assert [each.status_code for each in await asyncio.gather(researcher, parent)] == [200, 200]


async def test_a_token_is_neither_logged_nor_counted_by_name(build: Callable[..., House], caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError(TOKEN)

    house = build(dict.fromkeys(SERVICES, AsgiUpstream(broken)))
    with caplog.at_level(logging.DEBUG):
        assert (await house.client_with(None).get(PAGE)).status_code == 502
        assert (await house.client_with(None).post(f"{PAGE}/withdraw")).status_code == 502
    lines = [JsonLines("gateway").format(record) for record in caplog.records if record.name != "httpx"]
    assert lines
    assert not any(TOKEN in line for line in lines)
    counted = generate_latest().decode()
    assert 'route="survey/p"' in counted
    assert TOKEN not in counted
