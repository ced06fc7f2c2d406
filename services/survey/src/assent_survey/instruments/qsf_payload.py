"""What the payload of a Qualtrics question says: its choices in order with the values they are exported as, its texts, its conditions.

PHP wrote these files: what is an object here is a list there, and ids are numbers or texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assent_survey.instruments.identifiers import E_MAIL, TELEPHONE
from assent_survey.instruments.json_shape import number, within, words
from assent_survey.instruments.plain_text import plain_line

Texts = dict[str, str]
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice, a row or a column: its id, and the value that it is exported as."""

    id: str
    value: str
    texts: Texts
    has_text: bool = False
    excluded: bool = False


def keyed(value: Any) -> dict[str, Any]:
    """An object, or a list as an object by its positions."""
    if isinstance(value, list):
        return {str(position): each for position, each in enumerate(value)}
    return {str(key): each for key, each in value.items()} if isinstance(value, dict) else {}


def texts_of(payload: dict[str, Any], main: str) -> Texts:
    """The question's words by language."""
    others = {language: words(each.get("QuestionText")) for language, each in _languages(payload)}
    return {**others, main: words(payload.get("QuestionText"))}


def languages_of(payload: dict[str, Any]) -> Iterator[str]:
    """The languages that the question is translated into."""
    yield from (language for language, _ in _languages(payload))


def choices_of(payload: dict[str, Any], main: str, what: str = "Choice", among: Any = None) -> list[Choice]:
    """Its choices, or with `what="Answer"` the columns of a matrix, in the order in which they are shown.

    Where the question has columns the values that are exported instead of ids are theirs, else its choices'.
    """
    given = keyed(payload.get(f"{what}s") if among is None else among)
    ordered = [id for each in keyed(payload.get(f"{what}Order")).values() if (id := words(each)) in given]
    recoded = keyed(payload.get("RecodeValues")) if what == "Answer" or not payload.get("Answers") else {}
    analysed = keyed(payload.get("AnalyzeChoices"))
    translated = {language: keyed(each.get(f"{what}s")) for language, each in _languages(payload)}
    return [
        Choice(
            id=id,
            value=words(recoded.get(id)) or id,
            texts={**{language: _display(each.get(id)) for language, each in translated.items()}, main: _display(given[id])},
            has_text=words(within(given, id).get("TextEntry")).lower() in ("true", "on", "1"),
            excluded=words(analysed.get(id)) == "No",
        )
        for id in dict.fromkeys([*ordered, *given])
    ]


def carried_from(payload: dict[str, Any]) -> str:
    """The id of the question whose choices are carried forward to this one; empty where there is none."""
    locator = words(within(payload, "DynamicChoices").get("Locator"))
    return locator.removeprefix("q://").split("/")[0] if locator.startswith("q://") else ""


def description(logic: dict[str, Any]) -> str:
    """How Qualtrics describes a logic. It escapes what it quotes from wordings, so their markup is seen at the second look only."""
    return plain_line(plain_line(words(logic.get("Description")).replace("</span>", "</span> ")))


def conditions(logic: Any, depth: int = 0) -> str:
    """A display or branch logic in the words that Qualtrics describes it in."""
    if not isinstance(logic, dict | list) or depth > _DEEPEST:
        return ""
    node = keyed(logic)
    if described := description(node):
        return described
    operands = [words(node.get(name)) for name in ("LeftOperand", "Operator", "RightOperand")]
    if any(operands):
        return " ".join(each for each in operands if each)
    joins = {"AndIf": "And", "OrIf": "Or", "ElseIf": "Else"}.get(words(node.get("Type")), "")
    return " ".join(each for each in (joins, *(conditions(value, depth + 1) for value in node.values())) if each)


def besides(payload: dict[str, Any]) -> dict[str, bool]:
    """Of what no item carries, whether a question has it."""
    settings, shown = within(payload, "Validation", "Settings"), within(payload, "Configuration")
    offered = [each for key in ("Choices", "Answers") for each in keyed(payload.get(key)).values() if isinstance(each, dict)]
    headings = [each for each in keyed(payload.get("ColumnLabels")).values() if isinstance(each, dict)]
    return {
        "an answer is required": words(settings.get("ForceResponse")) == "ON",
        "rules that an answer is checked by": words(settings.get("Type")) not in ("", "None", "ContentType")
        or bool(settings.get("CustomValidation")),
        "an order that is random": words(within(payload, "Randomization").get("Type")) not in ("", "None"),
        "an answer that is given beforehand": payload.get("DefaultChoices") not in (None, False, [], {}),
        "conditions under which its choices are shown": any(each.get("DisplayLogic") for each in offered),
        "a choice that excludes all others": any(each.get("ExclusiveAnswer") is True for each in offered),
        "the scores of answers": bool(payload.get("GradingData")),
        "a program that runs in the question": bool(words(payload.get("QuestionJS")).strip()),
        "it is hidden from respondents": within(payload, "DataVisibility").get("Hidden") is True,
        "a box for what is not applicable": shown.get("NotApplicable") is True,
        "headings above the columns": any(words(each.get("Display")).strip() for each in headings),
    }


def identifying(payload: dict[str, Any]) -> str:
    """What a text must be that says who somebody is; empty where it need not."""
    content = words(within(payload, "Validation", "Settings").get("ContentType"))
    return {"ValidEmail": E_MAIL, "ValidPhone": TELEPHONE}.get(content, "")


def numeric_bounds(payload: dict[str, Any]) -> tuple[bool, float | None, float | None]:
    """Whether a text must be a number, and the least and the greatest one."""
    settings = within(payload, "Validation", "Settings")
    content = words(settings.get("ContentType"))
    limits = within(settings, "ValidNumber")
    return content == "ValidNumber", number(limits.get("Min")), number(limits.get("Max"))


def slider_bounds(payload: dict[str, Any]) -> tuple[float | None, float | None]:
    """The ends of a slider, or none to as many stars as there are."""
    settings = within(payload, "Configuration")
    if words(payload.get("Selector")) == "STAR":
        return 0.0, number(settings.get("StarCount"))
    return number(settings.get("CSSliderMin")), number(settings.get("CSSliderMax"))


def slider_words(payload: dict[str, Any]) -> str:
    """What stands along a slider, from its least to its greatest number."""
    labels = (plain_line(words(each.get("Display"))) for each in keyed(payload.get("Labels")).values() if isinstance(each, dict))
    return " – ".join(each for each in labels if each)[:200]


def _languages(payload: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    given = payload.get("Language")
    yield from ((str(key), each) for key, each in (given.items() if isinstance(given, dict) else ()) if isinstance(each, dict))


def _display(entry: Any) -> str:
    if not isinstance(entry, dict):
        return words(entry)
    return words(entry.get("Display")) or words(within(entry, "Image").get("Display"))
