"""Announcements: one row that says of very many new aggregates, from one key to another, that they are there.

What is made by the thousand would else be written twice, as what it is and as what is said of it. A topic holds state, so the relay may
as well read what stands when the turn has come, and say that: what changed meanwhile is said in its newest version, and whatever is
gone is not said. Who reads and says it is `assent_kit.relay`; how a state is put together is the service's, by a `Composer`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, case, delete, func, insert, select, update
from sqlmodel import Field, Session, SQLModel

from assent_contracts.registry import Topic
from assent_kit.outbox import LONGEST_KEY, OUTBOX, AutoNumber, Event, compose
from assent_kit.tables import Instant, now, table_base

Composer = Callable[[Session, str, str, int], Sequence[Event]]
"""`compose(session, first, last, most)`: what stands now of the aggregates between two keys, both included, in order of their keys."""


class AnnouncementColumns(SQLModel):
    """The columns of a service's `announcement` table: `first` is the first key that was not said yet, `events` how many may be left."""

    position: int | None = Field(default=None, primary_key=True, sa_type=AutoNumber)
    topic: str = Field(max_length=200)
    first: str = Field(max_length=LONGEST_KEY)
    last: str = Field(max_length=LONGEST_KEY)
    events: int
    created_at: datetime = Field(sa_type=Instant)


def announcement_table(base: type[SQLModel]) -> type[AnnouncementColumns]:
    """The `announcement` table on a service's own metadata."""

    class Announcement(AnnouncementColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "announcement"

    return Announcement


# As with the outbox, one copy of the table serves the statements of all services.
ANNOUNCEMENTS: Table = announcement_table(table_base()).metadata.tables["announcement"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what an announcement announces: rows as the outbox would have them, and the key with which the next page begins."""

    position: int
    rows: Sequence[dict[str, Any]]
    following: str | None


def announce(session: Session, topic: Topic, first: str, last: str, events: int) -> None:
    """Say in this transaction that the aggregates between two keys, both included, are there: `events` in number.

    Those among them that were there before are said again, which changes nothing. Each must be small enough for the bus.
    """
    row = {"topic": topic.name, "first": first, "last": last, "events": events, "created_at": now()}
    session.connection().execute(insert(ANNOUNCEMENTS), row)


def next_page(session: Session, composers: Mapping[str, Composer], most: int) -> Page | None:
    """What is to be said next, at most so many; None when nothing was announced."""
    row = session.execute(select(ANNOUNCEMENTS).order_by(ANNOUNCEMENTS.c.position).limit(1)).first()
    if row is None:
        return None
    events = [compose(event) for event in composers[row.topic](session, row.first, row.last, most + 1)]
    following = events[most]["aggregateid"] if len(events) > most else None
    return Page(row.position, events[:most], following)


def turn_page(session: Session, page: Page) -> None:
    """Note that a page was said."""
    this = ANNOUNCEMENTS.c.position == page.position
    if page.following is None:
        session.execute(delete(ANNOUNCEMENTS).where(this))
    else:
        left = ANNOUNCEMENTS.c.events - len(page.rows)
        session.execute(update(ANNOUNCEMENTS).where(this).values(first=page.following, events=case((left > 0, left), else_=0)))


def keep_refused(session: Session, row: Mapping[str, Any], reason: str) -> None:
    """Keep in the outbox what the bus refused."""
    session.execute(insert(OUTBOX), {**row, "refused_at": now(), "refusal": reason[:500]})


def announced(session: Session) -> tuple[int, datetime | None]:
    """How many events are still to be put together, and since when the oldest of them is."""
    count, oldest = session.execute(select(func.sum(ANNOUNCEMENTS.c.events), func.min(ANNOUNCEMENTS.c.created_at))).one()
    return int(count or 0), oldest
