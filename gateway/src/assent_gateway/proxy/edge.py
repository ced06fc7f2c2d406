"""The gateway as its clients meet it: one ASGI callable around the gateway's own app and the hops to the services.

For each request, in this order: are its headers acceptable, where does it lead, who asks and may they, how often, how large is the
body; then the hop. The gateway's own resources are reached like any service's, with the same token.
"""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assent_gateway.domain.addresses import client_address
from assent_gateway.domain.routes import Access, Destination, ambiguous, destination
from assent_gateway.problems import AmbiguousAddress, HeadersTooLarge, StudyClosed
from assent_gateway.proxy import headers as header_rules
from assent_gateway.proxy.grants import Grant, Grants
from assent_gateway.proxy.hop import Hop
from assent_gateway.proxy.incoming_body import IncomingBody
from assent_gateway.proxy.rates import Rates
from assent_gateway.settings import GatewaySettings
from assent_kit import metrics
from assent_kit.logs import request_id
from assent_kit.problems import MEDIA_TYPE, InternalError, InvalidRequest, NotFound, Problem, TooLarge, Unauthenticated
from assent_kit.upstream import Headers

logger = logging.getLogger("assent.edge")

CLIENT_LEFT = 499  # never sent; what the metrics call a request whose client did not wait for the answer
STREAMS = (
    " streams"  # after a service's name: its hop for what streams for minutes, so that watchers take no place from those who ask
)
HOOKS = "hooks"  # the hop to survey that only webhooks use, so that neither they nor the others can crowd the other out
PARENTS = "parents"  # and the one of parents' own addresses, which anybody may call


