"""The `job` table of a service, and a job as plain data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import JSON, Field, SQLModel

from assent_kit.tables import Instant, now

State = Literal["queued", "running", "done", "failed", "cancelled"]
OVER: tuple[State, ...] = ("done", "failed", "cancelled")


class JobColumns(SQLModel):
    """The columns of a service's `job` table.

    `lease` names the worker that has the job, until `leased_until` unless it renews that; `takes` counts how often one took it up.
    """

    id: str = Field(primary_key=True, max_length=80)
    study: str = Field(max_length=80)
    kind: str = Field(max_length=40)
    request: Any = Field(sa_type=JSON)
    state: str = Field(default="queued", max_length=10, index=True)
    done: int = 0
    total: int | None = None
    message: str = Field(default="", max_length=300)
    result: str | None = Field(default=None, max_length=500)
    problem: Any = Field(default=None, sa_type=JSON, nullable=True)
    cancelling: bool = False
    takes: int = 0
    lease: str | None = Field(default=None, max_length=80)
    leased_until: Any = Field(default=None, sa_type=Instant, nullable=True)
    created_by: str = Field(max_length=200)
    created_at: Any = Field(sa_type=Instant, default_factory=now)
    finished_at: Any = Field(default=None, sa_type=Instant, nullable=True)


def job_table(base: type[SQLModel]) -> type[JobColumns]:
    """The `job` table on a service's own metadata."""

    class Job(JobColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "job"

    return Job


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is. `total` is None while nobody knows it; `result` is the path of what it made; `problem` says why it
    failed.
    """

    id: str
    study: str
    kind: str
    state: State
    done: int
    total: int | None
    message: str
    result: str | None
    problem: dict[str, str] | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in OVER

    @classmethod
    def of(cls, row: JobColumns) -> "JobState":
        """From its row."""
        return cls(
            id=row.id,
            study=row.study,
            kind=row.kind,
            state=row.state,  # type: ignore[arg-type]  # only states are ever stored
            done=row.done,
            total=row.total,
            message=row.message,
            result=row.result,
            problem=row.problem,
            created_by=row.created_by,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )
