"""A codebook made to fit a format that limits names and labels, and the record of what had to change: nothing is cut in silence."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from assent_survey.domain.codebook import Codebook
from assent_survey.domain.variable_names import PLAIN, Naming
from assent_survey.domain.variables import Variable

ELLIPSIS = "…"


class Cut(Protocol):
    """Makes a text as short as a format wants it; one that was cut ends in `ending`."""

    def __call__(self, text: str, ending: str = ELLIPSIS, /) -> str: ...


class Change(NamedTuple):
    """Something of the codebook that a format does not take as it is. `code` is that of the value whose label was cut."""

    variable: str
    what: Literal["name", "label", "value_label", "title"]
    code: int | None
    was: str
    became: str


def to_bytes(longest: int) -> Cut:
    """Cuts to so many bytes of UTF-8, where a character ends."""

    def cut(text: str, ending: str = ELLIPSIS, /) -> str:
        encoded = text.encode()
        if len(encoded) <= longest:
            return text
        return encoded[: longest - len(ending.encode())].decode(errors="ignore").rstrip() + ending

    return cut


def to_characters(longest: int) -> Cut:
    """Cuts to so many characters."""

    def cut(text: str, ending: str = ELLIPSIS, /) -> str:
        return text if len(text) <= longest else text[: longest - len(ending)].rstrip() + ending

    return cut


def replacing(replace: Callable[[str], str]) -> Cut:
    """Cuts nothing, but replaces what a format cannot hold."""
    return lambda text, _=ELLIPSIS, /: replace(text)


_WHOLE = replacing(str)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a format takes."""

    naming: Naming = PLAIN
    title: Cut = _WHOLE
    label: Cut = _WHOLE
    value_label: Cut = _WHOLE


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
    value_labels = [_value_labels(variable, limits.value_label) for variable in codebook.variables]
    fitted = Fitted(limits.title(codebook.source.title), names, labels, value_labels, ())
    return Fitted(fitted.title, names, labels, value_labels, tuple(_changes(codebook, fitted)))


def _value_labels(variable: Variable, cut: Cut) -> dict[int, str]:
    """Labels by their codes. Those that would be cut to the same end in their code: a program that goes by the labels, as R does when it
    makes factors, would take the answers for one.
    """
    made = {value.code: cut(value.label) for value in variable.labelled}
    times = Counter(made.values())
    endings = {code: f"{ELLIPSIS} ({code})" if times[label] > 1 else ELLIPSIS for code, label in made.items()}
    return {value.code: cut(value.label, endings[value.code]) for value in variable.labelled}


def _changes(codebook: Codebook, fitted: Fitted) -> Iterator[Change]:
    if fitted.title != codebook.source.title:
        yield Change("", "title", None, codebook.source.title, fitted.title)
    for position, variable in enumerate(codebook.variables):
        if fitted.names[position] != variable.full_name:
            yield Change(variable.name, "name", None, variable.full_name, fitted.names[position])
        if fitted.labels[position] != variable.label:
            yield Change(variable.name, "label", None, variable.label, fitted.labels[position])
        for value in variable.labelled:
            if (became := fitted.value_labels[position][value.code]) != value.label:
                yield Change(variable.name, "value_label", value.code, value.label, became)
