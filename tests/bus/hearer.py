"""A small service's relay and consumer in a process to be killed: `python -m tests.bus.hearer BUS_URL DATABASE_URL`."""

import sys
import threading
from datetime import timedelta

from sqlalchemy import insert
from sqlmodel import Session
from tests.kit.hearsay import HEARD

from assent_contracts import registry
from assent_kit.bus import TopicSettings, open_bus
from assent_kit.consumer import Change, Consumers
from assent_kit.database import Database
from assent_kit.listening import Listening
from assent_kit.relay import Relay

consumers = Consumers("adding")


@consumers.on(registry.RESPONSES)
def add(session: Session, changes: list[Change]) -> None:
    """Only adds, so that an effect that came twice breaks the table's key."""
    session.execute(insert(HEARD), [{"response": change.key, "version": change.version, "answer": "heard"} for change in changes])


def main(bus_url: str, database_url: str) -> None:
    """Relay and listen until killed, in small portions."""
    database, bus = Database(database_url), open_bus(bus_url)
    bus.ensure_topics([registry.RESPONSES.name], TopicSettings())
    relay = Relay("survey", database, bus, erased_after=timedelta(hours=1))
    threading.Thread(target=relay.run, args=(threading.Event(),)).start()
    Listening("hearsay", consumers, database, bus, batch=20).run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
