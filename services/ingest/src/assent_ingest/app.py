"""How ingest is wired."""

from anyio import CapacityLimiter
from fastapi import FastAPI

from assent_ingest.api import documents, passages, rationales, search
from assent_ingest.settings import IngestSettings
from assent_ingest.store.tables import Idempotency, Outbox, Table
from assent_kit.app import build_app
from assent_kit.database import Database
from assent_kit.idempotency import key_worker
from assent_kit.service import Service

ROUTERS = (documents.routes, passages.routes, rationales.routes, search.routes)


def create_app(settings: IngestSettings, database: Database) -> FastAPI:
    """The app. `app.state.reading` bounds how many documents are read at the same time."""
    app = build_app(
        settings, database, name="ingest", title="Assent: documents and rationales", routers=ROUTERS, idempotency=Idempotency
    )
    app.state.reading = CapacityLimiter(settings.ingest_documents_at_once)
    return app


SERVICE = Service(
    name="ingest",
    settings=IngestSettings,
    create_app=create_app,
    tables=Table.metadata,
    migrations="assent_ingest.migrations",
    outbox=Outbox,
    workers=(key_worker(Idempotency),),
)