class Edge:
    """The outermost callable. `hops` has two for each service (see STREAMS), one each for its own app, hooks and parents."""

    def __init__(self, settings: GatewaySettings, *, app: ASGIApp, hops: Mapping[str, Hop], grants: Grants, rates: Rates) -> None:
        self._settings = settings
        self._app = app
        self._hops = hops
        self._grants = grants
        self._rates = rates
        scheme, _, host = settings.public_url.rstrip("/").partition("://")
        self._reached_at = f';host="{host}";proto={scheme}'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan of the gateway's own app."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(send)
        mark = request_id.set("")
        try:
            problem = await self._handle(scope, receive, exchange)
        except Problem as refusal:
            problem = refusal
        except Exception:
            logger.exception("unexpected")
            problem = InternalError()
        if problem is not None and not exchange.started:
            await exchange.refuse(problem)
        self._record(scope, exchange)
        request_id.reset(mark)

    def _record(self, scope: Scope, exchange: "_Exchange") -> None:
        metrics.REQUESTS.labels("edge", scope["method"], exchange.route, exchange.status).inc()
        if exchange.status >= 500:
            logger.warning("answered", extra={"method": scope["method"], "route": exchange.route, "status": exchange.status})

    async def _handle(self, scope: Scope, receive: Receive, exchange: "_Exchange") -> Problem | None:
        incoming = header_rules.read(scope["headers"])
        exchange.identify(incoming.request_id)
        self._check_headers(scope, incoming)
        target = destination(scope["path"])
        exchange.route = f"{target.service}/{target.segment}"
        address = client_address(
            scope["client"][0] if scope.get("client") else None,
            incoming.forwarded_for,
            trusted_proxies=self._settings.trusted_proxies,
        )
        added = [(b"x-request-id", exchange.request_id.encode()), (b"forwarded", self._forwarded(address))]
        added += await self._identity(scope["method"], target, incoming, address, exchange)
        body = self._body(receive, target, incoming)
        onward = {
            **scope,
            "headers": header_rules.forwarded(scope["headers"], keep_authorization=target.access is Access.PLATFORM, added=added),
        }
        return await self._hop(target)(onward, body, exchange.send)

    def _hop(self, target: Destination) -> Hop:
        if target.access is Access.PLATFORM:
            return self._hops[HOOKS]
        if target.access is Access.HOLDER:
            return self._hops[PARENTS]
        return self._hops[f"{target.service}{STREAMS}" if target.streams else target.service]

    def _forwarded(self, address: str) -> bytes:
        """RFC 7239: for whom this is forwarded, and where it was reached."""
        node = f'"[{address}]"' if ":" in address else address
        return f"for={node}{self._reached_at}".encode("latin-1")

    def _check_headers(self, scope: Scope, incoming: header_rules.Incoming) -> None:
        if incoming.malformed_length:
            raise InvalidRequest("the length of the body is not clear", headers={"Connection": "close"})
        if incoming.size > self._settings.most_header_bytes or len(scope["headers"]) > self._settings.most_headers:
            raise HeadersTooLarge
        if ambiguous(scope.get("raw_path") or scope["path"].encode()):
            raise AmbiguousAddress

    async def _identity(
        self, method: str, target: Destination, incoming: header_rules.Incoming, address: str, exchange: "_Exchange"
    ) -> Headers:
        """The headers by which the service knows who asks."""
        if target.access is Access.PUBLIC:
            return []
        if target.access is Access.PLATFORM:
            return [(b"x-assent-token", self._grants.platform())]
        if target.access is Access.HOLDER:
            exchange.rate = self._rates.count(f"address {address}")
            return []
        grant = await self._grant(target, incoming, address)
        exchange.rate = self._rates.count(grant.subject)
        if grant.authorization is None:
            raise NotFound
        if grant.closed and not target.stays_open(method):
            raise StudyClosed
        return [(b"authorization", grant.authorization)]

    async def _grant(self, target: Destination, incoming: header_rules.Incoming, address: str) -> Grant:
        scheme, _, credential = incoming.authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not credential:
            raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
        grant = self._grants.known(credential, target.study)
        if grant is not None:
            return grant
        self._rates.refuse_guessing(address)
        try:
            return await self._grants.establish(credential, target.study)
        except Unauthenticated as error:
            self._rates.count_failure(address)
            error.headers = {**error.headers, "WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise

    def _body(self, receive: Receive, target: Destination, incoming: header_rules.Incoming) -> IncomingBody:
        settings = self._settings
        most = settings.most_upload_bytes if incoming.multipart else settings.most_json_bytes
        if target.access is Access.PLATFORM:
            most = settings.most_hook_bytes
        if target.access is Access.HOLDER:
            most = settings.most_holder_bytes
        if (incoming.content_length or 0) > most:
            raise TooLarge(f"at most {most} bytes are accepted here")
        return IncomingBody(
            receive,
            expected=incoming.has_body,
            most_bytes=most,
            seconds=settings.body_seconds,
            bytes_per_second=settings.body_bytes_per_second,
        )


class _Exchange:
    """What is said to the client: the service's answer or a problem, with the request id and the rate beside it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.request_id = ""
        self.rate: Headers = []
        self.started = False
        self.status = CLIENT_LEFT
        self.route = "unmatched"

    def identify(self, given: bytes) -> None:
        """Use the client's own request id where it is harmless, and a fresh one elsewhere."""
        harmless = 0 < len(given) <= 64 and given.replace(b"_", b"").replace(b"-", b"").isalnum()
        self.request_id = given.decode("ascii") if harmless else f"req_{secrets.token_hex(12)}"
        request_id.set(self.request_id)

    async def send(self, message: Message) -> None:
        """Pass on what the service says."""
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            kept = header_rules.returned(message.get("headers", []))
            message = {**message, "headers": [*kept, (b"x-request-id", self.request_id.encode()), *self.rate]}
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Say why the request is not answered."""
        self.status = problem.status
        body = problem.document(self.request_id).model_dump_json().encode()
        own: dict[str, Any] = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), **problem.headers}
        headers = [(name.lower().encode(), str(value).encode()) for name, value in own.items()]
        named = {name for name, _ in headers}
        rate = [(name, value) for name, value in self.rate if name not in named]
        headers += [(b"x-request-id", self.request_id.encode()), *rate]
        await self._send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})
