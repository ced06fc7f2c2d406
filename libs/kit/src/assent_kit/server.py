"""The HTTP server of every process: uvicorn, with a protocol that lets no sender stall before the body begins.

uvicorn sets no time limit on a request's header block, none on its size, and none on what a sender trickles after it was refused.
Not here: what a stalled or oversized *body* is answered with (assent_gateway.proxy).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from assent_kit.problems import MEDIA_TYPE, Problem

HEADER_SECONDS = 10.0
HEADER_BYTES = 64 * 1024
LINGER_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 75  # longer than a client keeps an idle connection, so that it is never closed under a new request


class HeadersTooLarge(Problem):
    """Too many headers, or too long ones."""

    status, code, title = 431, "headers_too_large", "The request's headers are too many or too long"
    remedy = "Send fewer and shorter headers; cookies are not needed here."


class MalformedHttp(Problem):
    """Not HTTP/1.1, as far as can be read."""

    status, code, title = 400, "malformed_http", "This is not a request that can be read"
    remedy = "Percent-encode the address, as `curl -G --data-urlencode` does; keep it under 64 kB; give the body one length."


def _refusal(problem: Problem) -> bytes:
    body = problem.document(request_id="").model_dump_json().encode()
    head = "HTTP/1.1 %d %s\r\nconnection: close\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"
    return (head % (problem.status, HTTPStatus(problem.status).phrase, MEDIA_TYPE, len(body))).encode() + body


class GuardedProtocol(HttpToolsProtocol):
    """Drops a connection whose header block is not complete in time, is too large, or that goes on sending after its answer."""

    header_seconds = HEADER_SECONDS
    header_bytes = HEADER_BYTES
    linger_seconds = LINGER_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._in_headers = True
        self._in_request = False
        self._header_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that says nothing is dropped like one that says too little."""
        super().connection_made(transport)
        self._drop_after(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._keep()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Refuse to read on when a header block that has not ended is over the limit already."""
        if self._in_headers:
            if self._header_size > self.header_bytes:
                self.transport.write(_refusal(HeadersTooLarge()))
                self.transport.close()
                return
            self._header_size += len(data)
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence is plain text
        """Refuse what the parser cannot read, as everything is refused."""
        self.transport.write(_refusal(MalformedHttp()))
        self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins: its header block has so long to end."""
        super().on_message_begin()
        self._in_headers = self._in_request = True
        if self._deadline is None:
            self._drop_after(self.header_seconds)

    def on_headers_complete(self) -> None:
        """The header block has ended; the body is the application's to watch."""
        self._keep()
        self._in_headers = False
        self._header_size = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request has ended."""
        self._keep()
        self._in_request = False
        self._in_headers = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered. A sender that has not finished may do so for a moment, and no longer however much it trickles."""
        super().on_response_complete()
        if self._in_request and not self.transport.is_closing():
            self._drop_after(self.linger_seconds)

    def _drop_after(self, seconds: float) -> None:
        self._keep()
        self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _keep(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """A server that, told by a signal to stop, ends its run instead of raising the signal again: its caller has things to close."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own, with the signals that came meanwhile forgotten at the end."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def server_for(app: ASGIApp, *, host: str, port: int, **options: Any) -> uvicorn.Server:
    """A server that is not running yet. `options` go to uvicorn's Config."""
    settings: dict[str, Any] = {
        "http": GuardedProtocol,
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # who the client is behind a proxy is the gateway's to judge
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": 8,
        "backlog": 1024,
    }
    return Server(uvicorn.Config(app, host=host, port=port, **{**settings, **options}))


def run(app: ASGIApp, *, host: str, port: int, **options: Any) -> None:
    """Serve until a signal says stop."""
    server_for(app, host=host, port=port, **options).run()
