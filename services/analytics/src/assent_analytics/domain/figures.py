"""What the reading asks of figures: tests, not numbers.

The estimators answer these questions (estimation.summary does); a rule of evidence never computes a bound by itself. A bound beyond a
threshold and a p-value below alpha are the same statement, so only p-values are asked for.
"""

from collections.abc import Hashable, Mapping
from typing import Protocol, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Tested(Protocol):
    """A figure that can be tested against a threshold."""

    def above(self, threshold: float) -> float:
        """The p-value of "it is at most the threshold"."""
        ...

    def below(self, threshold: float) -> float:
        """The p-value of "it is at least the threshold"."""
        ...


class TestedShare(Tested, Protocol):
    """A share of everyone asked."""

    @property
    def share(self) -> float:
        """The estimate, 0 to 1."""
        ...


class GroupFigures(Protocol):
    """The figures of one group; None where nobody of it was asked."""

    @property
    def base(self) -> int: ...
    @property
    def support(self) -> TestedShare | None: ...
    @property
    def unconditional(self) -> TestedShare | None: ...
    @property
    def opposition(self) -> TestedShare | None: ...
    @property
    def gap(self) -> Tested | None: ...


class ItemFigures(Protocol[Key]):
    """The figures of one item over everyone asked, and by group."""

    @property
    def base(self) -> int: ...
    @property
    def n_effective(self) -> float: ...
    @property
    def support(self) -> TestedShare: ...
    @property
    def unconditional(self) -> TestedShare: ...
    @property
    def opposition(self) -> TestedShare: ...
    @property
    def dont_know(self) -> TestedShare: ...
    @property
    def groups(self) -> Mapping[Key, GroupFigures]: ...
