"""How many respondents each group of the study has, without the counts that would identify anybody."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.problems import Rebuilding
from assent_analytics.service.sample import Sample
from assent_analytics.service.samples import Samples
from assent_analytics.service.shared_key import scheme_of
from assent_analytics.store import tables
from assent_analytics.store.read_models import are_rebuilding, states
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupScheme, GroupVariable


@dataclass(frozen=True, slots=True)
class CollectionBases:
    """The counts of one collection."""

    collection: Collection
    scheme: GroupScheme
    sample: Sample

    @property
    def respondents(self) -> int | None:
        """Everybody; None when there are too few to say."""
        return self.sample.rows if self.sample.rows >= THRESHOLD else None

    def groups(self, variable: GroupVariable) -> Iterator[tuple[str, str, int | None]]:
        """Each category with its label and count; None where the count would identify people, or give away one that would."""
        counts, shown = self.sample.counts(variable), self.sample.listed(variable)
        for category in variable.categories:
            showable = self.respondents is not None and shown[category.group]
            yield category.group, category.label, counts[category.group] if showable else None


def count_bases(session: Session, kept: Samples, *, study: str, collection: str | None) -> list[CollectionBases]:
    """The counts of each collection, or of one. Raises Rebuilding."""
    if are_rebuilding(session):
        raise Rebuilding
    scheme = scheme_of(session, study)
    return [
        CollectionBases(collection=one, scheme=scheme, sample=kept.take(session, one, scheme))
        for one in states(session, tables.Collections, Collection, study)
        if collection in (None, one.collection)
    ]
