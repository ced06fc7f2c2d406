"""Fixtures that every test may ask for: a Kafka broker and a PostgreSQL server of the tests' own."""

from hypothesis import settings
from tests.kafka.broker import kafka, own_kafka, three_brokers
from tests.postgres.server import new_database, postgres

# A machine that is busy is no reason to fail.
settings.register_profile("assent", deadline=None)
settings.load_profile("assent")

__all__ = ["kafka", "new_database", "own_kafka", "postgres", "three_brokers"]
