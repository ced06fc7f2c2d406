"""What everyone who was asked said, and which way each answer leans.

The denominator is everyone asked and reached: don't know, refused and break-off are outcomes of their own beside the options, never
left out. Support is `supports` and `conditional` together; opposition is `opposes`; an option in none of them, like don't know, counts
neither way. Not here: weights and intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.columns import Column
from assent_analytics.domain.errors import CannotEstimate

Outcome = str
DONT_KNOW, REFUSED, BREAK_OFF = "dont_know", "refused", "break_off"
NOT_ASKED = -1


class _Option(Protocol):
    @property
    def option(self) -> str: ...


class _Item(Protocol):
    """What of a published item matters here; `assent_contracts.events.survey.Item` has it."""

    @property
    def scale(self) -> Sequence[_Option]: ...
    @property
    def supports(self) -> tuple[str, ...]: ...
    @property
    def conditional(self) -> tuple[str, ...]: ...
    @property
    def opposes(self) -> tuple[str, ...]: ...
    @property
    def dont_know(self) -> str | None: ...
    @property
    def refused(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Scale:
    """The options of an item in their order, and what each means. The codes of don't know and refused are not options."""

    options: tuple[str, ...]
    supports: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    opposes: tuple[str, ...] = ()
    dont_know: str | None = None
    refused: str | None = None

    @classmethod
    def of(cls, item: _Item) -> "Scale":
        """The scale of a published item."""
        apart = {item.dont_know, item.refused}
        return cls(
            options=tuple(option.option for option in item.scale if option.option not in apart),
            supports=tuple(item.supports),
            conditional=tuple(item.conditional),
            opposes=tuple(item.opposes),
            dont_know=item.dont_know,
            refused=item.refused,
        )

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The options, then don't know, refused and break-off; each once, also when an option bears such a name."""
        return tuple(dict.fromkeys((*self.options, DONT_KNOW, REFUSED, BREAK_OFF)))

    @property
    def upwards(self) -> bool:
        """Whether the scale runs from opposition to support; a scale that says neither counts as running upwards."""
        places = {option: place for place, option in enumerate(self.options)}
        for_it = [places[option] for option in (*self.supports, *self.conditional) if option in places]
        against = [places[option] for option in self.opposes if option in places]
        return not for_it or not against or sum(for_it) / len(for_it) >= sum(against) / len(against)


def outcome_of(scale: Scale, answer: str | None, missing: str | None, *, complete: bool) -> Outcome | None:
    """One respondent's outcome; None when they were not asked.

    Somebody asked who left no answer and no reason broke off if the response is incomplete, and otherwise refused. Raises CannotEstimate
    `bad_value` for an answer that is not on the scale.
    """
    if missing == "not_asked":
        return None
    if answer is None and missing in (DONT_KNOW, REFUSED, BREAK_OFF):
        return missing
    if answer is None:
        return REFUSED if complete else BREAK_OFF
    if answer == scale.dont_know:
        return DONT_KNOW
    if answer == scale.refused:
        return REFUSED
    if answer in scale.options:
        return str(answer)
    raise CannotEstimate("bad_value", f"the answer {answer!r} is not on the scale {scale.options}")


def outcomes_of(scale: Scale, answers: Column, missing: Column, *, complete: NDArray[np.bool_]) -> "Answers":
    """Everyone's outcome, from columns of what they chose and why they did not, and who came to the end (n,). Raises as `outcome_of`."""
    places: Mapping[Outcome | None, int] = {outcome: place for place, outcome in enumerate(scale.outcomes)} | {None: NOT_ASKED}
    chosen, reasons = (None, *answers.words), (None, *missing.words)
    kinds = (answers.codes.astype(np.int64) * len(reasons) + missing.codes) * 2 + complete
    codes = np.zeros(2 * len(chosen) * len(reasons), dtype=np.int64)
    for kind in np.flatnonzero(np.bincount(kinds, minlength=len(codes))):
        pair, whole = divmod(int(kind), 2)
        answer, reason = divmod(pair, len(reasons))
        codes[kind] = places[outcome_of(scale, chosen[answer], reasons[reason], complete=bool(whole))]
    return Answers(scale, codes[kinds])


@dataclass(frozen=True, slots=True)
class Answers:
    """Everyone's outcome as an index into `scale.outcomes`, -1 for those not asked: codes (n,)."""

    scale: Scale
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, scale: Scale, outcomes: Sequence[Outcome | None]) -> "Answers":
        """From one outcome (or None, not asked) a respondent."""
        places: Mapping[Outcome | None, int] = {outcome: place for place, outcome in enumerate(scale.outcomes)} | {None: NOT_ASKED}
        return cls(scale, np.array([places[outcome] for outcome in outcomes], dtype=np.int64))

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Who was asked: the denominator."""
        asked: NDArray[np.bool_] = self.codes != NOT_ASKED
        return asked

    @property
    def supports(self) -> NDArray[np.bool_]:
        """Who finds it acceptable, with or without conditions."""
        return self._in((*self.scale.supports, *self.scale.conditional))

    @property
    def unconditional(self) -> NDArray[np.bool_]:
        """Who finds it acceptable as it is."""
        return self._in(self.scale.supports)

    @property
    def opposes(self) -> NDArray[np.bool_]:
        """Who finds it unacceptable."""
        return self._in(self.scale.opposes)

    @property
    def dont_know(self) -> NDArray[np.bool_]:
        """Who does not know."""
        return self.chose(DONT_KNOW)

    def chose(self, outcome: Outcome) -> NDArray[np.bool_]:
        """Whose outcome this is."""
        return self._in((outcome,))

    def counts(self) -> dict[Outcome, int]:
        """How many people each outcome has, unweighted, in the order of the scale."""
        found = np.bincount(self.codes[self.asked], minlength=len(self.scale.outcomes))
        return dict(zip(self.scale.outcomes, map(int, found), strict=True))

    def _in(self, outcomes: Sequence[Outcome]) -> NDArray[np.bool_]:
        # The last place is for those who were not asked, whose code is -1.
        chosen: NDArray[np.bool_] = np.array([*(outcome in outcomes for outcome in self.scale.outcomes), False])[self.codes]
        return chosen
