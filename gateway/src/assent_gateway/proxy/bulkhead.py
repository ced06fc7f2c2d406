"""How many requests may be under way at one upstream: a bulkhead, so that one slow service does not sink the others."""

import asyncio
from types import TracebackType


class BulkheadFull(Exception):
    """No place, and no room to wait for one."""


class Bulkhead:
    """So many places, and so many may wait. **Usage**: `async with bulkhead: …`. Raises BulkheadFull."""

    def __init__(self, *, places: int, queue: int, wait_seconds: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._queue = queue
        self._wait_seconds = wait_seconds
        self._waiting = 0
        self.taken = 0

    async def __aenter__(self) -> None:
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()
        self.taken += 1

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.taken -= 1
        self._places.release()

    async def _wait(self) -> None:
        if self._waiting >= self._queue:
            raise BulkheadFull
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise BulkheadFull from error
        finally:
            self._waiting -= 1
