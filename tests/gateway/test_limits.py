"""Limits at the edge: bodies, headers, rates, guessing, CORS, and services that are slow, full or gone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from tests.gateway.house import SERVICES, Echo, House, answer
from tests.support import eventually
from tests.wire import Impatient, request, say, serving

from assent_gateway.proxy.rates import Counters
from assent_kit.upstream import AsgiUpstream, HttpUpstream


async def pieces(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


# --- bodies and headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_refused_and_never_handed_on_as_whole(build: Callable[..., House], chunked: bool) -> None:
    house = build(most_json_bytes=10_000, most_upload_bytes=50_000)
    study = await house.open_study()
    body: Any = pieces(11, 1000) if chunked else b"x" * 11_000
    refused = await house.client.post(f"{study}/responses", content=body)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert house.services["survey"].seen == []
    as_file = {"Content-Type": "multipart/form-data; boundary=b"}
    assert (await house.client.post(f"{study}/documents", content=b"x" * 40_000, headers=as_file)).status_code == 200
    assert (await house.client.post(f"{study}/documents", content=b"x" * 51_000, headers=as_file)).status_code == 413


async def test_own_resources_have_the_same_limits(build: Callable[..., House]) -> None:
    house = build(most_json_bytes=1024)
    refused = await house.client.post("/v1/studies", content=pieces(3, 1000))
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_hooks_have_a_limit_of_their_own(build: Callable[..., House]) -> None:
    house = build(most_json_bytes=1024, most_hook_bytes=5000)
    stranger = house.client_with(None)
    assert (await stranger.post("/v1/hooks/con_1", content=b"x" * 4000)).status_code == 200
    assert (await stranger.post("/v1/hooks/con_1", content=b"x" * 6000)).status_code == 413


@pytest.mark.parametrize("headers", [{"X-Long": "x" * 40_000}, {f"X-{number}": "1" for number in range(120)}])
async def test_too_many_or_too_long_headers_are_refused(house: House, headers: dict[str, str]) -> None:
    refused = await house.client.get("/v1/me", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (431, "headers_too_large")


async def test_a_stalled_or_trickling_body_is_refused_in_time(build: Callable[..., House]) -> None:
    house = build(body_seconds=0.2, body_bytes_per_second=1000)
    study = await house.open_study()
    headers = {"Authorization": house.client.headers["authorization"], "Content-Length": "1000"}
    async with serving(house.app, http=Impatient) as port:
        told = await say(port, request("POST", f"{study}/responses", headers, b"half"))
        assert told.startswith(b"HTTP/1.1 408 ")
        assert b"body_stalled" in told
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("POST", f"{study}/responses", headers).replace(b"Connection: close\r\n", b""))
        trickle = asyncio.create_task(_trickle(writer))
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        assert b"body_stalled" in await reader.readuntil(b"}")
        with suppress(ConnectionResetError):  # it goes on sending, so it is hung up on
            await reader.read()
        trickle.cancel()
        writer.close()
    assert house.services["survey"].seen == []


async def _trickle(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


SMUGGLED = [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    b"Content-Length: +4\r\n\r\nabcd",
    b"Content-Length : 4\r\n\r\nabcd",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"X-Folded: a\r\n b\r\nContent-Length: 4, 4\r\n\r\nabcd",
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabcd\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabcd\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("smuggled", SMUGGLED)
async def test_unclear_framing_never_reaches_a_service(build: Callable[..., House], smuggled: bytes) -> None:
    echo = Echo("survey")
    async with serving(echo, lifespan="off") as behind:
        upstreams = dict.fromkeys(SERVICES, HttpUpstream(f"http://127.0.0.1:{behind}"))
        house = build(upstreams)
        study = await house.open_study()
        async with serving(house.app) as port:
            head = f"POST {study}/responses HTTP/1.1\r\nHost: x\r\nAuthorization: {house.client.headers['authorization']}\r\n"
            told = await say(port, head.encode() + smuggled + b"GET /v1/smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert told.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 422 ")), told[:200]
        assert echo.seen == []
        await upstreams["survey"].close()


# --- rates -----------------------------------------------------------------------------------------------------------------------


async def test_each_principal_has_a_rate_that_is_told(build: Callable[..., House]) -> None:
    house = build(requests_per_minute=8)
    study = await house.open_study()
    coder = await house.member(study, "coder")
    told = [await coder.get(f"{study}/codes") for _ in range(9)]
    assert [one.status_code for one in told] == [200] * 8 + [429]
    assert told[0].headers["ratelimit-policy"] == '"principal";q=8;w=60'
    assert told[0].headers["ratelimit"].startswith('"principal";r=7;t=')
    assert told[8].json()["code"] == "too_many_requests"
    assert 0 < int(told[8].headers["retry-after"]) <= 60
    assert told[8].headers["ratelimit"].startswith('"principal";r=0;')
    assert (await house.client.get(f"{study}/codes")).status_code == 200


async def test_a_broken_counter_does_not_close_the_house(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(Counters, "incr", broken)
    monkeypatch.setattr(Counters, "get", broken)
    study = await house.open_study()
    assert (await house.client.get(f"{study}/codes")).status_code == 200
    assert (await house.client_with("assent_x").get("/v1/me")).status_code == 401


def test_counters_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counters, "most", 10)
    counters = Counters()
    for number in range(1000):
        assert counters.incr(f"address {number}", 60) == 1
    assert counters.reset() <= 10
    assert [counters.incr("one", 60) for _ in range(3)] == [1, 2, 3]
    assert counters.get("one") == 3


async def test_guessing_keys_is_stopped_by_address(build: Callable[..., House]) -> None:
    house = build(failed_attempts_per_minute=5, trusted_proxies=1)
    right = house.client.headers["authorization"]
    wrong = f"assent_{house.first_key.id.removeprefix('key_')}_{'0' * 64}"
    thief = {"X-Forwarded-For": "203.0.113.9"}
    guesses = [await house.client_with(wrong).get("/v1/me", headers=thief) for _ in range(6)]
    assert [guess.status_code for guess in guesses] == [401] * 5 + [429]
    assert guesses[5].json()["code"] == "too_many_failed_attempts"
    assert guesses[5].headers["retry-after"] == "60"
    stranger = house.client_with(None)
    assert (await stranger.get("/v1/me", headers={"Authorization": right, **thief})).status_code == 429
    elsewhere = {"Authorization": right, "X-Forwarded-For": "203.0.113.9, 198.51.100.1"}
    assert (await stranger.get("/v1/me", headers=elsewhere)).status_code == 200


# --- CORS ------------------------------------------------------------------------------------------------------------------------


async def test_browsers_are_let_in_from_the_named_origins_only(build: Callable[..., House]) -> None:
    house = build(cors_origins="https://app.example, https://other.example")
    study = await house.open_study()
    preflight = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "if-match",
    }
    allowed = await house.client.options(study, headers=preflight)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "https://app.example")
    told = await house.client.get(study, headers={"Origin": "https://app.example"})
    exposed = {name.strip().lower() for name in told.headers["access-control-expose-headers"].split(",")}
    assert {"etag", "location", "ratelimit", "x-request-id"} <= exposed
    assert "access-control-allow-credentials" not in told.headers
    refused = await house.client.get("/v1/me", headers={"Origin": "https://evil.example", "Authorization": ""})
    assert refused.status_code == 401
    assert "access-control-allow-origin" not in refused.headers
    seen = await house.client_with(None).get("/v1/me", headers={"Origin": "https://other.example"})
    assert (seen.status_code, seen.headers["access-control-allow-origin"]) == (401, "https://other.example")


# --- slow, full and absent services ----------------------------------------------------------------------------------------------


class Waiting(Echo):
    """A service that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__("waiting")
        self.go_on = asyncio.Event()
        self.reached = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached += 1
        await self.go_on.wait()
        await answer(send, 200, b"{}")


