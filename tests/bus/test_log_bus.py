"""The SQLite log keeps what every bus promises."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.bus.base import BusPromises, hear, saying

from assent_kit.bus import Bus, Message, TopicSettings, open_bus
from assent_kit.bus.log import LogBus


class TestLogBus(BusPromises):
    """The suite, on a file."""

    @pytest.fixture
    def bus(self, tmp_path: Path) -> Iterator[Bus]:
        """A log of this test's own."""
        self.url = f"sqlite:///{tmp_path}/bus.db"
        with open_bus(self.url) as bus:
            yield bus

    @pytest.fixture
    def bytes_on_disk(self, tmp_path: Path) -> Callable[[], bytes]:
        """The file, its write-ahead log and its index."""
        return lambda: b"".join(path.read_bytes() for path in tmp_path.glob("bus.db*"))


def test_a_topic_that_joins_a_group_later_is_heard_from_its_beginning(tmp_path: Path):
    with LogBus(tmp_path / "bus.db") as bus:
        producer = bus.producer()
        producer.send([*saying("old", 10), *saying("new", 10)])
        first = bus.consumer("group", ["old"])
        hear(first, 10)
        first.commit()
        first.close()
        producer.send(saying("old", 1))
        both = bus.consumer("group", ["old", "new"])
        heard = hear(both, 11)
        both.commit()
        both.close()
        assert sorted(record.topic for record in heard) == ["new"] * 10 + ["old"]
        again = bus.consumer("group", ["old", "new"])
        assert again.poll(0, 100) == []
        again.close()


def test_superseded_records_go_after_the_lag_and_tombstones_after_their_time(tmp_path: Path):
    moment = 1_000_000.0
    with LogBus(tmp_path / "bus.db", clock=lambda: moment) as bus:
        bus.ensure_topics(["topic"], TopicSettings())
        producer = bus.producer()
        producer.send(
            [
                Message("topic", "key", b"1"),
                Message("topic", "key", b"2"),
                Message("topic", "gone", b"1"),
                Message("topic", "gone", None),
            ]
        )

        def left() -> list[tuple[str, bytes | None]]:
            return [(record.key, record.value) for batch in bus.read(["topic"]) for record in batch]

        bus.compact()
        assert len(left()) == 4, "nothing is older than the lag"
        moment += 3601
        bus.compact()
        assert left() == [("key", b"2"), ("gone", None)]
        moment += 30 * 24 * 3600
        producer.send([Message("topic", "other", b"1")])
        assert left() == [("key", b"2"), ("other", b"1")], "saying something compacts, once in a lag"


def test_an_erasure_waits_for_readers_to_let_go_of_the_write_ahead_log(tmp_path: Path):
    moment = 0.0
    with LogBus(tmp_path / "bus.db", clock=lambda: moment) as bus:
        bus.ensure_topics(["topic"], TopicSettings())
        bus.producer().send([Message("topic", "gone", b"secret"), Message("topic", "gone", None)])
        reader = sqlite3.connect(tmp_path / "bus.db", isolation_level=None, check_same_thread=False)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM log").fetchone()
        moment += 4000
        import threading

        letting_go = threading.Timer(0.2, reader.close)
        letting_go.start()
        bus.compact()
        letting_go.join()
        assert not any(b"secret" in path.read_bytes() for path in tmp_path.iterdir())


def test_an_address_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="kafka://"):
        open_bus("redis://127.0.0.1")
