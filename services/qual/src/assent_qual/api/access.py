"""What every route of qual needs: who asks, and the database."""

from typing import Annotated

from fastapi import Depends, Request, Response

from assent_kit.auth import ANALYSTS, CODERS, READERS, RESEARCHERS, Principal, allow
from assent_kit.database import Database
from assent_kit.etags import answer, etag_of
from assent_kit.schemas import Answer

Reader = Annotated[Principal, Depends(allow(READERS))]
Analyst = Annotated[Principal, Depends(allow(ANALYSTS))]
Coder = Annotated[Principal, Depends(allow(CODERS))]

READS = [Depends(allow(READERS))]
CODES = [Depends(allow(CODERS))]
MANAGES = [Depends(allow(RESEARCHERS))]
"""The same for routes that need not know who it was."""

HOME = "/v1/studies/{study}"


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Data = Annotated[Database, Depends(_database)]


def single(request: Request, shown: tuple[Answer, int], *, status: int = 200, location: str | None = None) -> Response:
    """One resource with its ETag and, where it was just made, its Location."""
    body, version = shown
    headers = {"Location": location} if location else None
    return answer(request, body, etag=etag_of(version), status=status, headers=headers)
