"""Where a request can be sent on to: another process over HTTP, or an app in this one. Both are ASGI applications that stream.

`HttpUpstream` is an aiohttp client (a hop costs a fifteenth of what httpx takes, and a cancelled request leaks nothing);
`AsgiUpstream` is the app itself. Not here: who may ask, how many at a time and how long they may wait (assent_gateway.proxy).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from yarl import URL

logger = logging.getLogger("assent.upstream")

Headers = list[tuple[bytes, bytes]]

# RFC 9110 §7.6.1: these are about one connection, not about the message.
HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"proxy-authenticate"}
)
_SET_BY_CLIENT = HOP_BY_HOP | {b"host", b"expect"}
_SCOPE_KEYS = (
    "type",
    "asgi",
    "http_version",
    "method",
    "scheme",
    "path",
    "raw_path",
    "query_string",
    "headers",
    "client",
    "server",
)


class UpstreamError(Exception):
    """The upstream gave no whole answer."""


class UpstreamUnreachable(UpstreamError):
    """No connection: the request has certainly not been handled."""


class UpstreamBroke(UpstreamError):
    """It stopped in the middle: the request may have been handled."""


class SenderGone(Exception):
    """Whoever sends the request left before its body was complete."""


class Upstream(Protocol):
    """An ASGI application that may be elsewhere. Raises UpstreamError, or SenderGone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on and stream the answer back."""

    async def close(self) -> None:
        """Let go of connections."""


class AsgiUpstream:
    """An app in this process. Its lifespan is whoever's who runs the process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app with a scope of its own, so that neither sees the other's state."""
        own = {key: scope[key] for key in _SCOPE_KEYS if key in scope}
        own["state"] = {}
        own["root_path"] = ""
        try:
            await self._app(own, receive, send)
        except Exception as error:
            raise UpstreamBroke(type(error).__name__) from error

    async def close(self) -> None:
        """Nothing to let go of."""


class HttpUpstream:
    """A service at `base_url`, such as `http://survey:8000`. Connections are made when first needed and kept."""

    def __init__(self, base_url: str, *, connect_seconds: float = 2.0) -> None:
        self._base_url = base_url.rstrip("/")
        self._connect_seconds = connect_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One hop. Whoever calls sets the limits on time and on concurrency."""
        sender = _Sender(receive)
        try:
            body = await sender.body()
            async with self._client().request(
                scope["method"],
                self._url(scope),
                headers=_to_client(scope["headers"], keep_length=body is not None),
                data=body,
                allow_redirects=False,
            ) as answer:
                await _stream_back(answer, send)
        except aiohttp.ClientConnectorError as error:
            raise UpstreamUnreachable(type(error).__name__) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise UpstreamUnreachable(type(error).__name__) from error
        except (aiohttp.ClientError, OSError) as error:
            if sender.gone:
                raise SenderGone from error
            raise UpstreamBroke(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _url(self, scope: Scope) -> URL:
        path = scope.get("raw_path") or scope["path"].encode()
        query = scope["query_string"]
        target = path + b"?" + query if query else path
        # `encoded` keeps the path as it came: the service must see what the gateway has judged.
        return URL(self._base_url + target.decode("ascii"), encoded=True)

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=10),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


class _Sender:
    """The request's body as it comes in."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.gone = False

    async def body(self) -> bytes | AsyncIterator[bytes] | None:
        """Nothing, all of it when it came in one piece, or a stream."""
        first = await self._next()
        return self._rest(first) if first.get("more_body") else first.get("body") or None

    async def _rest(self, message: Message) -> AsyncIterator[bytes]:
        yield message.get("body", b"")
        while message.get("more_body"):
            message = await self._next()
            yield message.get("body", b"")

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            # Ending the stream here would make half a body look whole.
            self.gone = True
            raise SenderGone
        return message


def end_to_end(headers: Iterable[tuple[bytes, bytes]], *, without: frozenset[bytes] = HOP_BY_HOP) -> Headers:
    """The headers that are about the message: without `without` and without what `Connection` names. Names are lower case.

    `without` includes `connection`.
    """
    kept: Headers = []
    named: set[bytes] = set()
    for header in headers:
        if header[0] not in without:
            kept.append(header)
        elif header[0] == b"connection" and header[1] not in (b"close", b"keep-alive"):
            named.update(token.strip() for token in header[1].lower().split(b","))
    return [header for header in kept if header[0] not in named] if named else kept


def _to_client(headers: Headers, *, keep_length: bool) -> list[tuple[str, str]]:
    kept = end_to_end(headers, without=_SET_BY_CLIENT)
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept if keep_length or name != b"content-length"]


async def _stream_back(answer: aiohttp.ClientResponse, send: Send) -> None:
    headers = end_to_end([(name.lower(), value) for name, value in answer.raw_headers])
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    content = answer.content
    while True:
        chunk = await content.readany()
        last = content.at_eof()
        await send({"type": "http.response.body", "body": chunk, "more_body": not last})
        if last:
            return


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, for callers that want no stream. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(
    upstream: Upstream,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    seconds: float,
    most_bytes: int = 16 * 1024 * 1024,
) -> Reply:
    """One small request and its whole answer, for services that need something of another one now.

    `path` may have a query and is sent as it is. Raises UpstreamError, also when the answer takes longer than `seconds` or is
    larger than `most_bytes`.
    """
    raw_path, _, query = path.partition("?")
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw_path,
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "headers": [*sent, (b"host", b"assent"), *([(b"content-length", str(len(body)).encode())] if body else [])],
        "client": None,
        "server": None,
    }
    collected = _Collected(body, most_bytes)
    try:
        async with asyncio.timeout(seconds):
            await upstream(scope, collected.receive, collected.send)
    except TimeoutError as error:
        raise UpstreamBroke(f"no answer within {seconds} s") from error
    except UpstreamBroke:
        if not collected.complete:  # an app in this process raises again what it has already answered
            raise
    if not collected.complete:
        raise UpstreamBroke("the answer has no end")
    return collected.reply()


class _Collected:
    """Gives one body and takes one answer."""

    def __init__(self, body: bytes, most_bytes: int) -> None:
        self._body = body
        self._most_bytes = most_bytes
        self._given = False
        self._start: Message = {}
        self._answer = bytearray()
        self.complete = False

    async def receive(self) -> Message:
        if self._given:
            await asyncio.Event().wait()  # nobody disconnects; the caller's deadline ends this
        self._given = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._answer += message.get("body", b"")
        if len(self._answer) > self._most_bytes:
            raise UpstreamBroke("the answer is larger than is taken")
        self.complete = not message.get("more_body", False)

    def reply(self) -> Reply:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._start["headers"]}
        return Reply(status=self._start["status"], headers=headers, body=bytes(self._answer))
