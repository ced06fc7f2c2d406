"""Survey's app: the only place where its parts are put together."""

from anyio import CapacityLimiter
from fastapi import FastAPI

from assent_contracts.registry import RESPONSES
from assent_kit.app import build_app
from assent_kit.database import Database
from assent_kit.jobs.api import jobs_router
from assent_kit.service import Service
from assent_survey.api import (
    bank,
    codebooks,
    collections,
    connections,
    deliveries,
    exports,
    hooks,
    imports,
    information_sheets,
    instruments,
    instruments_reading,
    openrosa,
    parents_page,
    quotas,
    reconciliations,
    response_rates,
    responses,
    tokens,
    vignettes,
    withdrawals,
)
from assent_survey.api.hooks import Doors
from assent_survey.api.screening import Screening
from assent_survey.service.settle_response import responses_between
from assent_survey.service.work import WORKERS
from assent_survey.settings import SurveySettings
from assent_survey.store.tables import Idempotency, Job, Outbox, Table

MOST_READINGS = 2  # of instruments' files at a time
MOST_DESIGNS = 1  # of vignettes that are made, or tried for power, at a time

# Here as in the first routers, what is `submission` comes before what has a secret: it is none.
BARE = (hooks.BARE, *openrosa.BARE, hooks.BARE_WITH_SECRET, *hooks.BARE_AFTER_A_SLASH)
ROUTERS = (
    openrosa.routes,
    hooks.routes,
    hooks.routes_with_secret,
    instruments_reading.routes,  # before the other: `import` is no instrument
    instruments.routes,
    bank.routes,
    collections.routes,
    reconciliations.routes,
    connections.routes,
    deliveries.routes,
    responses.routes,
    withdrawals.routes,
    exports.routes,
    codebooks.routes,
    imports.routes,
    vignettes.routes,
    vignettes.shown,
    tokens.routes,
    information_sheets.routes,
    quotas.routes,
    response_rates.routes,
    parents_page.routes,
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
        bare=BARE,
        idempotency=Idempotency,
    )
    app.state.doors = Doors(database, settings)
    app.state.screening = Screening(database)
    app.state.reading = CapacityLimiter(MOST_READINGS)
    app.state.designing = CapacityLimiter(MOST_DESIGNS)
    return app


SERVICE = Service(
    name="survey",
    settings=SurveySettings,
    create_app=create_app,
    tables=Table.metadata,
    migrations="assent_survey.migrations",
    outbox=Outbox,
    workers=WORKERS,
    composers={RESPONSES.name: responses_between},
)
