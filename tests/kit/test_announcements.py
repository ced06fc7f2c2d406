"""What was announced is said as it stands when its turn comes, a page at a time, whatever the bus does meanwhile."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlmodel import Session
from tests.kit.hearsay import HEARD, said
from tests.kit.stubborn import Stubborn

from assent_contracts.registry import RESPONSES
from assent_kit import relay as relaying
from assent_kit.announcements import ANNOUNCEMENTS, announce, announced
from assent_kit.bus import BusUnavailable
from assent_kit.database import Database
from assent_kit.outbox import OUTBOX, Event, append_all, retry_refused
from assent_kit.relay import Relay

PAGE = 4


def between(session: Session, first: str, last: str, most: int) -> Sequence[Event]:
    """The rows of `heard` serve as what stands."""
    rows = session.execute(HEARD.select().where(HEARD.c.response.between(first, last)).order_by(HEARD.c.response).limit(most))
    return [said(row.response, row.version, row.answer) for row in rows]


@pytest.fixture
def bus() -> Stubborn:
    return Stubborn()


@pytest.fixture
def relay(spoken_database: Database, bus: Stubborn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    monkeypatch.setattr(relaying, "BATCH", PAGE)
    relay = Relay("survey", spoken_database, bus, erased_after=timedelta(0), composers={RESPONSES.name: between})
    yield relay
    relay.close()


def key(number: int) -> str:
    return f"rsp_{number:03}"


def make(database: Database, count: int) -> None:
    """So many responses, and one announcement of all of them."""

    def use_case(session: Session) -> None:
        session.execute(insert(HEARD), [{"response": key(n), "version": 1, "answer": f"a{n}"} for n in range(count)])
        announce(session, RESPONSES, key(0), key(count - 1), count)

    database.write_blocking(use_case)


def relay_all(relay: Relay) -> None:
    while relay.run_once():
        pass


def waits(database: Database) -> int:
    """How many events are announced and were not said."""
    return database.read_blocking(announced)[0]


@pytest.mark.parametrize("count", [1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_everything_that_was_announced_is_said_once(spoken_database: Database, bus: Stubborn, relay: Relay, count: int):
    make(spoken_database, count)
    assert waits(spoken_database) == count
    relay_all(relay)
    assert [message.key for message in bus.heard] == [key(n) for n in range(count)]
    assert [message.headers["ce_aggregateversion"] for message in bus.heard] == ["1"] * count
    assert waits(spoken_database) == 0
    assert spoken_database.read_blocking(lambda session: session.execute(select(ANNOUNCEMENTS)).all()) == []


def test_an_announcement_is_there_only_when_its_transaction_is(spoken_database: Database):
    def use_case(session: Session) -> None:
        announce(session, RESPONSES, key(0), key(1), 2)
        raise KeyError

    with pytest.raises(KeyError):
        spoken_database.write_blocking(use_case)
    assert waits(spoken_database) == 0


def test_what_changed_meanwhile_is_said_as_it_stands_and_what_is_gone_is_not(
    spoken_database: Database, bus: Stubborn, relay: Relay
):
    make(spoken_database, 3 * PAGE)

    def change(session: Session) -> None:
        session.execute(update(HEARD).where(HEARD.c.response == key(1)).values(version=2, answer="b"))
        append_all(session, [said(key(1), 2, "b")])
        session.execute(delete(HEARD).where(HEARD.c.response.between(key(PAGE), key(2 * PAGE))))
        append_all(session, [said(key(n), 2, None) for n in range(PAGE, 2 * PAGE + 1)])

    spoken_database.write_blocking(change)
    relay_all(relay)
    newest = {message.key: message for message in bus.heard}
    gone = {key(n) for n in range(PAGE, 2 * PAGE + 1)}
    assert {name for name, message in newest.items() if message.value is None} == gone
    assert not any(message.key in gone and message.value for message in bus.heard)
    assert newest[key(1)].headers["ce_aggregateversion"] == "2"
    assert b'"b"' in (newest[key(1)].value or b"")
    assert set(newest) == {key(n) for n in range(3 * PAGE)}
    assert waits(spoken_database) == 0


def test_a_page_comes_again_until_the_bus_has_it(spoken_database: Database, bus: Stubborn, relay: Relay):
    make(spoken_database, PAGE + 1)
    bus.away = True
    for _ in range(2):
        with pytest.raises(BusUnavailable):
            relay.run_once()
    assert waits(spoken_database) == PAGE + 1
    bus.away = False
    relay_all(relay)
    assert [message.key for message in bus.heard] == [key(n) for n in range(PAGE + 1)]


def test_what_the_bus_refuses_is_set_aside_and_holds_up_nothing(spoken_database: Database, bus: Stubborn, relay: Relay):
    make(spoken_database, 2 * PAGE)
    bus.refused = {key(1)}
    relay_all(relay)
    assert {message.key for message in bus.heard} == {key(n) for n in range(2 * PAGE) if n != 1}
    (row,) = spoken_database.read_blocking(lambda session: session.execute(select(OUTBOX)).all())
    assert (row.aggregateid, row.refusal) == (key(1), "no")
    bus.refused = set()
    assert spoken_database.write_blocking(retry_refused) == 1
    relay_all(relay)
    assert key(1) in {message.key for message in bus.heard}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5), there=st.sets(st.integers(0, 30)))
def test_of_any_spans_all_that_is_there_is_said(
    spoken_database: Database, bus: Stubborn, relay: Relay, spans: list[tuple[int, int]], there: set[int]
):
    spans = [(min(span), max(span)) for span in spans]

    def use_case(session: Session) -> None:
        session.execute(delete(HEARD))
        if there:
            session.execute(insert(HEARD), [{"response": key(n), "version": 1, "answer": "a"} for n in there])
        for first, last in spans:
            announce(session, RESPONSES, key(first), key(last), last - first + 1)

    spoken_database.write_blocking(use_case)
    bus.heard.clear()
    relay_all(relay)
    wanted = {key(n) for n in there if any(first <= n <= last for first, last in spans)}
    assert {message.key for message in bus.heard} == wanted
    assert waits(spoken_database) == 0
