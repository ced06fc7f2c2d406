"""Samples that are kept in memory, because auditing what may be shown of a table takes far longer than reading it.

Of each collection only the newest edition is kept, so nobody who has withdrawn stays in memory once the collection is asked for again.
Each process has its own.
"""

from collections import OrderedDict
from threading import Lock

from sqlmodel import Session

from assent_analytics.service.sample import Sample, take_sample
from assent_analytics.store.read_models import edition_of
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupScheme

MOST_COLLECTIONS = 16


class Samples:
    """The samples of the collections that were asked for last."""

    def __init__(self) -> None:
        self._samples: OrderedDict[str, tuple[object, Sample]] = OrderedDict()
        self._lock = Lock()

    def take(self, session: Session, collection: Collection, scheme: GroupScheme) -> Sample:
        """The usable responses of a collection, read again only when they, the collection or the study's groups have changed."""
        edition = (edition_of(session, collection.collection), collection, scheme)
        with self._lock:
            known = self._samples.get(collection.collection)
        if known is not None and known[0] == edition:
            return known[1]
        sample = take_sample(session, collection, scheme)
        with self._lock:
            self._samples[collection.collection] = (edition, sample)
            self._samples.move_to_end(collection.collection)
            while len(self._samples) > MOST_COLLECTIONS:
                self._samples.popitem(last=False)
        return sample
