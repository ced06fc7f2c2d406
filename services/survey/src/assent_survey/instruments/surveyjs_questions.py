"""What the properties of a SurveyJS question mean: its kind, the bounds of a number, its texts in each language.

Not here: the walk through pages and panels (surveyjs), and choices (surveyjs_choices).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assent_contracts.events.survey import ItemKind
from assent_survey.instruments.identifiers import ADDRESS, E_MAIL, NAME, TELEPHONE, not_kept
from assent_survey.instruments.json_shape import number
from assent_survey.instruments.languages import Texts

CONTAINERS = ("elements", "questions", "templateElements")
KINDS: dict[str, ItemKind] = {
    "radiogroup": "single",
    "dropdown": "single",
    "buttongroup": "single",
    "imagepicker": "single",
    "rating": "single",
    "boolean": "single",
    "checkbox": "multiple",
    "tagbox": "multiple",
    "text": "text",
    "comment": "text",
    "slider": "number",
    "nouislider": "number",
    "bootstrapslider": "number",
}
_OF_SEVERAL = ("matrix", "matrixdropdown", "multipletext")
LOST = {
    "html": "words that ask nothing",
    "image": "a picture that asks nothing",
    "expression": "a value that the form computes",
    "file": "a file upload",
    "signaturepad": "a signature",
    "microphone": "a recording",
    "ranking": "a ranking, whose answer is an order of all its choices",
    "paneldynamic": "a panel that respondents repeat",
    "matrixdynamic": "a table to which respondents add rows",
    "flowpanel": "questions within a running text",
}
IDENTIFYING = {"email": E_MAIL, "tel": TELEPHONE}
FILLED_IN = {
    **IDENTIFYING,
    **dict.fromkeys(("name", "given-name", "additional-name", "family-name"), NAME),
    **dict.fromkeys(("street-address", "address-line1", "address-line2", "address-line3"), ADDRESS),
}
"""What a browser may fill in of who somebody is, by HTML's names of it."""
BESIDES = {
    "isRequired": "an answer is required",
    "requiredIf": "an answer is required under a condition",
    "validators": "rules that an answer is checked by",
    "choicesVisibleIf": "a condition under which its choices are shown",
    "rowsVisibleIf": "a condition under which its rows are shown",
    "columnsVisibleIf": "a condition under which its columns are shown",
    "enableIf": "a condition under which it can be answered",
    "choicesEnableIf": "a condition under which its choices can be chosen",
    "defaultValue": "an answer that is given beforehand",
    "defaultValueExpression": "an answer that is computed beforehand",
    "minValueExpression": "a least value that is computed",
    "maxValueExpression": "a greatest value that is computed",
    "setValueExpression": "an answer that is computed",
    "setValueIf": "an answer that is computed",
    "resetValueIf": "an answer that is taken back under a condition",
    "readOnly": "it is shown and cannot be answered",
    "maxSelectedChoices": "rules that an answer is checked by",
    "minSelectedChoices": "rules that an answer is checked by",
    "maxLength": "rules that an answer is checked by",
    "correctAnswer": "the answer that counts as right",
    "eachRowRequired": "an answer is required",
    "isAllRowRequired": "an answer is required",
    "eachRowUnique": "rules that an answer is checked by",
    "maskSettings": "rules that an answer is checked by",
    "customLabels": "the words along a slider",
}
_ORDERS = ("choicesOrder", "rowOrder", "rowsOrder", "columnsOrder", "questionsOrder", "questionOrder")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question where it stands. `stem` are the words before its own: the question that it is a row of. `within` names its answer."""

    element: dict[str, Any]
    name: str
    section: str = ""
    routing: str = ""
    stem: tuple[Texts, ...] = ()
    within: str = ""

    @property
    def field(self) -> str:
        """By which its answer arrives."""
        return self.within or word(self.element.get("valueName")) or self.name

    @property
    def title(self) -> Texts:
        """Its own words, else its name. A column without either has no words but those before."""
        return texts_of(self.element.get("title"), otherwise=word(self.element.get("name")) or ("" if self.stem else self.name))

    @property
    def words(self) -> tuple[Texts, ...]:
        """All that is read before it is answered. What a form calls a description is often the question under a heading."""
        return (*self.stem, self.title, texts_of(self.element.get("description")))


def lost_as(element: dict[str, Any]) -> str:
    """What a question is that no item can hold; empty where one can."""
    kind = word(element.get("type"))
    if kind == "text" and (told := _identifying(element)):
        return not_kept(told)
    if kind == "slider" and element.get("sliderType") == "range":
        return "a slider of two ends, whose answer is two numbers"
    if kind in ("checkbox", "tagbox") and (
        word(element.get("valuePropertyName")) or any(map(has_comment, children(element, ("choices",))))
    ):
        return "several choices that arrive as objects, each with its value inside"
    return "" if kind in KINDS or kind in _OF_SEVERAL else LOST.get(kind, f"a question of a type that is not known, {kind[:40]!r}")


def has_comment(choice: dict[str, Any]) -> bool:
    """Whether a choice has a box for own words."""
    return choice.get("showCommentArea") is True


def _identifying(element: dict[str, Any]) -> str:
    """What a text must be, or may be filled in as, that says who somebody is; empty where it need not."""
    checks = (word(each.get("type")) for each in children(element, ("validators",)))
    declared = (IDENTIFYING.get(word(element.get("inputType"))), *map(IDENTIFYING.get, checks))
    filled_in = (FILLED_IN.get(word(element.get(key))) for key in ("autocomplete", "autoComplete"))
    return next(filter(None, (*declared, *filled_in)), "")


def besides(element: dict[str, Any]) -> Iterator[str]:
    """What a question, a panel or a page has that no item carries."""
    given = ((said, element.get(key)) for key, said in BESIDES.items())
    yield from (said for said, value in given if value is not False and value not in (None, "", [], {}))
    if any(element.get(key) == "random" for key in _ORDERS):
        yield "an order that is random"
    if element.get("visible") is False and not word(element.get("visibleIf")):
        yield "it is hidden from respondents"
    offered = list(children(element, ("choices",)))
    if any(each.get("visibleIf") or each.get("enableIf") for each in offered):
        yield "a condition under which its choices are shown"
    if any(each.get("imageLink") for each in offered):
        yield "the pictures of its choices"
    if word(element.get("type")) == "matrix" and element.get("cells"):
        yield "words of single cells of a table"
    if any(each.get("isExclusive") is True for each in offered):
        yield "a choice that excludes all others"


def children(node: Any, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects that lists of these names hold."""
    for key in keys:
        found = node.get(key) if isinstance(node, dict) else None
        yield from (each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))


