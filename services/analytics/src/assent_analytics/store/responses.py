"""The read model of responses: the state of each, and beside it the same as columns, in blocks of successive places.

The states are what is true. A block is made from them and emptied in the transaction in which one of its responses changes, so that
whoever withdraws is gone from both at once; `consume` fills full blocks again. What is empty is read from the states.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlmodel import Session, col

from assent_analytics.domain.columns import Columns
from assent_analytics.store.read_models import replace, row_of
from assent_analytics.store.tables import Blocks, Editions, ReadModel, Responses
from assent_kit.bulk import among, upsert
from assent_kit.consumer import Change
from assent_kit.identifiers import new_id

BLOCK = 4096
"""How many places a block has: small enough to be read from states while somebody waits, large enough that a million are few."""

Block = tuple[str, Columns]
"""An edition, and the columns of the responses that were there then."""

_EDITIONS = ReadModel.metadata.tables["editions"]
_BLOCKS = ReadModel.metadata.tables["blocks"]
_RESPONSES = ReadModel.metadata.tables["responses"]


def keep_responses(session: Session, changes: Sequence[Change]) -> None:
    """Make the read model say what these changes say. A response keeps its place; what it was part of has a new edition."""
    keys = [change.key for change in changes]
    before = {
        key: (collection, place)
        for key, collection, place in session.execute(
            select(_RESPONSES.c.key, _RESPONSES.c.collection, _RESPONSES.c.place).where(among(session, _RESPONSES.c.key, keys))
        )
    }
    present = {change.key: change.state.collection for change in changes if change.state is not None}
    arriving = [key for key, collection in present.items() if before.get(key, (None, 0))[0] != collection]
    touched = sorted({collection for collection, _ in before.values()} | set(present.values()))
    places = {key: before[key][1] for key in present if key in before}
    editions: dict[str, str] = {}
    for collection in touched:
        new = [key for key in arriving if present[key] == collection]
        editions[collection], first = _new_edition(session, collection, arriving=len(new))
        places |= {key: first + number for number, key in enumerate(new)}
    rows = [
        row_of(change) | {"collection": present[change.key], "place": places[change.key]}
        for change in changes
        if change.key in present
    ]
    replace(session, Responses, keys, rows)
    _empty_blocks(session, editions, {*before.values(), *((row["collection"], row["place"]) for row in rows)})


def _new_edition(session: Session, collection: str, *, arriving: int) -> tuple[str, int]:
    """A new mark of a collection, and the first of so many new places."""
    statement = upsert(session, _EDITIONS).values(collection=collection, edition=new_id("edn"), places=arriving)
    statement = statement.on_conflict_do_update(
        index_elements=["collection"],
        set_={"edition": statement.excluded.edition, "places": _EDITIONS.c.places + statement.excluded.places},
    ).returning(_EDITIONS.c.edition, _EDITIONS.c.places)
    edition, places = session.connection().execute(statement).one()
    return edition, places - arriving


def _empty_blocks(session: Session, editions: Mapping[str, str], places: set[tuple[str, int]]) -> None:
    touched = sorted({(collection, place // BLOCK) for collection, place in places})
    if touched:
        statement = upsert(session, _BLOCKS)
        statement = statement.on_conflict_do_update(
            index_elements=["collection", "block"], set_={"edition": statement.excluded.edition, "columns": None}
        )
        rows = [{"collection": name, "block": block, "edition": editions[name], "columns": None} for name, block in touched]
        session.connection().execute(statement, rows)


def edition_of(session: Session, collection: str) -> str | None:
    """A mark of what a collection's responses are now; it never comes back once they have changed."""
    found = session.get(Editions, collection)
    return found.edition if found else None


def read_blocks(session: Session, collection: str, known: Mapping[int, Block]) -> dict[int, Block]:
    """The blocks of a collection in their order; those whose edition is `known` already are not read again."""
    marks = session.execute(
        select(Blocks.block, Blocks.edition).where(col(Blocks.collection) == collection).order_by(col(Blocks.block))  # type: ignore[call-overload]
    ).all()
    found: dict[int, Block] = {}
    for block, edition in marks:
        old = known.get(block)
        found[block] = old if old is not None and old[0] == edition else (edition, _read(session, collection, block))
    return found


def respondents(session: Session, collection: str) -> list[str]:
    """The tokens of everyone who responded, in the order of the blocks' rows. Columns do not hold them: they join people."""
    token = col(Responses.state)["respondent"].as_string()
    query = select(token).where(col(Responses.collection) == collection).order_by(col(Responses.place))
    return list(session.execute(query).scalars())


def next_empty(session: Session) -> tuple[str, int, Block] | None:
    """A collection, and a full block of it that has no columns, with what they should be; None where every full block has some."""
    full = (col(Blocks.block) + 1) * BLOCK <= col(Editions.places)
    query = (
        select(Blocks.collection, Blocks.block, Blocks.edition)  # type: ignore[call-overload]
        .join(Editions, col(Editions.collection) == col(Blocks.collection))
        .where(full, col(Blocks.columns).is_(None))
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    return found.collection, found.block, (found.edition, _from_states(session, found.collection, found.block))


def fill(session: Session, collection: str, block: int, made: Block) -> None:
    """Keep the columns of a block, unless one of its responses has changed meanwhile."""
    edition, columns = made
    mine = (col(Blocks.collection) == collection, col(Blocks.block) == block, col(Blocks.edition) == edition)
    session.connection().execute(update(Blocks).where(*mine).values(columns=columns.pack()))


def _read(session: Session, collection: str, block: int) -> Columns:
    packed = session.execute(
        select(Blocks.columns).where(col(Blocks.collection) == collection, col(Blocks.block) == block)  # type: ignore[call-overload]
    ).scalar_one()
    return Columns.unpack(packed) if packed is not None else _from_states(session, collection, block)


def _from_states(session: Session, collection: str, block: int) -> Columns:
    first = block * BLOCK
    here = (col(Responses.collection) == collection, col(Responses.place) >= first, col(Responses.place) < first + BLOCK)
    query = select(Responses.state).where(*here).order_by(col(Responses.place))  # type: ignore[call-overload]
    return Columns.of(session.execute(query).scalars())
