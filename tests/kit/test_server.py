"""The server drops what stalls, trickles or never ends, and leaves alone what behaves. Raw bytes over loopback sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from tests.wire import Impatient, say, serving


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once, without reading the body."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def impatient() -> AsyncIterator[int]:
    async with serving(hello, http=Impatient, lifespan="off") as port:
        yield port


async def trickle(port: int, head: bytes) -> bytes:
    """Send the head and then a byte every few milliseconds, until the server has had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)

    async def go_on() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    going = asyncio.create_task(go_on())
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        going.cancel()
        writer.close()


@pytest.mark.parametrize("head", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_header_block_that_stalls_is_dropped(head: bytes) -> None:
    async with impatient() as port:
        assert await asyncio.wait_for(say(port, head), 10) == b""


async def test_a_header_block_that_trickles_is_dropped() -> None:
    async with impatient() as port:
        assert await trickle(port, b"GET / HTTP/1.1\r\nX-Slow: ") == b""


async def test_a_second_request_that_stalls_is_dropped_too() -> None:
    async with impatient() as port:
        told = await asyncio.wait_for(say(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n"), 10)
    assert told.count(b"HTTP/1.1 200") == 1


async def test_a_header_block_without_end_is_refused() -> None:
    async with impatient() as port:
        told = await say(port, b"GET / HTTP/1.1\r\n", *[b"X-Long: " + b"x" * 4000 + b"\r\n" for _ in range(100)])
    assert told == b"" or (told.startswith(b"HTTP/1.1 431 ") and b"headers_too_large" in told)


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        "GET /search?q=naïve HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_what_cannot_be_read_as_http_is_told_so(sent: bytes) -> None:
    async with impatient() as port:
        told = await say(port, sent)
    assert told.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"application/problem+json" in told
    assert b'"malformed_http"' in told


async def test_a_sender_may_finish_after_its_answer_but_not_trickle_on() -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    async with impatient() as port:
        assert (await trickle(port, head.replace(b"10", b"100000"))).endswith(b"ok")
        told = await say(port, head, b"0123456789GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert told.count(b"HTTP/1.1 200") == 2


async def test_a_kept_connection_serves_many_requests_and_large_bodies() -> None:
    async with impatient() as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for size in (0, 10, 100_000, 1_000_000, 10):
            assert (await client.post("/", content=b"x" * size)).text == "ok"


async def test_the_server_does_not_tell_what_it_is() -> None:
    async with impatient() as port, httpx.AsyncClient() as client:
        assert "server" not in (await client.get(f"http://127.0.0.1:{port}/")).headers
