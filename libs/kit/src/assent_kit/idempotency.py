"""Idempotency-Key on every POST that creates: the same key and body give the same status and Location, and the resource as it is now.

What is kept is who, which key, a hash of the request, the Location and the id; never a body and never a secret. The row is written in the
transaction that creates the resource, so neither exists without the other.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar

from fastapi import Depends, Header, Request
from sqlmodel import Field, Session, SQLModel, col, delete

from assent_kit.database import Database
from assent_kit.lane import alone, runs_alone
from assent_kit.problems import IdempotencyConflict, SecretAlreadyShown
from assent_kit.tables import Instant, now
from assent_kit.workers import Worker

P = ParamSpec("P")
T = TypeVar("T")


class IdempotencyColumns(SQLModel):
    """The columns of a service's `idempotency` table."""

    principal: str = Field(primary_key=True, max_length=200)
    key: str = Field(primary_key=True, max_length=200)
    fingerprint: str = Field(max_length=64)
    location: str = Field(max_length=500)
    resource: str = Field(max_length=80)
    created_at: Any = Field(sa_type=Instant, default_factory=now, index=True)


def idempotency_table(base: type[SQLModel]) -> type[IdempotencyColumns]:
    """The `idempotency` table on a service's own metadata."""

    class Idempotency(IdempotencyColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "idempotency"

    return Idempotency


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """What a POST made: its id and Location. `result` is the use case's answer, and None when the request was a repeat."""

    id: str
    location: str
    repeated: bool
    result: T | None

    def first_result(self) -> T:
        """The use case's answer, where it holds a secret. Raises SecretAlreadyShown on a repeat."""
        if self.repeated or self.result is None:
            raise SecretAlreadyShown
        return self.result


@dataclass(frozen=True, slots=True)
class Once:
    """Creates at most once per key. Handlers get it as the dependency `OnceOnly`."""

    principal: str
    key: str | None
    fingerprint: str
    table: type[IdempotencyColumns]

    async def create(
        self, database: Database, at: str, use_case: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Made[T]:
        """Run a use case that makes something, unless this key has made it before.

        The use case answers the new id, or something with an `id`; the Location is `at`/id. Raises IdempotencyConflict when the key
        came with another request.
        """

        def run(session: Session) -> Made[T]:
            return self._run(session, at, lambda session: use_case(session, *args, **kwargs))

        return await database.write(alone(run) if runs_alone(use_case) else run)

    def _run(self, session: Session, at: str, use_case: Callable[[Session], T]) -> Made[T]:
        if self.key is not None:
            known = session.get(self.table, (self.principal, self.key))
            if known is not None:
                if known.fingerprint != self.fingerprint:
                    raise IdempotencyConflict
                return Made(id=known.resource, location=known.location, repeated=True, result=None)
        result = use_case(session)
        made = result if isinstance(result, str) else str(result.id)  # type: ignore[attr-defined]
        location = f"{at}/{made}"
        if self.key is not None:
            session.add(
                self.table(principal=self.principal, key=self.key, fingerprint=self.fingerprint, location=location, resource=made)
            )
        return Made(id=made, location=location, repeated=False, result=result)


def forget_old_keys(session: Session, table: type[IdempotencyColumns], *, hours: int) -> int:
    """Delete keys older than that; answers how many."""
    old = delete(table).where(col(table.created_at) < now() - timedelta(hours=hours))
    return int(session.connection().execute(old).rowcount)


def key_worker(table: type[IdempotencyColumns]) -> Worker:
    """The background work that forgets the old keys of a service, hourly."""

    def forget(database: Database, settings: Any) -> bool:
        database.write_blocking(forget_old_keys, table, hours=settings.idempotency_hours)
        return False

    return Worker(name="forget idempotency keys", run_once=forget, pause=3600.0)


async def _once(
    request: Request, idempotency_key: Annotated[str | None, Header(max_length=200, description="made up by the caller")] = None
) -> Once:
    principal = request.state.principal
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    if idempotency_key is not None:
        digest.update(await _body_of(request))
    return Once(
        principal=f"{principal.study}/{principal.subject}" if principal else "",
        key=idempotency_key,
        fingerprint=digest.hexdigest(),
        table=request.app.state.idempotency,
    )


async def _body_of(request: Request) -> bytes:
    """The body to compare. A multipart body has a fresh boundary each time, so its parts are compared instead."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    parts = []
    for name, part in sorted((await request.form()).multi_items(), key=lambda pair: pair[0]):
        if isinstance(part, str):
            parts.append(f"{name}={part}".encode())
        else:
            parts.append(f"{name}={part.filename}".encode() + hashlib.sha256(await part.read()).digest())
            await part.seek(0)
    return b"\n".join(parts)


OnceOnly = Annotated[Once, Depends(_once)]
