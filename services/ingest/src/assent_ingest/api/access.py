"""Who may do what, and how handlers reach the database."""

from typing import Annotated, cast

from fastapi import Depends, Request

from assent_kit.auth import CODERS, READERS, RESEARCHERS, Principal, allow
from assent_kit.database import Database

Reader = Annotated[Principal, Depends(allow(READERS))]
Coder = Annotated[Principal, Depends(allow(CODERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]

# The same for routes that need not know who it is.
READS = [Depends(allow(READERS))]
CODES = [Depends(allow(CODERS))]
MANAGES = [Depends(allow(RESEARCHERS))]


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


Store = Annotated[Database, Depends(_database)]


def sees_private_words(who: Principal) -> bool:
    """Whether this role may read a private person's words as they stand: those who code them must."""
    return who.role in CODERS
