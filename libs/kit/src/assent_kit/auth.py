"""Who is asking, as the gateway says: a short token of its own, bound to one study and one role.

Services keep no members and no keys. Each role includes the weaker ones; `platform` is the gateway's word for a webhook and is in
no set.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from fastapi import Request

from assent_kit.problems import Forbidden, NotFound, Unauthenticated
from assent_kit.tokens import InvalidToken, TokenVerifier

Role = Literal["owner", "steward", "researcher", "coder", "analyst", "viewer", "platform"]

OWNERS: frozenset[Role] = frozenset({"owner"})
STEWARDS: frozenset[Role] = OWNERS | {"steward"}
RESEARCHERS: frozenset[Role] = STEWARDS | {"researcher"}
CODERS: frozenset[Role] = RESEARCHERS | {"coder"}
ANALYSTS: frozenset[Role] = CODERS | {"analyst"}
READERS: frozenset[Role] = ANALYSTS | {"viewer"}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a stable subject, the study it asks about, its role there, and the token to pass on."""

    subject: str
    study: str
    role: Role
    token: str


def allow(roles: frozenset[Role]) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that lets in these roles of the study in the path.

    Raises Unauthenticated without a valid token, NotFound for another study's path, Forbidden for another role.
    """

    async def principal_of(request: Request) -> Principal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        verifier: TokenVerifier = request.app.state.verifier
        try:
            claims = verifier.verify(token)
        except InvalidToken as error:
            raise Unauthenticated(str(error)) from error
        principal = Principal(subject=claims.subject, study=claims.study, role=claims.role, token=token)
        if principal.study != request.path_params.get("study", principal.study):
            raise NotFound
        if principal.role not in roles:
            raise Forbidden
        request.state.principal = principal
        return principal

    principal_of.roles = roles  # type: ignore[attr-defined]
    return principal_of
