"""Apache Kafka keeps what every bus promises, and what only Kafka can: shared partitions, and a broker that comes and goes."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from tests.bus.base import QUICK, BusPromises, hear, numbers_by_key, saying
from tests.kafka.broker import Broker, Cluster
from tests.support import eventually_blocking, slow

from assent_kit.bus import Bus, BusUnavailable, Message, TopicSettings
from assent_kit.bus.kafka import KafkaBus
from assent_kit.identifiers import new_id

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


class TestKafkaBus(BusPromises):
    """The suite, on one broker."""

    @pytest.fixture
    def bus(self, kafka: Cluster) -> Iterator[Bus]:
        """The broker; topics have names of their own."""
        self.url = f"{kafka.url}?session=3"
        with KafkaBus(self.url) as bus:
            yield bus

    @pytest.fixture
    def bytes_on_disk(self, kafka: Cluster) -> Callable[[], bytes]:
        """Every file of every partition, those that wait to be deleted among them."""
        if not kafka.ours:
            pytest.skip("the files of a broker of one's own cannot be read from here")
        return lambda: b"".join(_read(path) for broker in kafka.brokers for path in broker.logs.glob("*/*"))

    @pytest.fixture
    def database_url(self, new_database: Callable[[], str]) -> str:
        """Kafka goes with PostgreSQL."""
        return new_database()

    def test_two_members_share_the_partitions_and_one_takes_over_for_the_other(self, bus, topic, say, consume):
        first, second = consume("a"), consume("a")
        threads_done = threading.Event()
        heard: dict[str, list] = {"first": [], "second": []}

        def listen(name: str, member) -> None:
            while not threads_done.is_set():
                heard[name] += member.poll(0.1, 10)
                member.commit()

        threads = [threading.Thread(target=listen, args=pair) for pair in (("first", first), ("second", second))]
        for thread in threads:
            thread.start()
        said = iter(range(10_000))

        def both_have_heard() -> bool:
            number = next(said)
            say([Message(topic, f"key{number % 50}", b"", {"number": str(number)})])
            return bool(heard["first"]) and bool(heard["second"])

        eventually_blocking(both_have_heard, within=60)
        threads_done.set()
        for thread in threads:
            thread.join(timeout=20)
        first.close()
        last = next(said)
        remaining = heard["second"]
        eventually_blocking(
            lambda: remaining.extend(second.poll(0.2, 100)) or {int(r.headers["number"]) for r in heard["first"] + remaining},
            lambda numbers: numbers >= set(range(last)),
            within=60,
        )
        for numbers in numbers_by_key(heard["second"]).values():
            assert list(dict.fromkeys(numbers)) == sorted(set(numbers)), "in order, but for what was heard again"

    def test_setting_up_a_topic_again_changes_its_configuration(self, bus, topic):
        bus.ensure_topics([topic, new_id("topic")], TopicSettings())
        bus.ensure_topics([topic], QUICK)


@slow
def test_a_producer_recovers_when_its_broker_was_frozen_and_when_it_was_killed(own_kafka: Cluster):
    bus = KafkaBus(f"{own_kafka.url}?session=3", patience=4.0)
    bus.ensure_topics(["topic"], QUICK)
    (broker,) = own_kafka.brokers
    producer = bus.producer()
    consumer = bus.consumer("group", ["topic"])
    assert producer.send(saying("topic", 5)) == [None] * 5
    hear(consumer, 5)
    consumer.commit()

    with _frozen(broker):
        assert all(isinstance(outcome, BusUnavailable) for outcome in producer.send(saying("topic", 5)))
    _say_until_acknowledged(producer, 10)

    broker.kill()
    assert all(isinstance(outcome, BusUnavailable) for outcome in producer.send(saying("topic", 15)))
    broker.start()
    own_kafka.wait_until_up()
    _say_until_acknowledged(producer, 20)

    heard: set[int] = set()

    def hear_more() -> set[int]:
        with suppress(BusUnavailable):  # the loop of a service does as much
            heard.update(int(record.headers["number"]) for record in consumer.poll(0.2, 100))
        return heard

    eventually_blocking(hear_more, lambda numbers: numbers >= set(range(20)), within=60)
    producer.close()
    consumer.close()


@slow
def test_three_brokers_lose_nothing_when_one_is_killed(three_brokers: Cluster):
    bus = KafkaBus(three_brokers.url, patience=15.0)
    bus.ensure_topics(["topic"], TopicSettings(partitions=3, replicas=3))
    producer = bus.producer()
    acknowledged: set[str] = set()
    for number in range(60):
        if number == 20:
            three_brokers.brokers[0].kill()
        batch = [Message("topic", f"{number}-{n}", b"", {"number": "0"}) for n in range(20)]
        outcomes = producer.send(batch)
        acknowledged |= {message.key for message, outcome in zip(batch, outcomes, strict=True) if outcome is None}
    producer.close()
    stored = {record.key for records in bus.read(["topic"]) for record in records}
    assert len(acknowledged) >= 20 * 40, "the other two go on"
    assert acknowledged <= stored


def _say_until_acknowledged(producer, count: int) -> None:
    eventually_blocking(lambda: producer.send(saying("topic", count)), lambda outcomes: outcomes == [None] * count, within=60)


@contextmanager
def _frozen(broker: Broker) -> Iterator[None]:
    """A broker that keeps its connections and answers nothing."""
    assert broker.process is not None
    os.kill(broker.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker.process.pid, signal.SIGCONT)


def _read(path) -> bytes:
    """The broker renames and deletes meanwhile."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""
