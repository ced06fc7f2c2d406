"""Requests and answers about fieldwork: tokens, information sheets, quotas, dispositions and response rates."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from assent_contracts.practice import Term
from assent_contracts.stances import Sampling
from assent_kit.schemas import Answer, Flag, Request, Whole
from assent_survey.domain.dispositions import Reached
from assent_survey.domain.information_sheet import SheetText
from assent_survey.domain.instrument import Code, Language, Name
from assent_survey.domain.quotas import Cells, Group, State
from assent_survey.domain.response_rates import Disposition, EligibilityBy, Why

MOST_TOKENS = 20_000  # in one batch; what one transaction writes without holding up others


class TokensIn(Request):
    """How many tokens to issue. `label` says what for, such as `letters of 3 May`, and never whom. A `test` batch is for trying out."""

    count: Annotated[Whole, Field(ge=1, le=MOST_TOKENS)]
    label: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    test: Flag = False


class TokenBatchOut(Answer):
    """A batch and what its tokens have come to; the five outcomes add up to `issued`.

    `waiting`: nothing has arrived; `started`: something has, and is not finished; `complete`: finished with consent; `declined`: finished
    without; `withdrawn`: the respondent withdrew.
    """

    id: str
    label: str | None
    test: bool
    issued_at: datetime
    issued: int
    waiting: int
    started: int
    complete: int
    declined: int
    withdrawn: int


class TokensMade(TokenBatchOut):
    """With the tokens: shown once. `page` is the address of the parents' page, with `{token}` in the place of the token."""

    page: str
    tokens: list[str]


class ResponseChange(Request):
    """A researcher's word on whether a response is a test."""

    test: Flag


class SheetOut(Answer):
    """A version of an information sheet, and since when it was the one that is shown."""

    version: str
    number: int
    since: datetime
    languages: dict[Language, SheetText]


class SheetsOut(Answer):
    """Every version, oldest first."""

    items: list[SheetOut]


class QuotasIn(Request):
    """Cells over demographic items, each with how many complete interviews are wanted; one condition or several crossed."""

    cells: Cells


class CellOut(Answer):
    """A cell as full as it is now: finished responses with consent that are no tests."""

    groups: dict[str, str]
    answers: dict[str, str]
    target: int
    count: int
    remaining: int
    state: State


class QuotasOut(Answer):
    """Quotas with live counts; `usable` counts the responses of all cells and of none."""

    usable: int
    cells: list[CellOut]


class KindIn(Request):
    """What is known of a respondent so far: {variable: group} and {item: option}."""

    groups: dict[Term, Group] = Field(default_factory=dict, max_length=64)
    answers: dict[Name, Code] = Field(default_factory=dict, max_length=64)


class ScreenedOut(Answer):
    """Whether the respondent is still wanted, and the cells they are in; `full` as soon as one of these is."""

    state: State
    cells: list[CellOut]


class TokenDisposition(Request):
    """What the agency found of one token; null takes back what it reported before."""

    token: Annotated[str, Field(min_length=1, max_length=100)]
    disposition: Literal["R", "NC", "O", "UH", "UO", "NE"] | None


class TokenDispositionsIn(Request):
    """Dispositions by token. They count as long as no response has arrived under the token."""

    dispositions: Annotated[list[TokenDisposition], Field(min_length=1, max_length=MOST_TOKENS)]


class RecordedOut(Answer):
    """Of how many tokens a disposition was recorded."""

    recorded: int


class RateOut(Answer):
    """A rate, 0 to 1; or null and why it cannot be computed."""

    value: float | None
    why: Why | None


class EligibilityOut(Answer):
    """e: the share of cases of unknown eligibility that is taken to be eligible, and how it came about."""

    share: float
    by: EligibilityBy


class CasesOut(Answer):
    """Where the counts come from. `silent` are tokens that nothing arrived under, by what was reported of them (`unreported`: nothing)."""

    responses: dict[Reached, int]
    withdrawn: int
    silent: dict[str, int]
    reported: dict[Disposition, int]
    issued: int | None
    unreported: int
    more_than_issued: bool


class ResponseRatesOut(Answer):
    """Response, cooperation, refusal and contact rates by AAPOR's Standard Definitions, with what they are computed from."""

    source: str
    sampling: Sampling
    partial_share: float
    cases: CasesOut
    counts: dict[Disposition, int]
    e: EligibilityOut | None
    rates: dict[str, RateOut]
    says: list[str]
