"""Survey's app: the only place where its parts are put together."""

from fastapi import FastAPI

from assent_kit.app import build_app
from assent_kit.database import Database
from assent_kit.jobs.api import jobs_router
from assent_kit.service import Service
from assent_survey.api import collections, connections, deliveries, hooks, instruments, reconciliations, responses, withdrawals
from assent_survey.api.hooks import Doors
from assent_survey.service.work import WORKERS
from assent_survey.settings import SurveySettings
from assent_survey.store.tables import Idempotency, Job, Outbox, Table

ROUTERS = (
    hooks.routes,
    instruments.routes,
    collections.routes,
    reconciliations.routes,
    connections.routes,
    deliveries.routes,
    responses.routes,
    withdrawals.routes,
    jobs_router(Job),
)


def create_app(settings: SurveySettings, database: Database) -> FastAPI:
    """The app on an open database. Its deliveries are applied by the workers, which `consume` runs."""
    app = build_app(
        settings,
        database,
        name="survey",
        title="Assent survey: instruments, deliveries, responses",
        routers=ROUTERS,
        idempotency=Idempotency,
    )
    app.state.doors = Doors(database, settings)
    return app


SERVICE = Service(
    name="survey",
    settings=SurveySettings,
    create_app=create_app,
    tables=Table.metadata,
    migrations="assent_survey.migrations",
    outbox=Outbox,
    workers=WORKERS,
)
