"""What can go wrong, as RFC 9457 problem documents: a stable code, what happened, and what to do next.

Every error on the wire comes from a subclass of `Problem`; a service lists its own in its `problems.py`. Nothing a caller sent is
quoted back, because it may be personal.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """Where in the request something is wrong, as a JSON pointer, and what."""

    pointer: str = Field(description="a JSON pointer into the body, or `?name` of a query parameter")
    message: str


class ProblemDocument(BaseModel):
    """An error as it goes over the wire (RFC 9457)."""

    type: str = Field(description="address of the page that explains the code")
    title: str
    status: int
    detail: str
    code: str = Field(description="stable; made for programs")
    remedy: str = Field(description="what to do next")
    request_id: str
    errors: list[FieldError] = []


class Problem(Exception):
    """An error with a place in the catalogue. Subclasses say `status`, `code`, `title` and `remedy`."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"
    remedy: ClassVar[str] = "Try again; if it stays, send the request id to whoever runs this installation."

    def __init__(self, detail: str = "", *, errors: Sequence[FieldError] = (), headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = list(errors)
        self.headers = headers or {}

    def document(self, request_id: str) -> ProblemDocument:
        """The document for one request."""
        return ProblemDocument(
            type=f"/problems/{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            code=self.code,
            remedy=self.remedy,
            request_id=request_id,
            errors=self.errors,
        )


class MalformedJson(Problem):
    """The body is not JSON that all parties read alike."""

    status, code, title = 400, "malformed_json", "The body is not acceptable JSON"
    remedy = "Send UTF-8 JSON, nested at most 32 deep, without repeated keys, NaN, Infinity, NUL or lone surrogates."


class Unauthenticated(Problem):
    """Nobody we know."""

    status, code, title = 401, "unauthenticated", "Who you are is not established"
    remedy = "Send `Authorization: Bearer` with a key or token that is valid and has not expired."


class Forbidden(Problem):
    """Known, but not allowed."""

    status, code, title = 403, "forbidden", "Your role in this study does not allow this"
    remedy = "Ask an owner of the study for a role that does."


class NotFound(Problem):
    """Nothing there, or nothing that this caller may know of."""

    status, code, title = 404, "not_found", "There is no such thing here"
    remedy = "Check the address and the study; things of other studies are not shown."


class MethodNotAllowed(Problem):
    """The address exists, the method does not."""

    status, code, title = 405, "method_not_allowed", "This address does not support that method"
    remedy = "See the `Allow` header and the API documentation."


class IdempotencyConflict(Problem):
    """The key was used for another request."""

    status, code, title = 409, "idempotency_conflict", "This Idempotency-Key was used for a different request"
    remedy = "Use a new key for a new request."


class SecretAlreadyShown(Problem):
    """A secret is shown once."""

    status, code, title = 409, "secret_already_shown", "The secret of this resource was shown when it was created"
    remedy = "Use the secret you have; if it is lost, rotate it."


class StaleVersion(Problem):
    """Somebody else changed it first."""

    status, code, title = 412, "stale_version", "The resource has changed since you read it"
    remedy = "Read it again and repeat your change with the new ETag in `If-Match`."


class TooLarge(Problem):
    """More bytes than are taken."""

    status, code, title = 413, "too_large", "The body is larger than is accepted"
    remedy = "Send less; the limits are in the documentation."


class UnsupportedMedia(Problem):
    """A content type that is not read here."""

    status, code, title = 415, "unsupported_media_type", "This content type is not read here"
    remedy = "Send the content type that the documentation names."


class InvalidRequest(Problem):
    """The shape or a value is wrong."""

    status, code, title = 422, "invalid_request", "The request does not have the expected shape"
    remedy = "Correct the fields listed in `errors`."


class PreconditionRequired(Problem):
    """A change without saying of which version."""

    status, code, title = 428, "precondition_required", "A change must say which version it changes"
    remedy = "Send the ETag of the version you read in `If-Match`."


class InternalError(Problem):
    """Our fault."""


class Unavailable(Problem):
    """Not now."""

    status, code, title = 503, "unavailable", "The service cannot do this at the moment"
    remedy = "Nothing was stored. Try again after the time in `Retry-After`."

    def __init__(self, detail: str = "", *, errors: Sequence[FieldError] = (), headers: dict[str, str] | None = None) -> None:
        super().__init__(detail, errors=errors, headers={"Retry-After": "2", **(headers or {})})


def catalogue(base: type[Problem] = Problem) -> list[type[Problem]]:
    """Every problem that is defined at this moment, by code."""
    found: dict[str, type[Problem]] = {}
    stack: list[type[Problem]] = [base]
    while stack:
        kind = stack.pop()
        stack.extend(kind.__subclasses__())
        found[kind.code] = kind
    return [found[code] for code in sorted(found)]


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a router or route that may answer these problems."""
    by_status: dict[int, list[type[Problem]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: {
            "description": " or ".join(f"`{kind.code}`: {kind.title}" for kind in some),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status, some in by_status.items()
    }
