"""Qual's app: the only place where its parts are put together."""

from fastapi import FastAPI

from assent_kit.app import build_app
from assent_kit.database import Database
from assent_kit.idempotency import key_worker
from assent_kit.service import Service
from assent_qual.api import codes, excerpts, participants, sessions, transcripts
from assent_qual.settings import QualSettings
from assent_qual.store.tables import Idempotency, Outbox, Table

ROUTERS = (participants.routes, sessions.routes, transcripts.routes, codes.routes, excerpts.routes)


def create_app(settings: QualSettings, database: Database) -> FastAPI:
    """The app on an open database."""
    return build_app(
        settings,
        database,
        name="qual",
        title="Assent qual: people, talk and codes",
        routers=ROUTERS,
        idempotency=Idempotency,
    )


SERVICE = Service(
    name="qual",
    settings=QualSettings,
    create_app=create_app,
    tables=Table.metadata,
    migrations="assent_qual.migrations",
    outbox=Outbox,
    workers=(key_worker(Idempotency),),
)
