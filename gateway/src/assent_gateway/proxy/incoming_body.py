"""The request's body on its way in: counted, and given a time limit that grows with what has arrived.

uvicorn reads whatever comes for as long as it takes. When a body breaks a limit, the service is told that the sender has left, so that
it never takes a part for the whole, and the client is told why.
"""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Receive

from assent_gateway.problems import BodyStalled
from assent_kit.problems import Problem, TooLarge

_GONE: Message = {"type": "http.disconnect"}


class IncomingBody:
    """Stands in for the server's `receive`. `refusal` says why the body was not taken; `on_progress` is called for each part."""

    def __init__(self, receive: Receive, *, expected: bool, most_bytes: int, seconds: float, bytes_per_second: float) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._bytes_per_second = bytes_per_second
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._seen = 0
        self._owes_an_end = self.complete = not expected
        self.gone = False
        self.refusal: Problem | None = None
        self.on_progress: Callable[[], None] | None = None

    async def receive(self) -> Message:
        """The next part; once the body is complete, waits until the client leaves."""
        if self._owes_an_end:
            self._owes_an_end = False
            return {"type": "http.request", "body": b"", "more_body": False}
        if self.complete:
            await self.departure()
            return _GONE
        if self.refusal is not None or self.gone:
            return _GONE
        return await self._next_part()

    async def departure(self) -> None:
        """Returns when the client has left; only to be awaited once the body is complete."""
        while not self.gone:
            self.gone = (await self._receive())["type"] == "http.disconnect"

    async def _next_part(self) -> Message:
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self.refusal = BodyStalled()
            return _GONE
        if message["type"] == "http.disconnect":
            self.gone = True
            return _GONE
        part = len(message.get("body", b""))
        self._seen += part
        self._deadline += part / self._bytes_per_second
        if self._seen > self._most_bytes:
            self.refusal = TooLarge()
            return _GONE
        self.complete = not message.get("more_body", False)
        if self.on_progress is not None:
            self.on_progress()
        return message
