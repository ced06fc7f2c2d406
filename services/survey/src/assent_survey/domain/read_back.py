"""Coded answers in the words of the questions: what a parent is shown of what is held about them.

The words are those of the instrument, in the parent's language where it has them. Groups, which are conclusions drawn from answers,
are not answers and are not here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assent_survey.domain.coding import Answer, Coded
from assent_survey.domain.instrument import Item

Unanswered = Literal["dont_know", "no_answer"]


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A question and what was answered: labels of options, a number or an open text; or that it was not answered, and how."""

    item: str
    question: str
    answers: tuple[str, ...] = ()
    unanswered: Unanswered | None = None


def read_back(items: Sequence[Item], coded: Coded, language: str | None) -> list[ReadBack]:
    """Every answer that is held, in the order of the questions. What was never asked, or never reached, is left out."""
    return list(_answered(items, coded, language))


def read_back_design(items: Sequence[Item], coded: Coded, language: str | None) -> list[ReadBack]:
    """The values that came with the answers to calculate the results: weight, stratum and cluster."""
    values: dict[str, str | float | None] = {"weight": coded.weight, "stratum": coded.stratum, "cluster": coded.cluster}
    return [
        ReadBack(item.name, _wording(item, language), _labels(item, value, language))
        for item in items
        if (value := values.get(item.role)) is not None
    ]


def _answered(items: Sequence[Item], coded: Coded, language: str | None) -> Iterator[ReadBack]:
    for item in items:
        question = _wording(item, language)
        if item.name in coded.texts:
            yield ReadBack(item.name, question, (coded.texts[item.name],))
        elif item.name in coded.answers:
            yield ReadBack(item.name, question, _labels(item, coded.answers[item.name], language))
        elif (why := coded.missing.get(item.name)) in ("dont_know", "refused"):
            yield ReadBack(item.name, question, unanswered="dont_know" if why == "dont_know" else "no_answer")


def _wording(item: Item, language: str | None) -> str:
    translation = item.translations.get(language or "")
    return item.wording if translation is None else translation.wording


def _labels(item: Item, answer: Answer, language: str | None) -> tuple[str, ...]:
    if isinstance(answer, float):
        return (f"{answer:.15g}",)
    labels = {each.option: each.label for each in item.scale}
    translation = item.translations.get(language or "")
    if translation is not None:
        labels |= translation.labels
    codes = answer if isinstance(answer, list) else [answer]
    return tuple(labels.get(code, code) for code in codes)
