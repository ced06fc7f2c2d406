"""How many respondents each group of the study has, without the counts that would identify anybody."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.suppression import facts_or_mark
from assent_analytics.problems import Rebuilding
from assent_analytics.service.sample import Sample
from assent_analytics.service.samples import Samples
from assent_analytics.service.shared_key import scheme_of
from assent_analytics.store import releases, tables
from assent_analytics.store.read_models import are_rebuilding, states
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupVariable


def count_bases(session: Session, kept: Samples, *, study: str, collection: str | None) -> list[dict[str, Any]]:
    """The counts of each collection, or of one. Raises Rebuilding."""
    if are_rebuilding(session):
        raise Rebuilding
    scheme = scheme_of(session, study)
    return [
        bases_of(kept.take(session, one, scheme))
        for one in states(session, tables.Collections, Collection, study)
        if collection in (None, one.collection)
    ]


def released_bases(session: Session, *, study: str, collection: str | None) -> list[dict[str, Any]]:
    """The counts that were released last, of each collection or of one."""
    found = releases.newest_tables(session, study, None)
    return [dict(table.content) for table in found if collection in (None, table.definition.collection)]


def bases_of(sample: Sample) -> dict[str, Any]:
    """The counts of one collection as they are shown: one that would identify people, or give such a one away, is only marked."""
    many = sample.rows >= THRESHOLD
    return {
        "collection": sample.collection.collection,
        "wave": sample.collection.wave,
        **({"respondents": sample.rows} if many else {}),
        "variables": [
            {"variable": variable.variable, "label": variable.label, "groups": list(_groups(sample, variable, many=many))}
            for variable in sample.scheme.variables
        ],
    }


def _groups(sample: Sample, variable: GroupVariable, *, many: bool) -> Iterator[dict[str, Any]]:
    counts, shown = sample.counts(variable), sample.listed(variable)
    for category in variable.categories:
        figure = facts_or_mark({"count": counts[category.group]}, shown=many and shown[category.group])
        yield {"group": category.group, "label": category.label, **figure}
