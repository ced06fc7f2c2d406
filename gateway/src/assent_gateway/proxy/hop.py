"""One hop to one upstream: a place in its bulkhead, its breaker, and an end to waiting.

There is one rule about time: whenever nothing has moved for `patience` seconds, in either direction, the hop ends. A client that leaves
while it waits for an answer to a read frees its place at once; a write that has been handed over is left to finish.
"""

import asyncio

from starlette.types import Message, Scope, Send

from assent_gateway.domain.breaker import Breaker
from assent_gateway.problems import UpstreamBusy, UpstreamFailed, UpstreamSilent, UpstreamUnreachable
from assent_gateway.proxy.bulkhead import Bulkhead, BulkheadFull
from assent_gateway.proxy.incoming_body import IncomingBody
from assent_kit import upstream as upstreams
from assent_kit.problems import Problem

LOOK_ROUND_EVERY = 0.25  # seconds; most requests are answered sooner, so that looking round costs them nothing


class Hop:
    """The way to one upstream, with its own limits. Instead of timers for each request, it looks round at all that are under way."""

    def __init__(self, upstream: upstreams.Upstream, *, places: int, queue: int, patience: float) -> None:
        self.upstream = upstream
        self.bulkhead = Bulkhead(places=places, queue=queue, wait_seconds=min(patience, 5.0))
        self.breaker = Breaker()
        self._patience = patience
        self._under_way: set[_Passage] = set()
        self._next_look: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, body: IncomingBody, send: Send) -> Problem | None:
        """Send a request on. Answers why it failed when the client is still there and has been told nothing, and None otherwise."""
        loop = asyncio.get_running_loop()
        if not self.breaker.allows(loop.time()):
            wait = str(int(self.breaker.waits(loop.time())) + 1)
            return UpstreamUnreachable(headers={"Retry-After": wait})
        passage = _Passage(body, send, patience=self._patience, is_read=scope["method"] in ("GET", "HEAD"))
        try:
            async with self.bulkhead:
                problem = await self._pass(passage, scope)
        except BulkheadFull:
            self.breaker.abandoned()
            return UpstreamBusy()
        except BaseException:
            self.breaker.abandoned()
            raise
        self._judge(passage, problem, loop.time())
        return None if passage.started or body.gone else body.refusal or problem

    async def _pass(self, passage: "_Passage", scope: Scope) -> Problem | None:
        try:
            async with passage.limit:
                self._under_way.add(passage)
                if self._next_look is None:
                    self._look_again()
                passage.moved()
                try:
                    await self.upstream(scope, passage.body.receive, passage.send)
                finally:
                    self._under_way.discard(passage)
                    passage.end()
        except TimeoutError:
            return UpstreamSilent()
        except upstreams.UpstreamUnreachable:
            return UpstreamUnreachable()
        except (upstreams.UpstreamError, upstreams.SenderGone):
            return UpstreamFailed()
        return None if passage.started else UpstreamFailed()

    def _judge(self, passage: "_Passage", problem: Problem | None, now: float) -> None:
        if passage.started:
            self.breaker.succeeded()
        elif passage.body.gone or passage.body.refusal is not None:
            self.breaker.abandoned()
        elif problem is not None:
            self.breaker.failed(now)

    def _look_again(self) -> None:
        every = min(LOOK_ROUND_EVERY, self._patience / 2)
        self._next_look = asyncio.get_running_loop().call_later(every, self._look_round)

    def _look_round(self) -> None:
        for passage in self._under_way:
            passage.look()
        self._next_look = None
        if self._under_way:
            self._look_again()


class _Passage:
    """One request under way. Once its body was refused, what the upstream says no longer counts."""

    def __init__(self, body: IncomingBody, send: Send, *, patience: float, is_read: bool) -> None:
        self.body = body
        self.limit = asyncio.timeout(None)
        self.started = False
        self._send = send
        self._patience = patience
        self._is_read = is_read
        self._loop = asyncio.get_running_loop()
        self._ends_at = 0.0
        self._watching: asyncio.Task[None] | None = None
        body.on_progress = self.moved

    def moved(self) -> None:
        """Something came or went: patience begins anew."""
        self._ends_at = self._loop.time() + self._patience

    async def send(self, message: Message) -> None:
        """Pass on what the upstream says."""
        if self.body.refusal is not None and not self.started:
            return
        self.started = True
        self.moved()
        await self._send(message)

    def look(self) -> None:
        """End what has stood still for too long; begin to watch for the client of a read that is still waiting."""
        if self._loop.time() >= self._ends_at:
            self._stop()
        elif self._is_read and self._watching is None and self.body.complete:
            self._watching = self._loop.create_task(self._watch())

    def end(self) -> None:
        """It is over."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        await self.body.departure()
        self._stop()

    def _stop(self) -> None:
        if not self.limit.expired():
            self.limit.reschedule(self._loop.time())
