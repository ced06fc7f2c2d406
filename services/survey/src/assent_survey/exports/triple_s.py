"""Triple-S XML 3.0: the variables in a .sss file, and the cases as CSV beside it.

Every element is one that 2.0 has too. A numeric code of Triple-S has no sign; so a variable with missing answers has literal codes,
which read the same in the data. Nor are there exponents. Not here: who was asked (routing), practice and origin, which Triple-S has no
place for.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from lxml import etree

from assent_survey.domain.case_rows import Batch
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change, Limits, fit, replacing
from assent_survey.domain.variables import Variable
from assent_survey.exports.archive import Archive
from assent_survey.exports.csv import write_data
from assent_survey.exports.xml import Element, add, document, xml_text

DATA, DEFINITION = "data.csv", "data.sss"
LONGEST_WORD = 65  # a stratum's or cluster's code, and an apostrophe
_WIDEST = 999_999_999_999.0
_USES = {"case": "serial", "weight": "weight"}


class TripleS:
    """Triple-S."""

    name = "triple_s"
    title = "Triple-S 3.0 (.sss and .csv)"

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Names that are not safe anywhere, or taken, and labels with empty lines or with characters that XML cannot hold."""
        as_lines = replacing(lambda text: "\n".join(_lines(text)))
        return fit(codebook, Limits(title=as_lines, label=as_lines, value_label=as_lines)).changes

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write the data and their definition."""
        extremes = _Extremes(codebook)
        write_data(codebook, extremes.of(batches), archive, DATA, exponents=False)
        archive.add_text(DEFINITION, _definition(codebook, extremes))


class _Extremes:
    """The least and the greatest number that a variable must have room for: those of the data, and no less than twelve digits."""

    def __init__(self, codebook: Codebook) -> None:
        self._numbers = {number: each for number, each in enumerate(codebook.variables) if each.kind == "number"}
        self._found = {number: (0.0 if each.part != "answer" else -_WIDEST, _WIDEST) for number, each in self._numbers.items()}

    def of(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches, as they come."""
        for batch in batches:
            for number, (least, greatest) in self._found.items():
                if len(batch[number]):
                    self._found[number] = (
                        float(np.fmin.reduce(batch[number], initial=least)),
                        float(np.fmax.reduce(batch[number], initial=greatest)),
                    )
            yield batch

    def range(self, number: int) -> dict[str, str]:
        """What the item allows, else what there is. Fractions have six digits at least."""
        variable = self._numbers[number]
        least, greatest = self._found[number]
        limits = variable.item.range if variable.item is not None else None
        if limits is not None:
            least = least if limits.low is None else limits.low
            greatest = greatest if limits.high is None else limits.high
        digits = 0 if variable.part == "version" else 6
        ends = {"from": least, "to": greatest}
        return {
            end: np.format_float_positional(value, min_digits=digits, trim="k" if digits else "-") for end, value in ends.items()
        }


def _definition(codebook: Codebook, extremes: _Extremes) -> str:
    root = etree.Element("sss", version="3.0")
    add(root, "date", f"{codebook.source.made_at:%Y-%m-%d}")
    add(root, "time", f"{codebook.source.made_at:%H:%M}")
    add(root, "origin", "Assent")
    survey = add(root, "survey")
    add(survey, "name", codebook.source.collection or codebook.source.instrument)
    _add_text(survey, "title", codebook.source.title)
    record = add(survey, "record", ident="A", href=DATA, format="csv", skip="1")
    for number, variable in enumerate(codebook.variables):
        _add_variable(record, number, variable, extremes)
    return document(root)


def _lines(text: str) -> list[str]:
    """The lines of a text as they can be written; empty ones are left out."""
    return [xml_text(line) for line in text.splitlines() if line.strip()] or [""]


def _add_text(parent: Element, name: str, text: str, **attributes: str) -> None:
    """Add a text, whose lines have `br` between them."""
    first, *others = _lines(text)
    made = add(parent, name, first, **attributes)
    for line in others:
        add(made, "br").tail = line


def _add_variable(record: Element, number: int, variable: Variable, extremes: _Extremes) -> None:
    kind = {"category": "single", "number": "quantity", "word": "character"}[variable.kind]
    literal = variable.kind == "category" and any(value.code < 0 for value in variable.labelled)
    place = str(number + 1)
    made = add(record, "variable", ident=place, type=kind, use=_USES.get(variable.part), format="literal" if literal else None)
    add(made, "name", variable.name)
    _add_text(made, "label", variable.label)
    add(made, "position", start=place)
    if variable.kind == "word":
        add(made, "size", str(LONGEST_WORD))
        return
    values = add(made, "values")
    if variable.kind == "number":
        add(values, "range", **extremes.range(number))
    for value in variable.labelled:
        _add_text(values, "value", value.label, code=str(value.code))
