"""Events become their effect exactly once, whatever order they come in and however often; what cannot be applied is set aside."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import orjson
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.hearsay import heard, make_consumers, open_database, poison, said, say
from tests.support import eventually_blocking

from assent_contracts import registry
from assent_kit.applying import Applier, PoisonLimit, TooMuchPoison
from assent_kit.bus import BusUnavailable, Message, Record
from assent_kit.bus.log import LogBus
from assent_kit.consumer import Consumers
from assent_kit.database import Database
from assent_kit.listening import Listening
from assent_kit.outbox import OUTBOX, compose
from assent_kit.problems import Unavailable
from assent_kit.relay import Relay
from assent_kit.replay import Redriven, redrive


def records(*events: tuple[str, int, str | None]) -> list[Record]:
    """Events (key, version, answer or None) as the bus would hand them out, numbered from 1."""
    rows = [compose(said(*event)) for event in events]
    return [
        Record(
            row["aggregatetype"],
            0,
            offset,
            row["aggregateid"],
            row["payload"] and row["payload"].encode(),
            orjson.loads(row["headers"]),
        )
        for offset, row in enumerate(rows, start=1)
    ]


@pytest.fixture
def applier(spoken_database: Database) -> Applier:
    return Applier("hearsay", make_consumers(), spoken_database)


def test_a_batch_ends_with_the_newest_version_of_each_key(spoken_database: Database, applier: Applier):
    assert applier.apply(records(("a", 1, "old"), ("b", 1, "b"), ("a", 2, "new"))) == 2
    assert heard(spoken_database) == {"a": "new", "b": "b"}


def test_older_and_equal_versions_do_nothing(spoken_database: Database, applier: Applier):
    applier.apply(records(("a", 2, "new")))
    assert applier.apply(records(("a", 1, "old"), ("a", 2, "again"))) == 0
    assert heard(spoken_database) == {"a": "new"}


def test_who_has_withdrawn_is_not_brought_back_by_a_late_delivery(spoken_database: Database, applier: Applier):
    applier.apply(records(("a", 1, "here")))
    applier.apply(records(("a", 2, None)))
    applier.apply(records(("a", 1, "here")))
    assert heard(spoken_database) == {}


HISTORY = st.dictionaries(
    st.sampled_from("abcd"),
    st.lists(st.one_of(st.none(), st.text("xyz", min_size=1, max_size=3)), min_size=1, max_size=5),
    min_size=1,
)


@settings(max_examples=30)
@given(HISTORY, st.data())
def test_any_order_and_repetition_of_a_history_gives_the_same_read_model(history, data):
    """Every version arrives at least once; which copies, in which order and in which batches does not matter."""
    events = [(key, version, answer) for key, answers in history.items() for version, answer in enumerate(answers, start=1)]
    arrivals = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=10))))
    size = data.draw(st.integers(1, len(arrivals)))
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/hearsay.db")
        applier = Applier("hearsay", make_consumers(), database)
        for start in range(0, len(arrivals), size):
            applier.apply(records(*arrivals[start : start + size]))
        found = heard(database)
        database.close()
    assert found == {key: answers[-1] for key, answers in history.items() if answers[-1] is not None}


def test_an_event_that_fails_is_set_aside_with_its_reason_and_the_others_are_applied(spoken_database: Database):
    applier = Applier("hearsay", make_consumers(broken={"bad"}), spoken_database)
    assert applier.apply(records(("a", 1, "good"), ("b", 1, "bad"), ("c", 1, "good"))) == 2
    assert heard(spoken_database) == {"a": "good", "c": "good"}
    (row,) = poison(spoken_database)
    assert (row.topic, row.key, row.version, row.offset) == (registry.RESPONSES.name, "b", 1, 2)
    assert row.reason == "ArithmeticError", "what an error says may quote a value"
    assert b"bad" in bytes(row.value)


def test_poison_heard_again_is_still_one_row(spoken_database: Database):
    applier = Applier("hearsay", make_consumers(broken={"bad"}), spoken_database)
    applier.apply(records(("b", 1, "bad")))
    applier.apply(records(("b", 1, "bad")))
    assert len(poison(spoken_database)) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: replace(record, value=b'{"study": "stu_1"}'),
        lambda record: replace(record, value=b"\xff"),
        lambda record: replace(record, value=None),
        lambda record: replace(record, key="other"),
        lambda record: replace(record, key="b\0", headers={**record.headers, "ce_subject": "b\0"}),
        lambda record: replace(record, headers={**record.headers, "ce_aggregateversion": str(2**63)}),
        lambda record: replace(record, headers={}),
        lambda record: replace(record, headers={**record.headers, "ce_type": "assent.gateway.study.opened.v1"}),
        lambda record: replace(record, headers={**record.headers, "ce_aggregateversion": "many"}),
    ],
)
def test_what_is_no_event_of_ours_is_poison(spoken_database: Database, applier: Applier, spoil: Callable[[Record], Record]):
    good, bad = records(("a", 1, "good"), ("b", 1, "planted"))
    assert applier.apply([good, spoil(bad)]) == 1
    (row,) = poison(spoken_database)
    assert row.reason.startswith("UnreadableEvent")
    assert "planted" not in row.reason


@pytest.mark.parametrize("answer", ["good", None])
def test_a_newer_version_or_a_withdrawal_takes_the_poison_of_its_key_away(spoken_database: Database, answer: str | None):
    applier = Applier("hearsay", make_consumers(broken={"bad"}), spoken_database)
    applier.apply(records(("a", 1, "bad"), ("b", 1, "bad")))
    applier.apply(records(("b", 2, answer)))
    assert [row.key for row in poison(spoken_database)] == ["a"]


def test_redriven_poison_goes_to_the_handler_and_not_to_the_topic(spoken_database: Database):
    broken = {"bad", "worse"}
    consumers = make_consumers(broken=broken)
    Applier("hearsay", consumers, spoken_database).apply(records(("a", 1, "bad"), ("b", 1, "worse"), ("c", 1, "good")))
    broken.remove("bad")
    assert redrive(consumers, spoken_database) == Redriven(applied=1, left=1)
    assert heard(spoken_database) == {"a": "bad", "c": "good"}
    assert [row.key for row in poison(spoken_database)] == ["b"]
    assert spoken_database.read_blocking(lambda session: session.execute(OUTBOX.select()).all()) == []


@pytest.mark.parametrize(
    ("limit", "bad"), [(PoisonLimit(consecutive=5), range(10, 15)), (PoisonLimit(ratio=0.1, enough=50), range(0, 60, 8))]
)
def test_too_much_poison_stops_the_consumer_and_stores_nothing_of_the_batch(tmp_path, limit: PoisonLimit, bad: range):
    database = open_database(f"sqlite:///{tmp_path}/hearsay.db")
    applier = Applier("hearsay", make_consumers(broken={"bad"}), database, limit)
    with pytest.raises(TooMuchPoison):
        applier.apply(records(*[(f"k{number}", 1, "bad" if number in bad else "good") for number in range(60)]))
    assert heard(database) == {}
    assert poison(database) == []
    database.close()


def test_what_is_said_is_heard_through_outbox_relay_bus_and_loop(spoken_database: Database, log: LogBus, running):
    say(spoken_database, [said(f"k{number}", 1, str(number)) for number in range(20)])
    running(Relay("survey", spoken_database, log, erased_after=timedelta(0)).run)
    running(Listening("hearsay", make_consumers(), spoken_database, log).run)
    say(spoken_database, [said("k0", 2, None), said("k1", 2, "new")])
    expected = {f"k{number}": str(number) for number in range(2, 20)} | {"k1": "new"}
    eventually_blocking(lambda: heard(spoken_database), lambda found: found == expected)


class Flaky(Database):
    """A database that is away when it is first asked to write."""

    def write_blocking(self, use_case, /, *args, **kwargs):
        if not self.asked.is_set():
            self.asked.set()
            raise Unavailable
        return super().write_blocking(use_case, *args, **kwargs)

    def __init__(self, url: str) -> None:
        self.asked = threading.Event()
        super().__init__(url)


class FlakyLog(LogBus):
    """A log whose consumers are away when they are first polled."""

    def consumer(self, group, topics):
        consumer = super().consumer(group, topics)
        answers = iter([BusUnavailable("away")])
        poll = consumer.poll

        def poll_later(timeout: float, limit: int) -> list[Record]:
            for error in answers:
                raise error
            return poll(timeout, limit)

        consumer.poll = poll_later
        return consumer


def test_when_database_or_bus_are_away_the_loop_tries_again_and_nothing_is_poison(tmp_path):
    open_database(f"sqlite:///{tmp_path}/hearsay.db").close()
    database = Flaky(f"sqlite:///{tmp_path}/hearsay.db")
    with FlakyLog(tmp_path / "bus.db") as log:
        tell(log, records(("a", 1, "a")))
        stop = threading.Event()
        thread = threading.Thread(target=Listening("hearsay", make_consumers(), database, log).run, args=(stop,))
        thread.start()
        eventually_blocking(lambda: heard(database), lambda found: found == {"a": "a"})
        stop.set()
        thread.join(timeout=20)
    assert database.asked.is_set()
    assert poison(database) == []
    database.close()


def tell(log: LogBus, told: list[Record]) -> None:
    """Put records into a log."""
    log.producer().send([Message(record.topic, record.key, record.value, record.headers) for record in told])


def test_a_topic_has_one_handler():
    consumers = make_consumers()
    with pytest.raises(ValueError, match="already has a handler"):
        consumers.on(registry.RESPONSES)
    assert Consumers("empty").topics == {}


@pytest.mark.postgres
@pytest.mark.parametrize("spoken_database", ["postgres"], indirect=True)
def test_when_the_database_cuts_all_connections_relay_and_loop_go_on(spoken_database: Database, log: LogBus, running):
    database = spoken_database
    say(database, [said("before", 1, "a")])
    running(Relay("survey", database, log, erased_after=timedelta(0)).run)
    running(Listening("hearsay", make_consumers(), database, log).run)
    eventually_blocking(lambda: heard(database), lambda found: found == {"before": "a"})
    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as connection:
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert connection.execute(cut).fetchall()
    eventually_blocking(lambda: _said_despite(database))
    eventually_blocking(lambda: heard(database), lambda found: found == {"before": "a", "after": "b"})
    assert poison(database) == []


def _said_despite(database: Database) -> bool:
    """As a caller does who is told to come back."""
    try:
        say(database, [said("after", 1, "b")])
    except Unavailable:
        return False
    return True


@pytest.mark.postgres
@pytest.mark.parametrize("spoken_database", ["postgres"], indirect=True)
def test_two_members_with_the_same_key_do_not_undo_each_other(spoken_database: Database):
    """The later transaction waits for the earlier one's versions, and sees them."""
    first, second = (Applier("hearsay", make_consumers(), spoken_database) for _ in range(2))
    batches = [[("a", version, str(version))] for version in range(1, 60)]
    threads = [
        threading.Thread(target=lambda applier=applier, mine=mine: [applier.apply(records(*batch)) for batch in mine])
        for applier, mine in ((first, batches[::2]), (second, batches[1::2]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert heard(spoken_database) == {"a": "59"}
