"""Apache Kafka keeps what every bus promises, and what only Kafka can: shared partitions, and a broker that comes and goes."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions
from tests.bus.base import QUICK, BusPromises, hear, numbers_by_key, saying
from tests.kafka.broker import Broker, Cluster
from tests.support import eventually_blocking, slow

from assent_kit.bus import Bus, BusUnavailable, Consumer, Message, TopicSettings
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
        heard: dict[str, list] = {"first": [], "second": []}
        said = iter(range(10_000))

        def both_have_heard() -> bool:
            number = next(said)
            say([Message(topic, f"key{number % 50}", b"", {"number": str(number)})])
            return bool(heard["first"]) and bool(heard["second"])

        with _listening(first, heard["first"]), _listening(second, heard["second"]):
            eventually_blocking(both_have_heard, within=60)
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

    def test_a_member_that_commits_while_the_group_shares_out_anew_stays_a_member(self, topic, say, consume):
        say(saying(topic, 10))
        waiting, busy, coming = consume("a"), consume("a"), consume("a")
        hear(waiting, 10)
        eventually_blocking(lambda: waiting.poll(0.1, 100) or busy.poll(0.1, 100), lambda _: bool(_assigned(busy)), within=30)
        coming.poll(0.1, 1)  # the broker now waits for the others to join again, of which one is busy
        client = waiting._live
        eventually_blocking(lambda: waiting.poll(0.1, 100), lambda _: client._coordinator.rebalance_in_progress(), within=30)

        waiting.commit()

        assert waiting._live is client, "were it replaced, the others would wait for it, and share out anew once more"
        say(saying(topic, 20)[10:])
        records: list = []
        with _listening(waiting, records), _listening(busy, records), _listening(coming, records):
            eventually_blocking(lambda: {int(r.headers["number"]) for r in records}, {*range(10, 20)}.issubset, within=60)
        assert all(map(_assigned, (waiting, busy, coming)))

    def test_a_member_that_is_not_polled_when_its_group_has_shared_out_new_partitions_takes_up_its_share(
        self, bus, kafka, topic, say, consume
    ):
        leader, busy = consume("a"), consume("a")
        records: list = []
        with _listening(leader, records):
            eventually_blocking(lambda: len(_assigned(leader)), lambda count: count == 3, within=30)
            with _listening(busy, records):
                eventually_blocking(lambda: _assigned(leader) and _assigned(busy), within=30)
        client = leader._live
        with closing(KafkaAdminClient(bootstrap_servers=kafka.addresses)) as administrator:
            administrator.create_partitions({topic: NewPartitions(6)})
        eventually_blocking(lambda: client.topics() and client.partitions_for_topic(topic), lambda known: len(known) == 6)
        leader.poll(0, 100)  # joins anew, and is answered only when the other has done so

        eventually_blocking(
            lambda: busy.poll(0.2, 100) or _assigned(busy), lambda held: any(p.partition > 2 for p in held), within=30
        )

        with _listening(leader, records), _listening(busy, records):
            eventually_blocking(lambda: (len(_assigned(leader)), len(_assigned(busy))), (3, 3).__eq__, within=60)
        assert leader._live is client

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


@contextmanager
def _listening(member: Consumer, heard: list) -> Iterator[None]:
    """A member that hears and commits in a thread, and goes on when the broker does not answer, as the loop of a service does."""
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            with suppress(BusUnavailable):
                heard.extend(member.poll(0.1, 10))
                member.commit()

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=30)


def _assigned(member) -> set:
    return member._live.assignment() if member._live is not None else set()


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
