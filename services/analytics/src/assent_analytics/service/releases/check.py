"""Whether tables may be released: from closed collections, no cell moved by a few people, no few people left over beside other releases.

Reading only, because audits take time. What is found says of which state of the register it holds; whoever registers the release
checks that nothing else has been released meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from assent_analytics.domain.differencing import Cut, moved, narrows, too_close
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.distribution import Answers
from assent_analytics.domain.manifest import Check
from assent_analytics.domain.release import Counts, ReleasedTable, TableDefinition
from assent_analytics.problems import Differencing, Rebuilding, StillOpen, UnknownItem
from assent_analytics.service.releases.cuts import counts_of, cuts_of
from assent_analytics.service.sample import Sample
from assent_analytics.service.samples import Samples
from assent_analytics.service.shared_key import scheme_of
from assent_analytics.service.study_items import find_item
from assent_analytics.store import releases, tables
from assent_analytics.store.read_models import are_rebuilding, state
from assent_analytics.store.responses import edition_of
from assent_contracts.events.survey import Collection
from assent_contracts.groups import GroupScheme, GroupVariable
from assent_kit.problems import NotFound

LEAST_FREEDOM = 10
"""Degrees of freedom of a design below which somebody is to look at what it says."""


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A table that may be released, or that repeats an earlier one because some cell moved by a few people."""

    definition: TableDefinition
    edition: str
    counts: Counts
    repeats: ReleasedTable | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and the number of the study's newest release when it was."""

    tables: tuple[CheckedTable, ...]
    checks: tuple[Check, ...]
    as_of: int


Drawing = dict[tuple[object, ...], list[Cut]]
"""The cuts that have been drawn already: tables of a collection mostly share their groups."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A table drawn from today's answers, with everything that was released of its collection before."""

    definition: TableDefinition
    edition: str
    sample: Sample
    answers: Answers | None
    before: list[ReleasedTable]
    drawing: Drawing

    def cuts(self, definition: TableDefinition) -> list[Cut]:
        """The sets that a table of this collection tells about."""
        key = (definition.collection, definition.shown, definition.within, str(definition.scheme))
        if key not in self.drawing:
            meant = replace(self.sample, scheme=GroupScheme(variables=definition.scheme))
            self.drawing[key] = cuts_of(meant, definition)
        return self.drawing[key]

    @property
    def originals(self) -> list[ReleasedTable]:
        """The tables that were released before and are not repetitions."""
        return [table for table in self.before if table.repeats is None]


def check_release(session: Session, kept: Samples, *, study: str, tables: Sequence[TableDefinition]) -> Checked:
    """Check the tables of one release against the register and one another.

    Raises StillOpen, Differencing, UnknownItem, NotFound, Rebuilding, CannotEstimate.
    """
    if are_rebuilding(session):
        raise Rebuilding
    drawing: Drawing = {}
    drawn = [_draw(session, kept, study, definition, drawing) for definition in tables]
    checked = []
    for at, one in enumerate(drawn):
        counts = counts_of(one.sample, one.answers, one.definition)
        repeats = _moved_by_few(one, counts)
        if repeats is None:
            _refuse_differences(one, drawn[:at])
        checked.append(CheckedTable(one.definition, one.edition, counts, repeats))
    return Checked(tables=tuple(checked), checks=tuple(_checks(drawn, checked)), as_of=releases.newest_number(session, study))


def _draw(session: Session, kept: Samples, study: str, definition: TableDefinition, drawing: Drawing) -> _Drawn:
    collection = state(session, tables.Collections, Collection, study, definition.collection)
    if collection is None:
        raise NotFound("the study has no such collection")
    if collection.state != "closed":
        raise StillOpen(f"“{collection.wave}” ({collection.collection}) is open")
    scheme = scheme_of(session, study)
    sample = kept.take(session, collection, scheme)
    answers = None
    if definition.item is not None:
        item = find_item(session, study, definition.item)
        if item is None:
            raise UnknownItem
        answers = sample.answers(item.item)
    return _Drawn(
        definition=replace(definition, scheme=_used(scheme, definition)),
        edition=edition_of(session, definition.collection) or "",
        sample=sample,
        answers=answers,
        before=releases.tables_of_collection(session, study, definition.collection),
        drawing=drawing,
    )


