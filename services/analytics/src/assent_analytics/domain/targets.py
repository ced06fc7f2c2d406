"""Whom a practice is likely to single out, on whose word, and how often they were heard in talk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from assent_contracts.groups import GroupRef

GroupKey = tuple[GroupRef, ...]
Basis = Literal["eligibility", "model_input", "past_over_representation", "judgement"]
Who = TypeVar("Who", covariant=True)


class TargetLike(Protocol[Who]):
    """What the reading needs to know of a target; how groups are keyed is the caller's."""

    @property
    def who(self) -> Who: ...
    @property
    def post_hoc(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Target:
    """A group, or an intersection of groups, that the practice is likely to single out.

    `post_hoc` marks a target that was registered or changed after the estimates had been seen.
    """

    who: GroupKey
    basis: Basis
    passage: str | None = None
    post_hoc: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """Sessions in which somebody of a group speaks to this practice, and those of them in which they mainly reject it."""

    sessions: int = 0
    mainly_reject: int = 0


def mainly_rejects(stances: Sequence[str | None]) -> bool:
    """Whether more than half of the excerpts of a session that take a stance reject the practice; no stance, no rejection."""
    taken = [stance for stance in stances if stance is not None]
    return bool(taken) and 2 * taken.count("reject") > len(taken)
