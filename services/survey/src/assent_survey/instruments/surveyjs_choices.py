"""The choices of a SurveyJS question: those that are written, those that the library adds, the steps of a rating, yes and no."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from assent_survey.instruments.conventional_codes import is_no_answer
from assent_survey.instruments.json_shape import number
from assent_survey.instruments.languages import Languages
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.surveyjs_questions import flag, listed, texts_of

MOST_STEPS = 1001
_ADDED = (
    (("hasOther", "showOtherItem"), "other", "otherText", "Other (describe)"),
    (("hasNone", "showNoneItem"), "none", "noneText", "None"),
    (("showRefuseItem",), "refused", "refuseText", "Refuse to answer"),
    (("showDontKnowItem",), "dontknow", "dontKnowText", "Don't know"),
)


def code_of(value: Any) -> str | None:
    """A choice's value as it will be compared when it arrives; None where it is no plain value."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:.15g}" if math.isfinite(value) else None
        case str() if value.strip():
            return value.strip()
        case _:
            return None


def offered(element: dict[str, Any]) -> list[Any]:
    """The choices of a question, with those that the library adds: other, none, don't know, refused, and a range of numbers."""
    given = element.get("choices")
    found = list(given) if isinstance(given, list) else []
    low, high, step = (element.get(key) for key in ("choicesMin", "choicesMax", "choicesStep"))
    if isinstance(low, int) and isinstance(high, int) and 0 <= high - low <= 1000:
        found += range(low, high + 1, step if isinstance(step, int) and step > 0 else 1)
    for names, code, text, usual in _ADDED:
        if flag(element, *names):
            found.append({"value": code, "text": element.get(text) or usual})
    return found


def has_library_words(element: dict[str, Any]) -> bool:
    """Whether the library words an answer itself, in each language: one that it adds, or yes and no."""
    added = any(flag(element, *names) and not element.get(text) for names, _, text, _ in _ADDED)
    return added or (element.get("type") == "boolean" and not (element.get("labelTrue") and element.get("labelFalse")))


class Choices:
    """Makes options of choices, in the languages of the form."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    def options(self, choices: Iterable[Any]) -> list[Option]:
        """An option for each choice that has a plain value."""
        return [each for each in map(self._option, choices) if each is not None]

    def steps(self, element: dict[str, Any]) -> list[Option]:
        """The steps of a rating. What is written at its ends belongs to the labels of the ends."""
        written = [] if element.get("autoGenerate") is True else listed(element, "rateValues")
        steps = self.options(written or _numbered(element))
        ends = {0: "minRateDescription", len(steps) - 1: "maxRateDescription"}
        return [self._described(step, texts_of(element.get(ends.get(place, "")))) for place, step in enumerate(steps)]

    def yes_and_no(self, element: dict[str, Any]) -> list[Option]:
        """What a switch can say."""
        for_yes = {"value": element.get("valueTrue", True), "text": element.get("labelTrue") or "Yes"}
        for_no = {"value": element.get("valueFalse", False), "text": element.get("labelFalse") or "No"}
        return self.options([for_yes, for_no])

    def _option(self, given: Any) -> Option | None:
        """A choice is a value, `value|text`, or an object of both."""
        value, text = (given.get("value"), given.get("text")) if isinstance(given, dict) else (given, None)
        code = code_of(value)
        if code is None:
            return None
        arrives = value if isinstance(value, str) else code
        if not isinstance(given, dict):
            code, _, text = code.partition("|")
            arrives = arrives.partition("|")[0]
        texts = texts_of(text, otherwise=code)
        label = self._languages.main_words(texts)
        names = tuple(dict.fromkeys((arrives, code)))  # with the spaces around it, as the library keeps a value
        return Option(code, label, names, self._languages.translations(texts), is_no_answer(code, label))

    def _described(self, step: Option, texts: dict[str, str]) -> Option:
        said, others = self._languages.main_words(texts), self._languages.translations(texts)
        labels = {tag: f"{step.labels.get(tag, step.label)}: {others.get(tag, said)}" for tag in {**step.labels, **others}}
        return replace(step, label=f"{step.label}: {said}", labels=labels) if said else step


def _numbered(element: dict[str, Any]) -> list[float]:
    """The steps that the library makes: a count of them counts only together with one of the ends, from which the other follows."""
    low, high, count, by = (number(element.get(key)) for key in ("rateMin", "rateMax", "rateCount", "rateStep"))
    step = by if by and by > 0 else 1.0
    if count is not None and low is not None and high is None:
        high = low + (count - 1) * step
    elif count is not None and high is not None and low is None:
        low = high - (count - 1) * step
    first, last = 1.0 if low is None else low, 5.0 if high is None else high
    return [first + step * place for place in range(int(min((last - first) / step, MOST_STEPS)) + 1)] if last >= first else []
