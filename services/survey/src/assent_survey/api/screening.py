"""How full quotas are, kept for a moment: survey platforms ask once for each respondent, and counting is one scan of a collection."""

import asyncio
import time
from collections.abc import Sequence

from assent_kit.database import Database
from assent_survey.domain.quotas import Filled
from assent_survey.service.quotas import fill_cells

SCREEN_SECONDS = 2.0
"""How long counts are trusted. As many respondents may pass a quota as finish meanwhile, which is fewer than are under way anyhow."""


class Screening:
    """The cells of collections with their counts; each is counted by one request at a time however many wait for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted: dict[str, tuple[float, Sequence[Filled]]] = {}
        self._counting: dict[str, asyncio.Task[Sequence[Filled]]] = {}

    async def cells(self, collection: str) -> Sequence[Filled]:
        """The cells of a collection; none where it has no quotas."""
        counted = self._counted.get(collection)
        if counted is not None and counted[0] > time.monotonic():
            return counted[1]
        counting = self._counting.get(collection)
        if counting is None:
            counting = self._counting[collection] = asyncio.create_task(self._count(collection))
            counting.add_done_callback(lambda _: self._counting.pop(collection, None))
        return await asyncio.shield(counting)

    def forget(self, collection: str) -> None:
        """Count again at the next question."""
        self._counted.pop(collection, None)

    async def _count(self, collection: str) -> Sequence[Filled]:
        cells = await self._database.read(fill_cells, collection)
        self._counted[collection] = (time.monotonic() + SCREEN_SECONDS, cells)
        return cells
