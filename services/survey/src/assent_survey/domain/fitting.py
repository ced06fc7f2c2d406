"""A codebook made to fit a format that limits names and labels, and the record of what had to change: nothing is cut in silence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from assent_survey.domain.codebook import Codebook
from assent_survey.domain.variable_names import PLAIN, Naming

ELLIPSIS = "…"
Cut = Callable[[str], str]


class Change(NamedTuple):
    """Something of the codebook that a format does not take as it is. `code` is that of the value whose label was cut."""

    variable: str
    what: Literal["name", "label", "value_label", "title"]
    code: int | None
    was: str
    became: str


def to_bytes(longest: int) -> Cut:
    """Cuts to so many bytes of UTF-8, where a character ends; what was cut ends in an ellipsis."""

    def cut(text: str) -> str:
        encoded = text.encode()
        if len(encoded) <= longest:
            return text
        return encoded[: longest - len(ELLIPSIS.encode())].decode(errors="ignore").rstrip() + ELLIPSIS

    return cut


def to_characters(longest: int) -> Cut:
    """Cuts to so many characters; what was cut ends in an ellipsis."""
    return lambda text: text if len(text) <= longest else text[: longest - 1].rstrip() + ELLIPSIS


def _whole(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Limits:
    """What a format takes."""

    naming: Naming = PLAIN
    title: Cut = _whole
    label: Cut = _whole
    value_label: Cut = _whole


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the format is given, by the position of the variable."""

    title: str
    names: list[str]
    labels: list[str]
    value_labels: list[dict[int, str]]
    changes: tuple[Change, ...]


def fit(codebook: Codebook, limits: Limits) -> Fitted:
    """Names, labels and value labels as the format takes them."""
    names = codebook.names(limits.naming)
    labels = [limits.label(variable.label) for variable in codebook.variables]
    value_labels = [{value.code: limits.value_label(value.label) for value in each.labelled} for each in codebook.variables]
    fitted = Fitted(limits.title(codebook.source.title), names, labels, value_labels, ())
    return Fitted(fitted.title, names, labels, value_labels, tuple(_changes(codebook, fitted)))


def _changes(codebook: Codebook, fitted: Fitted) -> Iterator[Change]:
    if fitted.title != codebook.source.title:
        yield Change("", "title", None, codebook.source.title, fitted.title)
    for position, variable in enumerate(codebook.variables):
        if fitted.names[position] != variable.name:
            yield Change(variable.name, "name", None, variable.name, fitted.names[position])
        if fitted.labels[position] != variable.label:
            yield Change(variable.name, "label", None, variable.label, fitted.labels[position])
        for value in variable.labelled:
            if (became := fitted.value_labels[position][value.code]) != value.label:
                yield Change(variable.name, "value_label", value.code, value.label, became)
