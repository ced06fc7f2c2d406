"""Events are appended with the transaction, relayed once it is committed, and deleted once they are acknowledged."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session
from tests.kit.hearsay import STUDY, open_database, response, said, say
from tests.kit.stubborn import Stubborn
from tests.support import eventually_blocking

from assent_contracts import registry
from assent_contracts.envelope import Envelope
from assent_kit.bus import BusUnavailable
from assent_kit.bus.log import LogBus
from assent_kit.database import Database
from assent_kit.outbox import ERASURES, LARGEST_PAYLOAD, OUTBOX, EventRefused, append, append_all, retry_refused, waiting
from assent_kit.relay import Relay

NOW = timedelta(0)


@pytest.fixture
def bus() -> Stubborn:
    return Stubborn()


@pytest.fixture
def relay(spoken_database: Database, bus: Stubborn) -> Iterator[Relay]:
    relay = Relay("survey", spoken_database, bus, erased_after=NOW)
    yield relay
    relay.close()


def left(database: Database) -> list[tuple[str, int, bool]]:
    """Key, version and whether set aside, of what is in the outbox."""
    rows = database.read_blocking(lambda session: list(session.execute(select(OUTBOX).order_by(OUTBOX.c.position))))
    return [(row.aggregateid, row.version, row.refused_at is not None) for row in rows]


def test_an_event_is_there_only_when_its_transaction_is(spoken_database: Database):
    def use_case(session: Session) -> None:
        append_all(session, [said("rsp_1", 1, "a")])
        raise KeyError

    with pytest.raises(KeyError):
        spoken_database.write_blocking(use_case)
    assert left(spoken_database) == []
    say(spoken_database, [said("rsp_1", 1, "a")])
    assert left(spoken_database) == [("rsp_1", 1, False)]
    count, oldest = spoken_database.read_blocking(waiting)
    assert count == 1
    assert oldest is not None
    assert oldest.tzinfo is not None


def test_an_event_travels_as_a_cloud_event(spoken_database: Database, log: LogBus):
    spoken_database.write_blocking(append, registry.RESPONSE_RECEIVED, response("rsp_1", "a"), version=3)
    relay = Relay("survey", spoken_database, log, erased_after=NOW)
    relay.run_once()
    relay.close()
    ((record,),) = log.read([registry.RESPONSES.name])
    envelope = Envelope.from_headers(dict(record.headers))
    assert (record.key, record.value) == ("rsp_1", response("rsp_1", "a").model_dump_json().encode())
    assert (envelope.type, envelope.source, envelope.subject) == ("assent.survey.response.received.v1", "/assent/survey", "rsp_1")
    assert (envelope.study, envelope.version) == (STUDY, 3)


@pytest.mark.parametrize(
    ("event_type", "state", "arguments"),
    [
        (registry.RESPONSE_RECEIVED, None, {"key": "rsp_1", "study": STUDY, "version": 1}),
        (registry.RESPONDENT_WITHDRAWN, response("rsp_1", "a"), {"version": 1}),
        (registry.RESPONDENT_WITHDRAWN, None, {"key": "rsp_1", "version": 1}),
        (registry.RESPONDENT_WITHDRAWN, None, {"study": STUDY, "version": 1}),
        (registry.RESPONDENT_WITHDRAWN, None, {"key": "k" * 201, "study": STUDY, "version": 1}),
        (registry.RESPONDENT_WITHDRAWN, None, {"key": "k\n", "study": STUDY, "version": 1}),
        (registry.RESPONSE_RECEIVED, response("rsp_1", "a"), {"key": "rsp_2", "version": 1}),
        (registry.RESPONSE_RECEIVED, response("rsp_1", "a"), {"version": 0}),
        (registry.RESPONSE_RECEIVED, response("rsp_1", "a" * LARGEST_PAYLOAD), {"version": 1}),
        (registry.STUDY_OPENED, response("rsp_1", "a"), {"version": 1}),
    ],
)
def test_an_event_that_could_not_be_sent_is_refused_when_it_is_appended(spoken_database: Database, event_type, state, arguments):
    with pytest.raises(EventRefused):
        spoken_database.write_blocking(append, event_type, state, **arguments)
    assert left(spoken_database) == []


def test_of_waiting_versions_the_newest_is_said_and_all_are_done(spoken_database: Database, bus: Stubborn, relay: Relay):
    say(spoken_database, [said("rsp_1", 1, "a"), said("rsp_2", 1, "b"), said("rsp_1", 2, "c")])
    assert relay.run_once() == 3
    assert {message.key: message.headers["ce_aggregateversion"] for message in bus.heard} == {"rsp_1": "2", "rsp_2": "1"}
    assert left(spoken_database) == []


def test_a_withdrawal_takes_back_what_still_waits(spoken_database: Database):
    say(spoken_database, [said("rsp_1", 1, "secret"), said("rsp_2", 1, "b")])
    say(spoken_database, [said("rsp_1", 2, None)])
    assert left(spoken_database) == [("rsp_2", 1, False), ("rsp_1", 2, False)]


def test_a_row_refused_twice_on_its_own_is_set_aside_and_the_rest_goes_on(spoken_database: Database, bus: Stubborn, relay: Relay):
    bus.refused = {"rsp_2"}
    say(spoken_database, [said(f"rsp_{number}", 1, "a") for number in range(5)])
    relay.run_once()
    assert sorted(message.key for message in bus.heard) == ["rsp_0", "rsp_1", "rsp_3", "rsp_4"]
    assert left(spoken_database) == [("rsp_2", 1, True)]

    bus.refused = set()
    assert relay.run_once() == 0, "it waits for someone to look at it"
    assert spoken_database.write_blocking(retry_refused) == 1
    relay.run_once()
    assert left(spoken_database) == []


def test_what_was_set_aside_is_dropped_when_something_newer_was_said(spoken_database: Database, bus: Stubborn, relay: Relay):
    bus.refused = {"rsp_1"}
    say(spoken_database, [said("rsp_1", 1, "a")])
    relay.run_once()
    bus.refused = set()
    say(spoken_database, [said("rsp_1", 2, "b")])
    relay.run_once()
    assert left(spoken_database) == []


def test_while_the_bus_is_away_events_wait(spoken_database: Database, bus: Stubborn, relay: Relay, running):
    bus.away = True
    say(spoken_database, [said("rsp_1", 1, "a")])
    with pytest.raises(BusUnavailable):
        relay.run_once()
    assert left(spoken_database) == [("rsp_1", 1, False)]
    running(relay.run)
    bus.away = False
    eventually_blocking(lambda: left(spoken_database), lambda rows: rows == [])
    say(spoken_database, [said("rsp_2", 1, "a")])
    eventually_blocking(lambda: [message.key for message in bus.heard], lambda keys: keys == ["rsp_1", "rsp_2"])


def test_markers_follow_tombstones_after_the_lag_and_survive_a_restart(spoken_database: Database, bus: Stubborn):
    say(spoken_database, [said("rsp_1", 2, None), said("rsp_2", 2, None)])
    first = Relay("survey", spoken_database, bus, erased_after=timedelta(milliseconds=200))
    first.run_once()
    first.close()
    assert bus.marked == []
    restarted = Relay("survey", spoken_database, bus, erased_after=timedelta(days=1))
    eventually_blocking(lambda: restarted.run_once() or bus.marked)
    restarted.close()
    assert bus.marked == [registry.RESPONSES.name]
    assert spoken_database.read_blocking(lambda session: session.execute(select(ERASURES)).all()) == []


def test_a_marker_follows_also_a_tombstone_that_was_overtaken_before_it_was_said(
    relay: Relay, spoken_database: Database, bus: Stubborn
):
    say(spoken_database, [said("rsp_1", 2, None), said("rsp_1", 3, "back again")])
    eventually_blocking(lambda: relay.run_once() or bus.marked)
    assert [message.headers["ce_aggregateversion"] for message in bus.heard] == ["3"]


@pytest.mark.postgres
@pytest.mark.parametrize("spoken_database", ["postgres"], indirect=True)
def test_only_one_relay_of_a_service_works_at_a_time(spoken_database: Database):
    database = spoken_database
    first, second = Stubborn(), Stubborn()
    working = Relay("survey", database, first, erased_after=NOW)
    waiting_relay = Relay("survey", database, second, erased_after=NOW)
    assert working.run_once() == 0
    say(database, [said("rsp_1", 1, "a")])
    assert waiting_relay.run_once() == 0
    assert working.run_once() == 1
    say(database, [said("rsp_2", 1, "a")])
    working.close()
    eventually_blocking(waiting_relay.run_once)
    assert ([message.key for message in first.heard], [message.key for message in second.heard]) == (["rsp_1"], ["rsp_2"])
    waiting_relay.close()


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=20), st.integers(1, 5))
def test_each_key_is_said_in_the_order_of_its_versions(steps, appended_at_once):
    """Whatever is appended in whatever portions, the log's versions of a key only grow and end with the newest."""
    with tempfile.TemporaryDirectory() as folder:
        database, bus = open_database(f"sqlite:///{folder}/hearsay.db"), Stubborn()
        relay = Relay("survey", database, bus, erased_after=NOW)
        versions = dict.fromkeys("abc", 0)
        for index, (key, gone) in enumerate(steps):
            versions[key] += 1
            say(database, [said(key, versions[key], None if gone else str(index))])
            if index % appended_at_once == 0:
                relay.run_once()
        relay.run_once()
        database.close()
    for key, newest in versions.items():
        told = [int(message.headers["ce_aggregateversion"]) for message in bus.heard if message.key == key]
        assert told == sorted(set(told))
        assert not newest or told[-1] == newest
