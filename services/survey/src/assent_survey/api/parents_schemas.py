"""What parents are answered: what they were told, what is held about them, and what withdrawing does."""

from datetime import date, datetime
from typing import Literal

from assent_kit.schemas import Answer, Request
from assent_survey.domain.information_sheet import Contact, Section, Support
from assent_survey.domain.quotas import State
from assent_survey.domain.read_back import Unanswered


class HeldAnswer(Answer):
    """A question and the parent's answer in words. `unanswered` says how, where there is none."""

    question: str
    answers: list[str]
    unanswered: Unanswered | None


class HeldResponseOut(Answer):
    """One response, by the day. `earlier` versions of it are kept too; `calculation` are values that came to calculate the results."""

    received_on: date
    complete: bool
    consented: bool
    test: bool
    information_sheet: str | None
    earlier: int
    answers: list[HeldAnswer]
    calculation: list[HeldAnswer]


class SheetShown(Answer):
    """The information sheet in the language that was chosen."""

    version: str
    since: date
    title: str
    sections: list[Section]
    contacts: list[Contact]
    support: list[Support]
    languages: list[str]


class WithdrawalMeans(Answer):
    """What withdrawing does, in plain words, and what it cannot do."""

    done_by: date
    copies_until: date
    does: list[str]
    does_not: list[str]


class HeldOut(Answer):
    """The parents' page as JSON. `messages` counts the raw deliveries that are kept as they came."""

    language: str
    test: bool
    information_sheet: SheetShown | None
    responses: list[HeldResponseOut]
    messages: int
    withdrawal: WithdrawalMeans


class WithdrawIn(Request):
    """A withdrawal is meant only when it says so."""

    confirm: Literal[True]


class WithdrawnOut(Answer):
    """A plain confirmation. There is nothing to keep, and nothing more to do."""

    withdrawn_at: datetime
    says: list[str]


class QuotaAnswer(Answer):
    """Whether another respondent of this kind is wanted; no numbers, because this is public."""

    state: State
