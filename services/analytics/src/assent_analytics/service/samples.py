"""Samples that are kept in memory, because auditing what may be shown of a table takes far longer than reading it.

Of each collection only the newest edition is kept, and of that only the blocks that have changed are read again, so nobody who has
withdrawn stays in memory once the collection is asked for again. Each process has its own.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from sqlmodel import Session

from assent_analytics.domain.columns import Columns
from assent_analytics.service.sample import Sample, usable
from assent_analytics.store.responses import Block, edition_of, read_blocks
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupScheme

MOST_COLLECTIONS = 16


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sample, what it was made of, and the blocks that it was joined from."""

    edition: object
    sample: Sample
    blocks: Mapping[int, Block]


class Samples:
    """The samples of the collections that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()

    def take(self, session: Session, collection: Collection, scheme: GroupScheme) -> Sample:
        """The usable responses of a collection, read again only where they, the collection or the study's groups have changed."""
        edition = (edition_of(session, collection.collection), collection, scheme)
        with self._lock:
            known = self._kept.get(collection.collection)
        if known is not None and known.edition == edition:
            return known.sample
        blocks = read_blocks(session, collection.collection, known.blocks if known is not None else {})
        sample = usable(Columns.joined([columns for _, columns in blocks.values()]), collection, scheme)
        with self._lock:
            self._kept[collection.collection] = _Kept(edition, sample, blocks)
            self._kept.move_to_end(collection.collection)
            while len(self._kept) > MOST_COLLECTIONS:
                self._kept.popitem(last=False)
        return sample
