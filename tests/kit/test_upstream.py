"""Asking another service for something now, over both kinds of upstream, and header rules of a hop."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request, Response
from hypothesis import given
from hypothesis import strategies as st
from tests.wire import serving

from assent_kit.upstream import (
    HOP_BY_HOP,
    AsgiUpstream,
    HttpUpstream,
    Upstream,
    UpstreamBroke,
    UpstreamUnreachable,
    ask,
    end_to_end,
)

app = FastAPI()
app.state.name = "inner"


@app.post("/echo")
async def echo(request: Request) -> Response:
    """The body and the query, backwards."""
    told = (await request.body())[::-1] + request.url.query.encode()
    return Response(told, status_code=201, headers={"X-Seen": request.headers.get("x-sent", "")})


@app.get("/slow")
async def slow() -> Response:
    await asyncio.Event().wait()
    return Response()


@app.get("/broken")
async def broken() -> Response:
    raise RuntimeError("private")


@app.get("/large")
async def large() -> Response:
    return Response(b"x" * 100_000)


@pytest.fixture(params=["in one process", "over http"])
async def upstream(request: pytest.FixtureRequest) -> AsyncIterator[Upstream]:
    """The same app, near and far."""
    if request.param == "in one process":
        yield AsgiUpstream(app)
        return
    async with serving(app, lifespan="off") as port:
        far = HttpUpstream(f"http://127.0.0.1:{port}")
        yield far
        await far.close()


async def test_the_whole_answer_comes_back(upstream: Upstream) -> None:
    reply = await ask(upstream, "POST", "/echo?a=%C3%A9", headers={"X-Sent": "yes"}, body=b"abc", seconds=5)
    assert (reply.status, reply.body, reply.headers["x-seen"]) == (201, b"cbaa=%C3%A9", "yes")


async def test_an_answer_that_takes_too_long_is_given_up(upstream: Upstream) -> None:
    with pytest.raises(UpstreamBroke, match="within"):
        await ask(upstream, "GET", "/slow", headers={}, seconds=0.05)


async def test_an_answer_that_is_too_large_is_given_up(upstream: Upstream) -> None:
    with pytest.raises(UpstreamBroke):
        await ask(upstream, "GET", "/large", headers={}, seconds=5, most_bytes=1000)


async def test_a_service_that_fails_still_answers(upstream: Upstream) -> None:
    reply = await ask(upstream, "GET", "/broken", headers={}, seconds=5)
    assert reply.status == 500
    assert b"private" not in reply.body


async def test_nobody_there() -> None:
    nobody = HttpUpstream("http://127.0.0.1:1")
    with pytest.raises(UpstreamUnreachable):
        await ask(nobody, "GET", "/", headers={}, seconds=5)
    await nobody.close()


names = st.sampled_from([b"connection", b"te", b"x-a", b"x-b", b"accept", b"upgrade", b"keep-alive", b"trailer"])
values = st.sampled_from([b"close", b"x-a", b"X-B, close", b"keep-alive", b"te", b""])


@given(st.lists(st.tuples(names, values), max_size=8))
def test_only_what_is_about_the_message_goes_on_and_in_order(headers: list[tuple[bytes, bytes]]) -> None:
    kept = end_to_end(headers)
    named = {token.strip() for name, value in headers if name == b"connection" for token in value.lower().split(b",")}
    assert kept == [header for header in headers if header[0] not in HOP_BY_HOP | named]