async def test_a_full_service_says_so_and_the_others_go_on(build: Callable[..., House]) -> None:
    waiting, echo = Waiting(), Echo("other")
    upstreams = dict.fromkeys(SERVICES, AsgiUpstream(echo)) | {"survey": AsgiUpstream(waiting)}
    house = build(upstreams, upstream_places=2, upstream_queue=1)
    study = await house.open_study()
    assert (await house.client.get(f"{study}/documents")).status_code == 200
    under_way = [asyncio.create_task(house.client.get(f"{study}/responses")) for _ in range(3)]
    await eventually(lambda: asyncio.sleep(0, waiting.reached), lambda reached: reached == 2)
    refused = await house.client.get(f"{study}/responses")
    assert (refused.status_code, refused.json()["code"]) == (503, "service_busy")
    assert int(refused.headers["retry-after"]) > 0
    assert (await house.client.get(f"{study}/documents")).status_code == 200
    hook = asyncio.create_task(house.client_with(None).post("/v1/hooks/con_1", content=b"{}"))
    await eventually(lambda: asyncio.sleep(0, waiting.reached), lambda reached: reached == 3)  # hooks have places of their own
    waiting.go_on.set()
    assert [one.status_code for one in await asyncio.gather(*under_way, hook)] == [200] * 4