def _used(scheme: GroupScheme, definition: TableDefinition) -> tuple[GroupVariable, ...]:
    """The variables that a table uses, with what their categories mean."""
    variables = {ref.variable for who in (*definition.groups, definition.within) for ref in who}
    return tuple(variable for variable in scheme.variables if variable.variable in variables)


def _moved_by_few(one: _Drawn, counts: Counts) -> ReleasedTable | None:
    """The newest edition of the same table, if the figures of any edition could be told from these by a few people."""
    editions = [table for table in one.before if table.definition.is_again(one.definition)]
    return editions[0] if any(moved(table.counts, counts) for table in editions) else None


def _refuse_differences(one: _Drawn, beside: Sequence[_Drawn]) -> None:
    """Refuse a table that leaves a few people over beside any that was, or is being, released. Raises Differencing."""
    known: dict[object, tuple[Cut, str]] = {}
    for table in one.originals:
        for cut in one.cuts(table.definition):
            known.setdefault(cut.key, (cut, _where(table)))
    for other in (other for other in beside if other.definition.collection == one.definition.collection):
        for cut in one.cuts(other.definition):
            known.setdefault(cut.key, (cut, "another table of this release"))
    new = [cut for cut in one.cuts(one.definition) if cut.key not in known]
    for cut, where in known.values():
        for pair in too_close(new, [cut]):
            raise Differencing(f"“{pair.new}” and “{pair.released}” of {where} differ by fewer than {THRESHOLD} people")
    _refuse_combinations(one, new)


def _refuse_combinations(one: _Drawn, new: Sequence[Cut]) -> None:
    """Refuse what, with earlier tables of the same item that share a variable with it, would place a low count. Raises Differencing."""
    variables = {variable for cut in new for variable in cut.conditions}
    linked = {
        _where(table): [cut.members for cut in one.cuts(table.definition) if variables & cut.conditions.keys()]
        for table in one.originals
        if table.definition.item == one.definition.item
    }
    linked = {where: some for where, some in linked.items() if some}
    own = [cut.members for cut in one.cuts(one.definition) if variables & cut.conditions.keys()]
    if one.answers is not None and linked and narrows(one.answers, own, list(linked.values())):
        raise Differencing(f"together with {', '.join(linked)}, a count of fewer than {THRESHOLD} people could be worked out")


def _where(table: ReleasedTable) -> str:
    return f"version {table.version} of {table.release}"


def _checks(drawn: Sequence[_Drawn], checked: Sequence[CheckedTable]) -> Iterator[Check]:
    """What a reader of the manifest wants to know was looked at."""
    repeated = sum(table.repeats is not None for table in checked)
    yield Check(name="closed_collections", outcome="pass", detail="every table is of a closed collection")
    yield Check(
        name="threshold",
        outcome="pass",
        detail=f"unweighted counts under {THRESHOLD}, their complements, noughts and wholes are hidden with all their facts",
    )
    yield Check(
        name="secondary_suppression",
        outcome="pass",
        detail=f"audited by linear programming: no hidden low count can be placed within fewer than {THRESHOLD} people",
    )
    yield Check(
        name="movement",
        outcome="pass",
        detail=f"of {len(checked)} tables {repeated} repeat an earlier release, because a cell moved by fewer than {THRESHOLD} people",
    )
    yield Check(name="differencing", outcome="pass", detail="no few people are left over beside earlier tables of the register")
    few = [one.definition.collection for one in drawn if one.sample.rows and one.sample.design.degrees_of_freedom < LEAST_FREEDOM]
    if few:
        named = ", ".join(dict.fromkeys(few))
        yield Check(name="degrees_of_freedom", outcome="review", detail=f"fewer than {LEAST_FREEDOM} in the design of {named}")
    else:
        yield Check(name="degrees_of_freedom", outcome="pass", detail=f"{LEAST_FREEDOM} or more in every design")
