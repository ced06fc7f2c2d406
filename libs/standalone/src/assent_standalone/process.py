"""The one-process composition: gateway and four services on SQLite and the built-in log, wired as five processes would be.

Requests go through the same gateway, events through the same outbox, relay and consumers; only the hop and the bus are local.
"""

import logging
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from assent_analytics.app import SERVICE as ANALYTICS
from assent_gateway.app import SERVICE as GATEWAY
from assent_ingest.app import SERVICE as INGEST
from assent_kit.background import Background
from assent_kit.bus import open_bus
from assent_kit.database import Database
from assent_kit.service import Service
from assent_kit.upstream import AsgiUpstream
from assent_qual.app import SERVICE as QUAL
from assent_standalone.installation import Installation
from assent_survey.app import SERVICE as SURVEY

SERVICES: dict[str, Service] = {service.name: service for service in (GATEWAY, INGEST, SURVEY, QUAL, ANALYTICS)}
OWNERS_OF_TEXTS = ("ingest", "qual")

logger = logging.getLogger(__name__)


class Process:
    """All services of one installation. `app` is the gateway's ASGI app; `settings` override the defaults of each service.

    **Usage**: `with Process(folder) as process:` makes the apps; `process.start()` starts the background threads.
    """

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.installation = Installation(folder)
        self.secrets = secrets = self.installation.secrets()
        self._overrides = {
            "environment": "development",
            "bus_url": self.installation.bus_url,
            "gateway_public_key": secrets.gateway_public_key,
            "gateway_private_key": secrets.gateway_private_key,
            "key_pepper": secrets.key_pepper,
            "survey_key": secrets.survey_key,
            **settings,
        }
        self.failed = False

    def __enter__(self) -> Self:
        """Migrate, open the databases, make the apps."""
        self.settings = {name: self._settings(service) for name, service in SERVICES.items()}
        for service in SERVICES.values():
            self.installation.migrate(service)
        self.databases = {name: Database(settings.database_url) for name, settings in self.settings.items()}
        self.bus = open_bus(self.installation.bus_url)
        self.apps: dict[str, Any] = {}
        for name in ("ingest", "survey", "qual"):
            self.apps[name] = SERVICES[name].create_app(self.settings[name], self.databases[name])
        owners = {name: _client_of(self.apps[name]) for name in OWNERS_OF_TEXTS}
        self.apps["analytics"] = ANALYTICS.create_app(self.settings["analytics"], self.databases["analytics"], owners=owners)
        upstreams = {name: AsgiUpstream(app) for name, app in self.apps.items()}
        self.app = GATEWAY.create_app(self.settings["gateway"], self.databases["gateway"], upstreams=upstreams)
        self._background = [
            Background(service, self.settings[name], self.databases[name], self.bus, on_failure=self._fail)
            for name, service in SERVICES.items()
        ]
        self._started = False
        return self

    def start(self) -> None:
        """Start relays, consumers and workers."""
        for background in self._background:
            background.start()
        self._started = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let everything finish what it is doing and close the files."""
        if self._started:
            for background in self._background:
                background.stop()
        self.bus.close()
        for database in self.databases.values():
            database.close()

    def _settings(self, service: Service) -> Any:
        known = service.settings.model_fields
        given = {name: value for name, value in self._overrides.items() if name in known}
        return service.settings(database_url=self.installation.database_url(service.name), **given)

    def _fail(self) -> None:
        self.failed = True
        logger.error("a part of the process has stopped; restart it")


def _client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://in-process")