def listed(node: dict[str, Any], key: str) -> list[Any]:
    """The list of this name, or none."""
    found = node.get(key)
    return found if isinstance(found, list) else []


def word(value: Any) -> str:
    """A text, or empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def texts_of(value: Any, *, otherwise: str = "") -> dict[str, str]:
    """A text in each of its languages, by SurveyJS's names of them; the empty one is its default.

    `otherwise` is what SurveyJS shows where the default has no words: the name of a question, the value of a choice.
    """
    found: dict[str, str] = {}
    if isinstance(value, dict):
        found = {("" if key == "default" else key): each for key, each in value.items() if isinstance(each, str) and each.strip()}
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        found = {"": str(value)}
    return found if "" in found or not otherwise else {"": otherwise, **found}


def flag(element: dict[str, Any], *names: str) -> bool:
    """Whether one of these is set: newer versions of the library have other names."""
    return any(element.get(name) is True for name in names)


def numbers(element: dict[str, Any]) -> bool:
    """Whether a text question takes a number."""
    validated = any(each.get("type") == "numeric" for each in children(element, ("validators",)))
    mask = element.get("maskType")
    return word(element.get("inputType")) in ("number", "range") or validated or mask in ("numeric", "currency")


def bounds(element: dict[str, Any]) -> tuple[float | None, float | None]:
    """The least and the greatest number, where they are plain numbers and no expressions."""
    checks = [each for each in children(element, ("validators",)) if each.get("type") == "numeric"]
    slides = "slider" in word(element.get("type"))
    lows = [element.get("min"), element.get("rangeMin"), *(each.get("minValue") for each in checks), 0 if slides else None]
    highs = [element.get("max"), element.get("rangeMax"), *(each.get("maxValue") for each in checks), 100 if slides else None]
    low, high = (next((found for each in given if (found := number(each)) is not None), None) for given in (lows, highs))
    return low, high
