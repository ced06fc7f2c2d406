"""What every bus promises, tested once and inherited by each adapter's test.

An adapter gives the fixtures `bus` and `topic` (a fresh name), and `bytes_on_disk`, which is all that the bus has in its files.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest
from tests.kit.hearsay import heard, make_consumers, open_database, poison, said, say
from tests.support import ROOT, eventually_blocking

from assent_contracts import registry
from assent_kit.bus import MARKER_KEY, Bus, Consumer, Message, MessageRefused, Record, TopicSettings
from assent_kit.consumer import Consumers
from assent_kit.database import Database
from assent_kit.identifiers import new_id
from assent_kit.listening import Listening
from assent_kit.relay import Relay
from assent_kit.replay import Redriven, redrive

QUICK = TopicSettings(
    lag=timedelta(milliseconds=300), segment=timedelta(milliseconds=300), file_delay=timedelta(milliseconds=100), partitions=3
)


def saying(topic: str, count: int, *, keys: int = 7) -> list[Message]:
    """Numbered messages of a few keys."""
    return [Message(topic, f"key{number % keys}", str(number).encode(), {"number": str(number)}) for number in range(count)]


def hear(consumer: Consumer, count: int) -> list[Record]:
    """Poll until so many records have come."""
    found: list[Record] = []
    eventually_blocking(lambda: found.extend(consumer.poll(0.2, 100)) or len(found), lambda number: number >= count, within=30)
    return found


def numbers_by_key(records: list[Record]) -> dict[str, list[int]]:
    """The numbers of each key in the order in which they came."""
    ordered = sorted(records, key=lambda record: record.key)  # stable
    return {key: [int(record.headers["number"]) for record in of_key] for key, of_key in groupby(ordered, lambda r: r.key)}


@contextmanager
def relay_and_consumer(database: Database, bus: Bus, consumers: Consumers) -> Iterator[None]:
    """Both loops of the small service, in threads."""
    stop = threading.Event()
    loops = Relay("survey", database, bus, erased_after=timedelta(hours=1)).run, Listening("hearsay", consumers, database, bus).run
    threads = [threading.Thread(target=loop, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)


class BusPromises:
    """The suite."""

    url: str

    @pytest.fixture
    def topic(self, bus: Bus) -> str:
        """A topic of this test's own that is compacted quickly."""
        name = new_id("topic")
        bus.ensure_topics([name], QUICK)
        return name

    @pytest.fixture
    def consume(self, bus: Bus, topic: str) -> Iterator[Callable[[str], Consumer]]:
        """Opens members of groups, and closes them."""
        opened: list[Consumer] = []

        def consume(group: str) -> Consumer:
            opened.append(bus.consumer(f"{group}-{topic}", [topic]))
            return opened[-1]

        yield consume
        for consumer in opened:
            consumer.close()

    @pytest.fixture
    def say(self, bus: Bus) -> Iterator[Callable[[list[Message]], None]]:
        """Sends messages that must all be acknowledged."""
        producer = bus.producer()

        def say(messages: list[Message]) -> None:
            assert producer.send(messages) == [None] * len(messages)

        yield say
        producer.close()

    def test_each_key_is_heard_in_the_order_it_was_said(self, topic, say, consume):
        say(saying(topic, 100))
        records = hear(consume("a"), 100)
        assert numbers_by_key(records) == {f"key{key}": list(range(key, 100, 7)) for key in range(7)}
        assert {record.value for record in records} == {str(number).encode() for number in range(100)}

    def test_each_group_hears_everything(self, topic, say, consume):
        say(saying(topic, 20))
        assert len(hear(consume("a"), 20)) == len(hear(consume("b"), 20)) == 20

    def test_a_group_goes_on_behind_what_it_has_committed(self, topic, say, consume):
        say(saying(topic, 10))
        first = consume("a")
        hear(first, 10)
        first.commit()
        first.close()
        say(saying(topic, 15)[10:])
        assert {int(record.headers["number"]) for record in hear(consume("a"), 5)} == set(range(10, 15))

    def test_what_was_not_committed_is_heard_again(self, topic, say, consume):
        say(saying(topic, 10))
        first = consume("a")
        hear(first, 10)
        first.close()
        assert len(hear(consume("a"), 10)) == 10

    def test_a_waiting_consumer_is_woken(self, topic, say, consume):
        consumer = consume("a")
        heard: list[Record] = []
        listener = threading.Thread(target=lambda: heard.extend(hear(consumer, 1)))
        listener.start()
        say(saying(topic, 1))
        listener.join(timeout=20)
        assert [record.value for record in heard] == [b"0"]

    def test_a_tombstone_keeps_its_headers(self, topic, say, consume):
        say([Message(topic, "key", None, {"number": "1"})])
        (record,) = hear(consume("a"), 1)
        assert (record.key, record.value, record.headers) == ("key", None, {"number": "1"})

    def test_a_message_that_is_too_large_is_refused_alone_and_the_rest_goes_through(self, bus, topic, say, consume):
        producer = bus.producer()
        large = Message(topic, "large", b"x" * 2_000_000, {"number": "0"})
        (refusal,) = producer.send([large])
        assert isinstance(refusal, MessageRefused)
        say(saying(topic, 3))
        assert producer.send(saying(topic, 3)) == [None] * 3
        producer.close()
        assert len(hear(consume("a"), 6)) == 6

    def test_a_reader_reads_to_the_end_as_it_was_and_joins_no_group(self, bus, topic, say, consume):
        say(saying(topic, 30))
        reading = bus.read([topic], limit=10)
        first = next(reading)
        say(saying(topic, 40)[30:])
        heard = first + [record for batch in reading for record in batch]
        assert sorted(int(record.headers["number"]) for record in heard) == list(range(30))
        assert len(hear(consume("a"), 40)) == 40

    def test_reading_an_empty_topic_ends_at_once(self, bus, topic):
        assert list(bus.read([topic])) == []

    def test_a_withdrawal_empties_the_log_without_anything_more_being_said(self, bus, bytes_on_disk, tmp_path: Path):
        """The relay alone sees to it, with one marker behind the tombstone: the topic is idle."""
        topic = registry.RESPONSES.name
        bus.ensure_topics([topic], QUICK)
        database = open_database(f"sqlite:///{tmp_path}/outbox.sqlite")
        relay = Relay("survey", database, bus, erased_after=QUICK.erased_after)
        gone, kept, secret, known = new_id("rsp"), new_id("rsp"), new_id("secret"), new_id("known")
        say(database, [said(gone, 1, secret), said(kept, 1, known)])
        relay.run_once()
        assert secret.encode() in bytes_on_disk()
        say(database, [said(gone, 2, None)])

        def found_after_relaying() -> bool:
            relay.run_once()
            return secret.encode() in bytes_on_disk()

        eventually_blocking(found_after_relaying, lambda found: not found, within=60)
        relay.close()
        database.close()
        assert known.encode() in bytes_on_disk()
        left = {record.key: record.value is None for batch in bus.read([topic]) for record in batch}
        assert (left[kept], left[gone], left.get(MARKER_KEY)) == (False, True, None), (
            "state, tombstone, and no marker is handed out"
        )

    def test_a_consumer_that_is_killed_is_followed_by_one_that_misses_nothing(self, topic, say, tmp_path: Path):
        """kill -9 between hearing and committing, again and again: every number is written down at least once."""
        say(saying(topic, 200, keys=200))
        notes = tmp_path / "heard"
        notes.touch()
        for more in (3, 30):
            # On a fast disk all of it may be written down and committed before the kill.
            self._listen(notes, topic, until=min(200, _lines(notes) + more))
        self._listen(notes, topic, until=200)
        assert set(notes.read_text().split()) == {str(number) for number in range(200)}

    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        """The database of a service that uses this bus."""
        return f"sqlite:///{tmp_path}/hearsay.sqlite"

    def test_a_service_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(self, bus, database_url: str):
        """kill -9 of relay and consumer at work. The handler only adds: an effect that came twice would be poison."""
        database = open_database(database_url)
        keys = [new_id("rsp") for _ in range(800)]

        def arrived() -> int:  # the topic may hold what other tests have said
            return len(heard(database).keys() & set(keys))

        for start in range(0, len(keys), 200):
            say(database, [said(key, 1, "answer") for key in keys[start : start + 200]])
        for share in (0.1, 0.5, 1.0):
            with subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.bus.hearer", self.url, database_url], cwd=ROOT
            ) as child:
                try:
                    eventually_blocking(lambda: arrived() / len(keys), lambda found: found >= share, within=60)  # noqa: B023
                finally:
                    child.kill()
        assert arrived() == len(keys)
        assert poison(database) == []
        database.close()

    def test_what_cannot_be_applied_is_set_aside_and_holds_up_nothing(self, bus, database_url: str):
        database = open_database(database_url)
        mended, withdrawn, good = (new_id("rsp") for _ in range(3))
        broken = {f"answer of {mended}", f"answer of {withdrawn}"}
        consumers = make_consumers(new_id("group"), broken=broken)
        bus.ensure_topics([registry.RESPONSES.name], QUICK)
        with relay_and_consumer(database, bus, consumers):
            say(database, [said(key, 1, f"answer of {key}") for key in (mended, withdrawn, good)])
            eventually_blocking(lambda: heard(database).get(good))
            eventually_blocking(lambda: {row.key for row in poison(database)}, lambda keys: keys == {mended, withdrawn})
            say(database, [said(withdrawn, 2, None)])
            eventually_blocking(lambda: {row.key for row in poison(database)}, lambda keys: keys == {mended})
            broken.clear()
            assert redrive(consumers, database) == Redriven(applied=1, left=0)
        assert heard(database)[mended] == f"answer of {mended}"
        assert not {withdrawn} & heard(database).keys()
        database.close()

    def _listen(self, notes: Path, topic: str, *, until: int) -> None:
        """Have a process write down what it hears and kill it once so many different numbers are written down."""
        command = [sys.executable, "-W", "ignore", "-m", "tests.bus.listener", self.url, f"killed-{topic}", topic, str(notes)]
        with subprocess.Popen(command, cwd=ROOT) as child:
            try:
                eventually_blocking(lambda: _lines(notes), lambda count: count >= until, within=40)
            finally:
                child.kill()


def _lines(notes: Path) -> int:
    return len(set(notes.read_text().split()))
