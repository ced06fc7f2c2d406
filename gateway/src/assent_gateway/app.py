"""The gateway, wired together: the only place where its parts meet."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from assent_gateway.api.documentation import documentation
from assent_gateway.api.groups import groups
from assent_gateway.api.keys import keys
from assent_gateway.api.me import me
from assent_gateway.api.members import members
from assent_gateway.api.studies import studies
from assent_gateway.api.vocabulary import vocabulary
from assent_gateway.domain.routes import OWN, SERVICES
from assent_gateway.proxy.edge import HOOKS, PARENTS, STREAMS, Edge
from assent_gateway.proxy.grants import Grants
from assent_gateway.proxy.headers import EXPOSED
from assent_gateway.proxy.hop import Hop
from assent_gateway.proxy.rates import Rates
from assent_gateway.service.admit_caller import Admissions
from assent_gateway.service.fetch_signing_keys import SigningKeys, fetcher
from assent_gateway.service.issue_key import bootstrap
from assent_gateway.service.verify_access_token import AccessTokens
from assent_gateway.settings import GatewaySettings
from assent_gateway.store.tables import Idempotency, Outbox, Table
from assent_kit.app import build_app
from assent_kit.database import Database
from assent_kit.idempotency import key_worker
from assent_kit.service import Service, Verb
from assent_kit.tokens import TokenMinter, TokenVerifier, public_key_of
from assent_kit.upstream import AsgiUpstream, HttpUpstream, Upstream

ROUTERS = (studies, members, keys, vocabulary, groups, me, documentation)

OWN_PATIENCE_SECONDS = 30.0  # the gateway's own resources wait for its database at most


def create_app(
    settings: GatewaySettings, database: Database | None = None, *, upstreams: Mapping[str, Upstream] | None = None
) -> ASGIApp:
    """The gateway as one ASGI callable, lifespan included.

    `upstreams` is {service: Upstream} for the four services; where it is left out they are reached at the addresses of the settings. A
    database that is given is not closed here.
    """
    own_database = database if database is not None else Database(settings.database_url, lanes=settings.database_lanes)
    services = dict(upstreams) if upstreams is not None else _over_http(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for upstream in services.values():
                await upstream.close()
            if database is None:
                own_database.close()

    private_key = settings.gateway_private_key.get_secret_value()
    minter = TokenMinter(private_key)
    admissions = Admissions(own_database, pepper=settings.key_pepper.get_secret_value(), access_tokens=_access_tokens(settings))
    grants = Grants(admissions.admit, minter, seconds=settings.grant_seconds)
    app = own_app(settings, own_database, lifespan=lifespan)
    app.state.verifier = TokenVerifier(public_key_of(private_key))
    app.state.access_changed = grants.forget
    rates = Rates(requests_per_minute=settings.requests_per_minute, failures_per_minute=settings.failed_attempts_per_minute)
    edge = Edge(settings, app=app, hops=_hops(settings, services, app), grants=grants, rates=rates)
    return _with_cors(edge, settings)


def own_app(settings: GatewaySettings, database: Database, *, lifespan: object = None) -> FastAPI:
    """The app of the gateway's own resources, which the edge reaches as it reaches a service."""
    return build_app(
        settings,
        database,
        name="gateway",
        title="Assent gateway",
        routers=ROUTERS,
        idempotency=Idempotency,
        lifespan=lifespan,  # type: ignore[arg-type]
    )


def _over_http(settings: GatewaySettings) -> dict[str, Upstream]:
    return {
        name: HttpUpstream(url, connect_seconds=settings.upstream_connect_seconds) for name, url in settings.service_urls().items()
    }


def _hops(settings: GatewaySettings, services: Mapping[str, Upstream], app: FastAPI) -> dict[str, Hop]:
    def hop(upstream: Upstream, patience: float) -> Hop:
        return Hop(upstream, places=settings.upstream_places, queue=settings.upstream_queue, patience=patience)

    patience = settings.upstream_patience_seconds
    hops = {name: hop(services[name], settings.upload_patience_seconds if name == "ingest" else patience) for name in SERVICES}
    hops |= {f"{name}{STREAMS}": hop(services[name], patience) for name in SERVICES}
    hops |= {name: hop(services["survey"], patience) for name in (HOOKS, PARENTS)}
    return {**hops, OWN: hop(AsgiUpstream(app), OWN_PATIENCE_SECONDS)}


def _access_tokens(settings: GatewaySettings) -> AccessTokens | None:
    if not settings.oidc_issuer:
        return None
    signing_keys = SigningKeys(fetcher(settings.oidc_jwks_url))
    return AccessTokens(
        signing_keys, issuer=settings.oidc_issuer, audience=settings.oidc_audience, algorithms=settings.oidc_algorithms
    )


def _with_cors(edge: Edge, settings: GatewaySettings) -> ASGIApp:
    if not settings.cors_origins:
        return edge
    return CORSMiddleware(
        edge,
        allow_origins=settings.cors_origins,
        allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
        allow_headers=(
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Last-Event-ID",
            "X-Request-Id",
        ),
        expose_headers=EXPOSED,
        max_age=600,
    )


SERVICE = Service(
    name="gateway",
    settings=GatewaySettings,
    create_app=create_app,
    tables=Table.metadata,
    migrations="assent_gateway.migrations",
    outbox=Outbox,
    workers=(key_worker(Idempotency),),
    verbs=(
        Verb(
            name="bootstrap",
            about="print the first API key; its holder may open studies",
            run=bootstrap,
            flags={"another": "make one more, when the first was lost"},
        ),
    ),
)
