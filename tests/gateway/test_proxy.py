"""What reaches a service and what comes back, over both kinds of upstream."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from tests.gateway.house import SERVICES, Echo, House, answer, claims_of
from tests.support import eventually
from tests.wire import serving

from assent_gateway.domain.routes import OWN, SERVICE_OF_SEGMENT, destination
from assent_kit.upstream import AsgiUpstream, HttpUpstream

SEGMENTS = sorted((segment, service) for segment, service in SERVICE_OF_SEGMENT.items() if service != OWN)


@pytest.fixture(params=["in one process", "over http"])
async def any_house(request: pytest.FixtureRequest, build: Callable[..., House]) -> AsyncIterator[House]:
    """A gateway with either kind of upstream."""
    async with AsyncExitStack() as stack:
        echoes = {name: Echo(name) for name in SERVICES}
        if request.param == "over http":

            async def services(scope: Scope, receive: Receive, send: Send) -> None:
                await echoes[destination(scope["path"]).service](scope, receive, send)

            port = await stack.enter_async_context(serving(services, lifespan="off"))
            upstreams = {name: HttpUpstream(f"http://127.0.0.1:{port}") for name in SERVICES}
        else:
            upstreams = {name: AsgiUpstream(echo) for name, echo in echoes.items()}
        house = build(upstreams)
        house.services = echoes
        yield house
        for upstream in upstreams.values():
            await upstream.close()
        await house.client.aclose()


async def test_each_segment_reaches_its_service_with_its_path_as_it_was(house: House) -> None:
    study = await house.open_study()
    for segment, service in SEGMENTS:
        told = (await house.client.get(f"{study}/{segment}/x%20y?limit=2&q=%C3%A9&q=b")).json()
        assert (told["service"], told["path"], told["query"]) == (service, f"{study}/{segment}/x y", "limit=2&q=%C3%A9&q=b")


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 300_000])
@pytest.mark.parametrize("chunked", [False, True])
async def test_bodies_arrive_whole(any_house: House, body: bytes, chunked: bool) -> None:
    study = await any_house.open_study()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    sent = await any_house.client.post(f"{study}/responses", content=pieces() if chunked else body)
    assert sent.status_code == 200
    assert sent.json()["body"].encode() == body


async def test_the_service_is_told_who_asks_by_the_gateway_alone(any_house: House) -> None:
    study = await any_house.open_study()
    coder = await any_house.member(study, "coder")
    spoofed = {
        "X-Assent-Token": "me",
        "X-Assent-Role": "owner",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-User": "root",
        "Forwarded": "for=10.0.0.1",
        "X-Remote-User": "root",
        "Cookie": "session=1",
        "X-Hop": "1",
        "Connection": "X-Hop",
        "TE": "trailers",
        "X-Request-Id": "mine-1",
        "X-Kept": "yes",
        "If-None-Match": '"7"',
    }
    told = await coder.get(f"{study}/codes", headers=spoofed)
    seen = told.json()["headers"]
    claims = claims_of(seen)
    assert (claims.study, claims.role) == (study.rpartition("/")[2], "coder")
    assert claims.subject.startswith("key_")
    assert (seen["x-kept"], seen["if-none-match"], seen["x-request-id"]) == ("yes", '"7"', "mine-1")
    assert told.headers["x-request-id"] == "mine-1"
    assert seen["forwarded"] == 'for=127.0.0.1;host="gateway";proto=http'
    gone = {"x-assent-token", "x-assent-role", "x-forwarded-for", "x-forwarded-user", "x-remote-user", "cookie", "x-hop", "te"}
    assert not gone & set(seen)
    assert told.json()["names"].count("authorization") == 1


async def test_only_the_message_comes_back(any_house: House) -> None:
    study = await any_house.open_study()
    told = await any_house.client.get(f"{study}/documents")
    assert told.headers["etag"] == '"7"'
    assert "x-secret" not in told.headers  # named by Connection
    assert told.headers.get_list("x-request-id") == [told.json()["headers"]["x-request-id"]]
    assert "echo" not in told.headers.get("server", "")


async def test_webhooks_pass_with_their_own_credentials_and_a_platform_token(any_house: House) -> None:
    stranger = any_house.client_with(None)
    sent = await stranger.post(
        "/v1/hooks/con_1", content=b"{\xff", headers={"Authorization": "Basic a2o6cHc=", "X-Assent-Token": "forged"}
    )
    told = sent.json()
    assert (told["service"], told["path"], told["headers"]["authorization"]) == ("survey", "/v1/hooks/con_1", "Basic a2o6cHc=")
    claims = claims_of({"authorization": told["headers"]["x-assent-token"]})
    assert (claims.role, claims.study) == ("platform", "")
    assert "ratelimit" not in sent.headers
    assert (await stranger.get("/v1/hooks/con_1")).status_code == 200
    for longer in ("/v1/hooks/con_1/a-secret", "/v1/hooks/con_1/a-secret/submission"):
        assert (await stranger.post(longer)).json()["path"] == longer
    assert (await stranger.post("/v1/hooks/con_1/" + "x/" * 9)).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/v1/studies/{study}/../{other}/responses", "/v1/studies/{study}/%2e%2E/x", "/v1/studies/{study}/responses%2fx",
     "/v1//studies/{study}", "/v1/hooks/..%5cx", "/v1/studies/{study}/responses/%00", "/v1/studies/{study}/./responses"],
)  # fmt: skip
async def test_an_address_with_two_readings_is_refused(house: House, path: str) -> None:
    raw = path.format(study="stu_1", other="stu_2").encode()
    scope = {
        "type": "http", "method": "GET", "path": httpx.URL("http://x").path, "raw_path": raw, "query_string": b"", "headers": [],
        "client": ("127.0.0.1", 1), "server": ("gateway", 80), "scheme": "http", "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    said = []

    async def send(message: dict[str, object]) -> None:
        said.append(message)

    await house.app(scope, asyncio.Event().wait, send)  # type: ignore[arg-type]
    assert said[0]["status"] == 400
    assert b"ambiguous_address" in said[1]["body"]  # type: ignore[operator]


async def test_an_answer_streams_while_it_is_made(any_house: House) -> None:
    go_on = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"last"})

    study = await any_house.open_study()
    any_house.services["analytics"].__class__ = type("Slow", (Echo,), {"__call__": lambda self, *arguments: slow(*arguments)})
    async with serving(any_house.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        authorization = any_house.client.headers["authorization"]
        writer.write(f"GET {study}/items HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode())
        heard = b""
        while b"first" not in heard:
            heard += await reader.read(1000)
        assert b"last" not in heard
        go_on.set()
        while not heard.endswith(b"0\r\n\r\n"):
            heard += await reader.read(1000)
        writer.close()


async def test_watchers_of_jobs_take_no_place_from_those_who_ask(build: Callable[..., House]) -> None:
    begun, watched = asyncio.Event(), asyncio.Event()

    async def watch(scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].endswith("/events"):
            await answer(send, 200, b"{}")
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        begun.set()
        await watched.wait()
        await send({"type": "http.response.body", "body": b"event: done\n\n"})

    house = build(upstreams={name: AsgiUpstream(watch) for name in SERVICES}, upstream_places=1, upstream_queue=0)
    study = await house.open_study()
    watching = asyncio.create_task(house.client.get(f"{study}/jobs/job_ana_1/events"))
    await begun.wait()
    assert (await house.client.get(f"{study}/jobs/job_ana_1")).status_code == 200
    assert (await house.client.get(f"{study}/analyses")).status_code == 200
    watched.set()
    assert (await watching).text == "event: done\n\n"


async def test_a_sender_that_leaves_half_way_is_never_taken_for_whole(any_house: House) -> None:
    study = await any_house.open_study()
    authorization = any_house.client.headers["authorization"]
    async with serving(any_house.app) as port:
        for framing in ("Content-Length: 100", "Transfer-Encoding: chunked"):
            part = b"5\r\nhello\r\n" if "chunked" in framing else b"hello"
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            head = f"POST {study}/responses HTTP/1.1\r\nHost: x\r\n{framing}\r\nAuthorization: {authorization}\r\n\r\n"
            writer.write(head.encode() + part)
            await writer.drain()
            writer.transport.abort()
        survey = any_house.app._hops["survey"]  # type: ignore[attr-defined]
        await eventually(lambda: asyncio.sleep(0, survey.bulkhead.taken), lambda taken: taken == 0)
        assert (await any_house.client.post(f"{study}/responses", content=b"whole")).status_code == 200
    assert [told["body"] for told in any_house.services["survey"].seen] == ["whole"]


async def test_a_service_that_breaks_off_is_a_problem_or_a_cut_line(build: Callable[..., House]) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if "half" in scope["path"]:
            headers = [(b"content-length", b"100")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("jane@example.org")

    house = build(dict.fromkeys(SERVICES, AsgiUpstream(broken)))
    study = await house.open_study()
    failed = await house.client.get(f"{study}/codes")
    assert (failed.status_code, failed.json()["code"]) == (502, "service_failed")
    assert "jane" not in failed.text
    async with serving(house.app) as port, httpx.AsyncClient(headers=house.client.headers) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"http://127.0.0.1:{port}{study}/codes/half")


async def test_an_answer_of_a_service_is_never_overwritten(build: Callable[..., House]) -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 418, b"{}")

    house = build(dict.fromkeys(SERVICES, AsgiUpstream(refusing)))
    study = await house.open_study()
    assert (await house.client.post(f"{study}/codes", json={})).status_code == 418
