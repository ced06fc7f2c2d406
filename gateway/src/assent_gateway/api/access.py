"""Who may use which of the gateway's own routes, and the two things that routes need beside it."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request

from assent_gateway.settings import GatewaySettings
from assent_kit.auth import OWNERS, READERS, RESEARCHERS, STEWARDS, Principal, allow
from assent_kit.database import Database

Owner = Annotated[Principal, Depends(allow(OWNERS))]
Steward = Annotated[Principal, Depends(allow(STEWARDS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
Reader = Annotated[Principal, Depends(allow(READERS))]

PrincipalName = Annotated[
    str, Path(pattern=r"^[!-~]{1,200}$", description="an OIDC subject, or the id of a key; percent-encoded where needed")
]
IfMatchOptional = Annotated[str | None, Header(alias="If-Match", description="the ETag of the version to replace")]


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _settings(request: Request) -> GatewaySettings:
    settings: GatewaySettings = request.app.state.settings
    return settings


Data = Annotated[Database, Depends(_database)]
Settings = Annotated[GatewaySettings, Depends(_settings)]


def access_changed(request: Request, *studies: str) -> None:
    """Have the edge look again at who may do what in these studies, now and not when its memory ends."""
    for study in studies:
        request.app.state.access_changed(study)