async def test_a_silent_service_is_not_waited_for_and_then_left_alone(build: Callable[..., House]) -> None:
    waiting = Waiting()
    house = build(dict.fromkeys(SERVICES, AsgiUpstream(waiting)), upstream_patience_seconds=0.02)
    study = await house.open_study()
    told = [await house.client.get(f"{study}/codes") for _ in range(6)]
    assert [one.json()["code"] for one in told] == ["service_silent"] * 5 + ["service_unreachable"]
    assert [one.status_code for one in told] == [504] * 5 + [503]
    assert waiting.reached == 5
    assert int(told[5].headers["retry-after"]) > 0


async def test_an_unreachable_service_is_unavailable(build: Callable[..., House]) -> None:
    upstream = HttpUpstream("http://127.0.0.1:1")
    house = build(dict.fromkeys(SERVICES, upstream))
    study = await house.open_study()
    told = await house.client.get(f"{study}/codes")
    assert (told.status_code, told.json()["code"]) == (503, "service_unreachable")
    assert "127.0.0.1" not in told.text
    await upstream.close()


@pytest.mark.parametrize("over_http", [False, True])
async def test_a_storm_of_clients_that_leave_does_no_lasting_harm(build: Callable[..., House], over_http: bool) -> None:
    waiting = Waiting()
    async with serving(waiting, lifespan="off") as behind:
        upstream = HttpUpstream(f"http://127.0.0.1:{behind}") if over_http else AsgiUpstream(waiting)
        house = build(dict.fromkeys(SERVICES, upstream), upstream_places=10, upstream_queue=10)
        study = await house.open_study()
        headers = {"Authorization": house.client.headers["authorization"]}
        hop = house.app._hops["survey"]  # type: ignore[attr-defined]
        async with serving(house.app) as port:
            for _ in range(10):
                storm = [say(port, request("GET", f"{study}/responses", headers), hang_up=True) for _ in range(20)]
                await asyncio.gather(*storm)
            await eventually(lambda: asyncio.sleep(0, hop.bulkhead.taken), lambda taken: taken == 0)
            waiting.go_on.set()
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
                calm = await asyncio.gather(*[client.get(f"{study}/responses") for _ in range(20)])
            assert [one.status_code for one in calm] == [200] * 20
        await upstream.close()


async def test_a_client_that_does_not_read_loses_its_place(build: Callable[..., House]) -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})

    house = build(dict.fromkeys(SERVICES, AsgiUpstream(endless)), upstream_patience_seconds=0.2)
    study = await house.open_study()
    hop = house.app._hops["qual"]  # type: ignore[attr-defined]
    async with serving(house.app) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(request("GET", f"{study}/codes", {"Authorization": house.client.headers["authorization"]}))
        await eventually(lambda: asyncio.sleep(0, hop.bulkhead.taken), lambda taken: taken == 1)
        await eventually(lambda: asyncio.sleep(0, hop.bulkhead.taken), lambda taken: taken == 0)
        writer.transport.abort()


ODD = [
    b"GET {study}/responses?q=\xff&\xc3\xa9 HTTP/1.1\r\nHost: x\r\n",
    b"GET {study}/responses/%ff%fe HTTP/1.1\r\nHost: x\r\n",
    b"GET {study}/responses/\xff HTTP/1.1\r\nHost: x\r\n",
    b"GET {study}/responses HTTP/1.1\r\nHost: x\r\nX-Odd: \xff\xfe\r\n",
    b"GET {study}/responses HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    b"GET {study}/responses HTTP/1.1\r\nHost: x\r\nConnection: close, authorization\r\n",
    b"GET {study}/responses HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n",
    b"GET {study}/responses HTTP/1.0\r\n",
    b"TRACE {study}/responses HTTP/1.1\r\nHost: x\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n",
    b"GET http://elsewhere/v1/me HTTP/1.1\r\nHost: x\r\n",
    b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n",
    b"FOO / HTTP/1.1\r\nHost: x\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n",
]


async def test_odd_requests_are_no_fault_of_ours(build: Callable[..., House]) -> None:
    echo = Echo("survey")
    async with serving(echo, lifespan="off") as behind:
        upstream = HttpUpstream(f"http://127.0.0.1:{behind}")
        house = build(dict.fromkeys(SERVICES, upstream))
        study = await house.open_study()
        authorization = f"Authorization: {house.client.headers['authorization']}\r\n\r\n".encode()
        async with serving(house.app, http=Impatient) as port:
            for odd in ODD:
                told = await say(port, odd.replace(b"{study}", study.encode()) + authorization, hang_up_after=b"\r\n\r\n")
                assert told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4")) or told == b"", (odd, told[:80])
        await upstream.close()
