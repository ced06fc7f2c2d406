"""How analytics is wired: its app, and its parts for the command line and the one-process composition."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from anyio import CapacityLimiter
from fastapi import FastAPI

from assent_analytics.api.analyses import analyses
from assent_analytics.api.evidence import evidence
from assent_analytics.api.figures import figures
from assent_analytics.api.proposals import proposals
from assent_analytics.api.releases import releases
from assent_analytics.api.settings import evidence_settings
from assent_analytics.consumers import consumers
from assent_analytics.service.analyses import keeping
from assent_analytics.service.fill_blocks import block_worker
from assent_analytics.service.forget_withdrawn import forgetting_worker
from assent_analytics.service.samples import Samples
from assent_analytics.service.texts import Owners
from assent_analytics.settings import AnalyticsSettings
from assent_analytics.store.tables import Idempotency, Job, Outbox, Table
from assent_kit.app import build_app
from assent_kit.database import Database
from assent_kit.idempotency import key_worker
from assent_kit.jobs.api import jobs_router
from assent_kit.jobs.worker import job_workers
from assent_kit.service import Service

MOST_CONNECTIONS = 50
"""To one owner of texts at a time."""

MOST_DRAWINGS = 2
"""Tables and charts that are made at the same time; each keeps a processor busy."""


def create_app(settings: AnalyticsSettings, database: Database, owners: Owners | None = None) -> FastAPI:
    """The app. `owners` holds a client for each owner of texts, `ingest` and `qual`; by default they are where the settings say."""
    own = {} if owners is not None else _owners_by_settings(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        for client in own.values():
            await client.aclose()

    app = build_app(
        settings,
        database,
        name="analytics",
        title="Assent: estimates and evidence",
        routers=[figures, analyses, proposals, evidence, releases, evidence_settings, jobs_router(Job)],
        idempotency=Idempotency,
        lifespan=lifespan,
    )
    app.state.owners = owners if owners is not None else own
    app.state.samples = Samples()
    app.state.drawing = CapacityLimiter(MOST_DRAWINGS)
    return app


def _owners_by_settings(settings: AnalyticsSettings) -> Owners:
    limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
    urls = {"ingest": settings.ingest_url, "qual": settings.qual_url}
    return {
        owner: httpx.AsyncClient(base_url=url, limits=limits, timeout=settings.texts_deadline_seconds, trust_env=False)
        for owner, url in urls.items()
    }


SERVICE = Service(
    name="analytics",
    settings=AnalyticsSettings,
    create_app=create_app,
    tables=Table.metadata,
    migrations="assent_analytics.migrations",
    outbox=Outbox,
    consumers=consumers,
    workers=(key_worker(Idempotency), block_worker, forgetting_worker, *job_workers(Job, {keeping.KIND: keeping.Worker()})),
)
