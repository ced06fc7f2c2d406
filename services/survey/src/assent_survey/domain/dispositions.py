"""Which final disposition each case of a collection has, in AAPOR's terms: from what arrived, what was reported, and what was not.

The rule, after AAPOR's Standard Definitions: a finished response with consent is a complete interview. An unfinished one with consent is
a partial interview when at least `partial_share` of the questions that applied were answered, else a break-off. Break-offs, finished
responses without consent and respondents who withdrew are counted with the refusals. Of whom nothing has arrived, the agency's report
stands; without one it is not known whether they were reached at all.

Not here: the rates (response_rates) and the counting (store).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assent_survey.domain.coding import Coded
from assent_survey.domain.response_rates import DISPOSITIONS, Disposition

Reached = Literal["complete", "partial", "declined", "break_off"]
"""How far a respondent came, the farthest first."""

REACHED: tuple[Reached, ...] = ("complete", "partial", "declined", "break_off")
DISPOSITION_OF: dict[Reached, Disposition] = {"complete": "I", "partial": "P", "declined": "R", "break_off": "R"}
NOTHING_KNOWN: Disposition = "UH"

Count = Annotated[int, Field(strict=True, ge=0, le=100_000_000)]


class Report(BaseModel):
    """What the agency reports of cases that have no token and of whom no response is here; and the rules to count by.

    `eligibility` is e, where the agency knows it better than proportional allocation does; `partial_share` tells a partial interview
    from a break-off, and 0.5 is what AAPOR's definitions suggest where nothing else was agreed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    counts: dict[Disposition, Count] = Field(default_factory=dict)
    eligibility: Annotated[float, Field(strict=True, ge=0, le=1)] | None = None
    partial_share: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.5


@dataclass(frozen=True, slots=True)
class Cases:
    """Every case once: `responses` by how far they came, `silent` tokens by what was reported of them (None for nothing), respondents
    with a token who have `withdrawn`, and cases without a token as `reported` by the agency.

    How many were asked follows from `tokens`, of which the cases above are a part, or from what the collection says was `issued`.
    """

    responses: Mapping[Reached, int] = field(default_factory=dict)
    silent: Mapping[Disposition | None, int] = field(default_factory=dict)
    tokens: int = 0
    withdrawn: int = 0
    reported: Mapping[Disposition, int] = field(default_factory=dict)
    issued: int | None = None

    @property
    def accounted(self) -> int:
        """How many cases something is known of, if only that they were asked."""
        return sum(self.responses.values()) + sum(self.silent.values()) + self.withdrawn + sum(self.reported.values())

    @property
    def unreported(self) -> int:
        """How many were issued of whom there is neither a token, nor a response, nor a report."""
        return max(0, (self.issued or 0) - self.accounted)

    @property
    def base_known(self) -> bool:
        """Whether it is known how many were asked, and not only who answered."""
        return self.issued is not None or self.tokens > 0 or bool(self.reported)

    def by_disposition(self) -> dict[Disposition, int]:
        """How many cases have each disposition."""
        counts = dict.fromkeys(DISPOSITIONS, 0)
        for reached, count in self.responses.items():
            counts[DISPOSITION_OF[reached]] += count
        for disposition, count in (*self.silent.items(), *self.reported.items()):
            counts[disposition or NOTHING_KNOWN] += count
        counts["R"] += self.withdrawn
        counts[NOTHING_KNOWN] += self.unreported
        return counts


def reached_by(coded: Coded, *, complete: bool, partial_share: float) -> Reached:
    """How far a response came."""
    if complete:
        return "complete" if coded.consented else "declined"
    return "partial" if coded.consented and share_answered(coded) >= partial_share else "break_off"


def share_answered(coded: Coded) -> float:
    """The share, 0 to 1, of the questions that applied which were answered; don't know and refused are answers here."""
    answered = len(coded.answers) + sum(why in ("dont_know", "refused") for why in coded.missing.values())
    applied = answered + sum(why == "break_off" for why in coded.missing.values())
    return answered / applied if applied else 0.0


def farthest(reached: Iterable[Reached]) -> Reached:
    """How far somebody came who has several responses."""
    return min(reached, key=REACHED.index)
