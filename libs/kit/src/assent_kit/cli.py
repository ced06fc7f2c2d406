"""The command line that every service has: `python -m assent_<service> serve | consume | migrate | replay | redrive`.

Settings come from the environment. `serve` and `consume` are separate processes here and refuse SQLite, which has one writer; the
one-process composition is assent_standalone.
"""

import argparse
import logging
import sys
import threading
from collections.abc import Callable

from pydantic import ValidationError

from assent_kit import logs, metrics, migrations, replay
from assent_kit.app import health_app
from assent_kit.background import Background
from assent_kit.bus import open_bus
from assent_kit.database import Database
from assent_kit.engines import read_engine
from assent_kit.migrations import SchemaMismatch
from assent_kit.outbox import retry_refused
from assent_kit.server import run, server_for
from assent_kit.service import Refused, Service, Verb
from assent_kit.settings import ServiceSettings

logger = logging.getLogger(__name__)


def main(service: Service, arguments: list[str] | None = None) -> None:
    """Run a verb. Exits with 2 and one line when settings or database are not as they must be, with 1 when work failed."""
    parser = argparse.ArgumentParser(prog=f"python -m assent_{service.name}", description=f"The {service.name} service.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (_, about) in VERBS.items():
        verb = verbs.add_parser(name, help=about, description=about)
        if name == "revise":
            verb.add_argument("message", help="what changes, in a few words")
        if name == "redrive":
            verb.add_argument("--topic", help="only events of this topic")
    for own in service.verbs:
        verb = verbs.add_parser(own.name, help=own.about, description=own.about)
        verb.set_defaults(own=own)
        for flag, purpose in own.flags.items():
            verb.add_argument(f"--{flag}", action="store_true", help=purpose)
    chosen = parser.parse_args(arguments)
    work = VERBS[chosen.verb][0] if chosen.verb in VERBS else _do_own
    try:
        settings = service.settings()
        logs.set_up(service.name, settings.log_level)
        work(service, settings, chosen)
    except ValidationError as error:
        sys.exit(complain(unsuitable(error)))
    except (Refused, SchemaMismatch) as error:
        sys.exit(complain(str(error)))


def complain(text: str) -> int:
    """Say in one line why nothing was done; answers the exit code."""
    sys.stderr.write(text + "\n")
    return 2


def unsuitable(error: ValidationError) -> str:
    """What is wrong with the settings, without their values."""
    wrong = "; ".join(f"{'.'.join(map(str, one['loc'])).upper() or 'settings'}: {one['msg']}" for one in error.errors())
    return f"the settings are not complete or not safe: {wrong}"


def _serve(service: Service, settings: ServiceSettings, _: argparse.Namespace) -> None:
    database = _open(service, settings)
    metrics.serve(settings.listen_host, settings.metrics_port)
    app = service.create_app(settings, database)
    run(app, host=settings.listen_host, port=settings.listen_port)
    database.close()


def _consume(service: Service, settings: ServiceSettings, _: argparse.Namespace) -> None:
    database = _open(service, settings)
    metrics.serve(settings.listen_host, settings.metrics_port)
    failed = threading.Event()

    def give_up() -> None:
        failed.set()
        server.should_exit = True

    with open_bus(settings.bus_url) as bus:
        background = Background(service, settings, database, bus, on_failure=give_up)
        server = server_for(health_app(database, background.alive), host=settings.listen_host, port=settings.listen_port)
        background.start()
        server.run()
        background.stop()
    database.close()
    if failed.is_set():
        sys.exit(1)


def _migrate(service: Service, settings: ServiceSettings, _: argparse.Namespace) -> None:
    migrations.upgrade(settings.database_url, service.migrations)
    logger.info("the database is at the version of this code")


def _replay(service: Service, settings: ServiceSettings, _: argparse.Namespace) -> None:
    if service.consumers is None:
        raise Refused(f"{service.name} builds nothing from events")
    database = _open(service, settings)
    with open_bus(settings.bus_url) as bus:
        applied = replay.rebuild(service.name, service.consumers, database, bus)
    database.close()
    sys.stdout.write(f"Rebuilt from {applied} events.\n")


def _redrive(service: Service, settings: ServiceSettings, chosen: argparse.Namespace) -> None:
    database = _open(service, settings)
    offered = database.write_blocking(retry_refused, topic=chosen.topic)
    sys.stdout.write(f"Own events offered to the bus again: {offered}.\n")
    if service.consumers is not None:
        done = replay.redrive(service.consumers, database, topic=chosen.topic)
        sys.stdout.write(f"Applied {done.applied}; {done.left} still cannot be applied.\n")
    database.close()


def _do_own(service: Service, settings: ServiceSettings, chosen: argparse.Namespace) -> None:
    own: Verb = chosen.own
    database = _open(service, settings)
    try:
        sys.stdout.write(own.run(database, settings, **{flag: getattr(chosen, flag) for flag in own.flags}) + "\n")
    finally:
        database.close()


def _revise(service: Service, settings: ServiceSettings, chosen: argparse.Namespace) -> None:
    migrations.revise(settings.database_url, service.migrations, service.tables, chosen.message)


VERBS: dict[str, tuple[Callable[[Service, ServiceSettings, argparse.Namespace], None], str]] = {
    "serve": (_serve, "answer requests"),
    "consume": (_consume, "publish events, apply those of others, and do the background work"),
    "migrate": (_migrate, "bring the database to the version of this code"),
    "replay": (_replay, "empty what was built from events and build it again; safe while `consume` runs"),
    "redrive": (_redrive, "try again what was set aside: events that could not be applied, and own ones that the bus refused"),
    "revise": (_revise, "for developers: write a migration from the difference between tables and database"),
}


def _open(service: Service, settings: ServiceSettings) -> Database:
    if settings.uses_sqlite:
        raise Refused("SQLite has one writer: use PostgreSQL for separate processes, or `assent serve` for all in one")
    engine = read_engine(settings.database_url)
    try:
        migrations.check(engine, service.migrations)
    finally:
        engine.dispose()
    return Database(settings.database_url, lanes=settings.database_lanes)
