"""Triple-S XML 3.0: the variables in a .sss file, and the cases as CSV beside it.

Every element is one that 2.0 has too. A numeric code of Triple-S has no sign; so a variable with missing answers has literal codes,
which read the same in the data. Not here: who was asked (routing), practice and origin, which Triple-S has no place for.
"""

from collections.abc import Iterable

from lxml import etree

from assent_survey.domain.case_rows import Batch
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change
from assent_survey.domain.variables import Variable
from assent_survey.exports.archive import Archive
from assent_survey.exports.csv import write_data
from assent_survey.exports.xml import Element, add, document

DATA, DEFINITION = "data.csv", "data.sss"
LONGEST_WORD = 65  # a stratum's or cluster's code, and an apostrophe
_WIDEST = "999999999999"
_USES = {"case": "serial", "weight": "weight"}


class TripleS:
    """Triple-S."""

    name = "triple_s"
    title = "Triple-S 3.0 (.sss and .csv)"

    def changes(self, _: Codebook, /) -> tuple[Change, ...]:
        """None: names and labels are as they are in the codebook."""
        return ()

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write the data and their definition."""
        write_data(codebook, batches, archive, DATA)
        archive.add_text(DEFINITION, _definition(codebook))


def _definition(codebook: Codebook) -> str:
    root = etree.Element("sss", version="3.0")
    add(root, "date", f"{codebook.source.made_at:%Y-%m-%d}")
    add(root, "time", f"{codebook.source.made_at:%H:%M}")
    add(root, "origin", "Assent")
    survey = add(root, "survey")
    add(survey, "name", codebook.source.collection or codebook.source.instrument)
    add(survey, "title", codebook.source.title)
    record = add(survey, "record", ident="A", href=DATA, format="csv", skip="1")
    for number, variable in enumerate(codebook.variables, start=1):
        _add_variable(record, number, variable)
    return document(root)


def _add_variable(record: Element, number: int, variable: Variable) -> None:
    kind = {"category": "single", "number": "quantity", "word": "character"}[variable.kind]
    literal = variable.kind == "category" and any(value.code < 0 for value in variable.labelled)
    made = add(
        record, "variable", ident=str(number), type=kind, use=_USES.get(variable.part), format="literal" if literal else None
    )
    add(made, "name", variable.name)
    add(made, "label", variable.label)
    add(made, "position", start=str(number))
    if variable.kind == "word":
        add(made, "size", str(LONGEST_WORD))
        return
    values = add(made, "values")
    if variable.kind == "number":
        add(values, "range", **_range(variable))
    for value in variable.labelled:
        add(values, "value", value.label, code=str(value.code))


def _range(variable: Variable) -> dict[str, str]:
    """The least and the greatest number, where they are known; else what no answer exceeds. Fractions have six digits."""
    limits = variable.item.range if variable.item is not None else None
    whole = variable.part == "version"
    low = "0" if limits is None or limits.low is None else f"{limits.low:.15g}"
    high = _WIDEST if limits is None or limits.high is None else f"{limits.high:.15g}"
    if variable.part == "answer" and (limits is None or limits.low is None):
        low = f"-{_WIDEST}"
    return {"from": low, "to": high} if whole else {"from": _fraction(low), "to": _fraction(high)}


def _fraction(number: str) -> str:
    return number if "." in number or "e" in number else f"{number}.000000"
