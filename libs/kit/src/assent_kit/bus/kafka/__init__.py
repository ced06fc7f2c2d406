"""KafkaBus: the bus as Apache Kafka, and the only place that knows its client.

Every wait here has a limit, and whatever failed is begun afresh. What is said again after an ambiguous failure may arrive twice:
consumers go by version. The client blocks and is not thread-safe, so each producer, consumer and reader has one thread.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError, for_code

from assent_kit.bus import BusUnavailable, Record, TopicSettings
from assent_kit.bus.kafka.consumer import KafkaBusConsumer
from assent_kit.bus.kafka.producer import KafkaBusProducer
from assent_kit.bus.kafka.translation import guarded, records_of

PATIENCE = 20.0
"""Seconds for the broker to acknowledge what was sent, to answer an administrator or to give a reader something."""

SESSION = 10.0
"""Seconds without a heartbeat after which a member's partitions go to others."""

OPTIONS = {
    "security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password", "ssl_cafile", "ssl_certfile", "ssl_keyfile",
}  # fmt: skip
"""What the address of the bus may say about the connection, by kafka-python's names."""


class KafkaBus:
    """Apache Kafka at `kafka://host:port[,host:port…][?security_protocol=…&sasl_mechanism=…&ssl_cafile=…&session=…]`.

    `session` is the seconds after which a silent member of a group is taken for dead. Raises ValueError for an unknown option.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        session = float(options.pop("session", SESSION))
        if unknown := options.keys() - OPTIONS:
            raise ValueError(f"the address of the bus has options that are not known: {', '.join(sorted(unknown))}")
        self._session, self._patience = session, patience
        self._client: dict[str, Any] = {
            "bootstrap_servers": parts.netloc.split(","),
            "bootstrap_timeout_ms": int(patience * 1000),
            "reconnect_backoff_max_ms": 1000,
            "metadata_max_age_ms": 15_000,
            "metrics_enabled": False,
            **options,
        }

    def ensure_topics(self, topics: Sequence[str], settings: TopicSettings) -> None:
        """Create the topics that are missing and set the configuration of those that exist."""
        configuration = _configuration(settings)
        safe = {"min.insync.replicas": "2"} if settings.replicas >= 3 else {}
        new = {"num_partitions": settings.partitions, "replication_factor": settings.replicas, "configs": configuration | safe}
        with guarded(), contextlib.closing(self._administrator()) as administrator:
            existing = set(administrator.list_topics())
            missing = {topic: new for topic in topics if topic not in existing}
            if missing:
                answer = administrator.create_topics(missing, raise_errors=False, wait_for_metadata=False)
                _check_created(answer)
                administrator.wait_for_topics(list(missing), timeout_ms=int(self._patience * 1000))
            if kept := [topic for topic in topics if topic in existing]:
                administrator.alter_configs(
                    [ConfigResource(ConfigResourceType.TOPIC, topic, configs=configuration) for topic in kept]
                )

    def producer(self) -> KafkaBusProducer:
        """A new producer; it connects when first used."""
        return KafkaBusProducer(self._client, self._patience)

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaBusConsumer:
        """A new member of a group; it joins when first polled."""
        return KafkaBusConsumer(lambda: self._open_consumer(group), topics, self._patience)

    def read(self, topics: Sequence[str], *, limit: int = 500) -> Iterator[list[Record]]:
        """Everything from the beginning to the end as it is now, in no group."""
        with guarded(), contextlib.closing(self._open_consumer(None)) as reader:
            partitions = [TopicPartition(topic, number) for topic in topics for number in reader.partitions_for_topic(topic) or ()]
            reader.assign(partitions)
            begins, ends = reader.beginning_offsets(partitions), reader.end_offsets(partitions)
            reader.seek_to_beginning(*partitions)
            unread = {partition for partition in partitions if ends[partition] > begins[partition]}
            deadline = time.monotonic() + self._patience
            while unread:
                found = records_of(reader.poll(timeout_ms=500, max_records=limit))
                if fresh := [r for r in found if r.offset < ends[TopicPartition(r.topic, r.partition)]]:
                    yield fresh
                    deadline = time.monotonic() + self._patience
                unread = {partition for partition in unread if reader.position(partition) < ends[partition]}
                if time.monotonic() > deadline:
                    raise BusUnavailable("the broker has stopped handing out the log")

    def close(self) -> None:
        """Nothing is held open here."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _open_consumer(self, group: str | None) -> KafkaConsumer:
        """A client that begins where its group has committed, else at the beginning, and never commits by itself."""
        return KafkaConsumer(
            **self._client,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            session_timeout_ms=int(self._session * 1000),
            heartbeat_interval_ms=int(self._session * 1000 / 4),
            max_partition_fetch_bytes=4 << 20,
        )

    def _administrator(self) -> KafkaAdminClient:
        client = {name: value for name, value in self._client.items() if name != "metrics_enabled"}
        return KafkaAdminClient(**client, request_timeout_ms=int(self._patience * 1000))


def _configuration(settings: TopicSettings) -> dict[str, str]:
    def milliseconds(name: str) -> str:
        return str(int(getattr(settings, name).total_seconds() * 1000))

    return {
        "cleanup.policy": "compact",
        "segment.ms": milliseconds("segment"),
        "max.compaction.lag.ms": milliseconds("lag"),
        "min.cleanable.dirty.ratio": "0.01",
        "delete.retention.ms": milliseconds("tombstones"),
        "file.delete.delay.ms": milliseconds("file_delay"),
    }


def _check_created(answer: dict[str, Any]) -> None:
    for topic in answer["topics"]:
        error = for_code(topic["error_code"])
        if topic["error_code"] and error is not TopicAlreadyExistsError:
            raise error(topic["error_message"])
