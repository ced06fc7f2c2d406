"""What a service is to those who run it: the command line, the one-process composition and the tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import MetaData
from starlette.types import ASGIApp

from assent_contracts.registry import TOPICS, Topic
from assent_kit.announcements import Composer
from assent_kit.consumer import Consumers
from assent_kit.outbox import OutboxColumns
from assent_kit.settings import ServiceSettings
from assent_kit.workers import Worker


class Refused(RuntimeError):
    """The operator asked for something that cannot be done; its text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A verb that only one service has. `run(database, settings, **flags)` answers what is printed, or raises Refused.

    `flags` are {name: what it is for}; each is True when it was given.
    """

    name: str
    about: str
    run: Callable[..., str]
    flags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service's parts. `create_app(settings, database)` is its app; `migrations` its package of Alembic migrations.

    `composers`, by topic, put together what was announced; without them there need be no `announcement` table.
    """

    name: str
    settings: type[ServiceSettings]
    create_app: Callable[..., ASGIApp]
    tables: MetaData
    migrations: str
    outbox: type[OutboxColumns]
    consumers: Consumers | None = None
    workers: tuple[Worker, ...] = ()
    verbs: tuple[Verb, ...] = ()
    composers: Mapping[str, Composer] = field(default_factory=dict)

    @property
    def topics(self) -> list[Topic]:
        """The topics that this service publishes."""
        return [topic for topic in TOPICS if topic.service == self.name]
