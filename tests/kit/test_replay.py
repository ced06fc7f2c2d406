"""A read model is built again from the log, also while it is in use, and after an absence that was too long."""

from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlmodel import Session
from tests.kit.hearsay import HEARD, heard, make_consumers
from tests.kit.test_consumer import records, tell
from tests.support import eventually_blocking

from assent_kit.bus.log import LogBus
from assent_kit.database import Database
from assent_kit.inbox import LISTENERS
from assent_kit.listening import Listening
from assent_kit.replay import is_rebuilding, must_rebuild, rebuild
from assent_kit.tables import now


def rebuilding(database: Database) -> bool:
    """What the view would say."""
    return database.read_blocking(is_rebuilding)


def plant(database: Database, key: str) -> None:
    """A row that no event in the log accounts for."""
    database.write_blocking(lambda session: session.execute(insert(HEARD).values(response=key, version=1, answer="?")) and None)


def test_a_rebuild_holds_what_the_log_holds_and_nothing_else(spoken_database: Database, log: LogBus):
    tell(log, records(("a", 1, "a"), ("b", 1, "b"), ("a", 2, "new"), ("b", 2, None)))
    plant(spoken_database, "leftover")
    assert rebuild("hearsay", make_consumers(), spoken_database, log) == 2
    assert heard(spoken_database) == {"a": "new"}
    assert not rebuilding(spoken_database)


def test_while_it_is_being_built_the_view_can_say_so(spoken_database: Database, log: LogBus, monkeypatch):
    tell(log, records(("a", 1, "a")))
    seen: list[bool] = []
    read = log.read

    def watched(topics):
        seen.append(rebuilding(spoken_database))
        return read(topics)

    monkeypatch.setattr(log, "read", watched)
    rebuild("hearsay", make_consumers(), spoken_database, log)
    assert seen == [True]
    assert not rebuilding(spoken_database)


def test_a_read_sees_one_moment_even_when_a_rebuild_empties_the_tables_in_the_middle_of_it(spoken_database: Database, log: LogBus):
    """Otherwise a view could say that nothing is being rebuilt and then find the tables empty."""
    tell(log, records(("a", 1, "a")))
    consumers = make_consumers()
    rebuild("hearsay", consumers, spoken_database, log)

    def look(session: Session) -> tuple[bool, int]:
        says = is_rebuilding(session)
        spoken_database.write_blocking(consumers.empty)
        return says, len(session.execute(select(HEARD)).all())

    assert spoken_database.read_blocking(look) == (False, 1)
    assert heard(spoken_database) == {}


def test_a_rebuild_beside_the_live_consumer_ends_with_the_same(spoken_database: Database, log: LogBus, running):
    consumers = make_consumers()
    tell(log, records(*[(f"k{number}", 1, "old") for number in range(300)]))
    running(Listening("hearsay", consumers, spoken_database, log, batch=7).run)
    tell(log, records(*[(f"k{number}", 2, "new" if number % 3 else None) for number in range(300)]))
    rebuild("hearsay", consumers, spoken_database, log)
    tell(log, records(("last", 1, "last")))
    expected = {f"k{number}": "new" for number in range(300) if number % 3} | {"last": "last"}
    eventually_blocking(lambda: heard(spoken_database), lambda found: found == expected)


def test_who_was_away_longer_than_tombstones_are_kept_rebuilds(spoken_database: Database, log: LogBus, running):
    consumers = make_consumers()
    tell(log, records(("a", 1, "a")))
    rebuild("hearsay", consumers, spoken_database, log)
    plant(spoken_database, "withdrawn meanwhile")
    spoken_database.write_blocking(
        lambda session: session.execute(update(LISTENERS).values(committed_at=now() - timedelta(days=31))) and None
    )
    assert spoken_database.read_blocking(must_rebuild, "hearsay", timedelta(days=30))
    running(Listening("hearsay", consumers, spoken_database, log).run)
    eventually_blocking(lambda: heard(spoken_database), lambda found: found == {"a": "a"})
    eventually_blocking(lambda: rebuilding(spoken_database), lambda found: not found)


def test_a_rebuild_that_was_cut_short_is_begun_again(spoken_database: Database, log: LogBus, running):
    consumers = make_consumers()
    tell(log, records(("a", 1, "a")))
    rebuild("hearsay", consumers, spoken_database, log)
    plant(spoken_database, "half built")
    spoken_database.write_blocking(lambda session: session.execute(update(LISTENERS).values(rebuilding="reb_1")) and None)
    assert rebuilding(spoken_database)
    running(Listening("hearsay", consumers, spoken_database, log).run)
    eventually_blocking(lambda: rebuilding(spoken_database), lambda found: not found)
    assert heard(spoken_database) == {"a": "a"}


def test_a_rebuild_clears_only_its_own_mark(spoken_database: Database, log: LogBus, monkeypatch):
    """A second rebuild began while the first was reading: until the second is through, the model may be incomplete."""
    consumers = make_consumers()
    read = log.read

    def overtaken(topics):
        spoken_database.write_blocking(lambda session: session.execute(update(LISTENERS).values(rebuilding="reb_2")) and None)
        return read(topics)

    monkeypatch.setattr(log, "read", overtaken)
    rebuild("hearsay", consumers, spoken_database, log)
    assert spoken_database.read_blocking(lambda session: session.execute(select(LISTENERS.c.rebuilding)).scalar_one()) == "reb_2"


def test_a_new_consumer_begins_without_a_rebuild(spoken_database: Database, log: LogBus, running):
    tell(log, records(("a", 1, "a")))
    assert not spoken_database.read_blocking(must_rebuild, "hearsay", timedelta(days=30))
    running(Listening("hearsay", make_consumers(), spoken_database, log).run)
    eventually_blocking(lambda: heard(spoken_database), lambda found: found == {"a": "a"})
