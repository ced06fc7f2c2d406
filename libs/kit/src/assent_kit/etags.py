"""ETags of single resources: their version, so that a change can say which version it changes."""

from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from assent_kit.problems import PreconditionRequired, StaleVersion


def etag_of(version: int | str) -> str:
    """The strong ETag of a version."""
    return f'"{version}"'


def _if_match(if_match: Annotated[str | None, Header(description="the ETag of the version to change")] = None) -> str:
    if if_match is None:
        raise PreconditionRequired
    return if_match.strip()


IfMatch = Annotated[str, Depends(_if_match)]


def check_match(if_match: str, version: int | str) -> None:
    """Refuse a change of another version than the present one. Raises StaleVersion. To be called in the use case."""
    if if_match != "*" and etag_of(version) not in [tag.strip() for tag in if_match.split(",")]:
        raise StaleVersion


def answer(
    request: Request,
    body: BaseModel,
    *,
    etag: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    exclude_unset: bool = False,
) -> Response:
    """A single resource with its ETag; 304 without a body when the caller has it already."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", **(headers or {})}
    if request.method == "GET" and holds(request, etag):
        return Response(status_code=304, headers=headers)
    content = body.model_dump_json(exclude_unset=exclude_unset)
    return Response(content, status_code=status, headers=headers, media_type="application/json")


def holds(request: Request, etag: str) -> bool:
    """Whether the caller says that they have this version already."""
    if_none_match = request.headers.get("if-none-match")
    return if_none_match is not None and (
        if_none_match == "*" or etag in [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    )
