"""One hop to one upstream: a place in its bulkhead, its breaker, and an end to waiting.

There is one rule about time: whenever nothing has moved for `patience` seconds, in either direction, the hop ends. A client that leaves
while it waits for an answer to a read frees its place at once; a write that has been handed over is left to finish.
"""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Scope, Send

from assent_gateway.domain.breaker import Breaker
from assent_gateway.problems import UpstreamBusy, UpstreamFailed, UpstreamSilent, UpstreamUnreachable
from assent_gateway.proxy.bulkhead import Bulkhead, BulkheadFull
from assent_gateway.proxy.incoming_body import IncomingBody
from assent_kit import upstream as upstreams
from assent_kit.problems import Problem

WATCH_AFTER = 0.25  # seconds; most requests are answered sooner and need no watching


class Hop:
    """The way to one upstream, with its own limits."""

    def __init__(self, upstream: upstreams.Upstream, *, places: int, queue: int, patience: float) -> None:
        self.upstream = upstream
        self.bulkhead = Bulkhead(places=places, queue=queue, wait_seconds=min(patience, 5.0))
        self.breaker = Breaker()
        self._patience = patience

    async def __call__(self, scope: Scope, body: IncomingBody, send: Send) -> Problem | None:
        """Send a request on. Answers why it failed when the client is still there and has been told nothing, and None otherwise."""
        loop = asyncio.get_running_loop()
        if not self.breaker.allows(loop.time()):
            wait = str(int(self.breaker.waits(loop.time())) + 1)
            return UpstreamUnreachable(headers={"Retry-After": wait})
        passage = _Passage(body, send)
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
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._patience) as limit:

                def end_in(seconds: float) -> None:
                    if not limit.expired():
                        limit.reschedule(loop.time() + seconds)

                passage.watch(lambda: end_in(self._patience))
                watcher = _Watcher(passage.body, lambda: end_in(0)) if scope["method"] in ("GET", "HEAD") else None
                try:
                    await self.upstream(scope, passage.body.receive, passage.send)
                finally:
                    if watcher is not None:
                        watcher.stop()
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


class _Passage:
    """What the upstream has said so far. Once the body was refused, what it says no longer counts."""

    def __init__(self, body: IncomingBody, send: Send) -> None:
        self.body = body
        self._send = send
        self._progress: Callable[[], None] | None = None
        self.started = False

    def watch(self, progress: Callable[[], None]) -> None:
        self._progress = self.body.on_progress = progress

    async def send(self, message: Message) -> None:
        if self.body.refusal is not None and not self.started:
            return
        self.started = True
        if message.get("more_body") and self._progress is not None:
            self._progress()
        await self._send(message)


class _Watcher:
    """Notices that the client has left while the upstream works."""

    def __init__(self, body: IncomingBody, left: Callable[[], None]) -> None:
        self._body = body
        self._left = left
        self._task: asyncio.Task[None] | None = None
        self._handle = asyncio.get_running_loop().call_later(WATCH_AFTER, self._begin)

    def stop(self) -> None:
        self._handle.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._body.complete:
            self._task = asyncio.get_running_loop().create_task(self._watch())
        else:
            self._handle = asyncio.get_running_loop().call_later(WATCH_AFTER, self._begin)

    async def _watch(self) -> None:
        await self._body.departure()
        self._left()
