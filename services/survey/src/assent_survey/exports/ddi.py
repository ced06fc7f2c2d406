"""DDI-Codebook 2.5: the codebook as an archive takes it, with the cases as CSV beside it.

The order of elements is the schema's. A text has its language where that is known: what nobody translated, and our own words for it, are
in the instrument's, which is not stated. Source: DDI Alliance, DDI-Codebook 2.5 (XML Schema of 2012-01-17).
"""

from collections.abc import Iterable

from lxml import etree

from assent_survey.domain.case_rows import Batch
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.fitting import Change, Limits, fit, replacing
from assent_survey.exports.archive import Archive
from assent_survey.exports.csv import write_data
from assent_survey.exports.ddi_variables import add_variables
from assent_survey.exports.xml import Element, add, document, xml_text

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
"""Where a validator finds the schema."""
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
DATA, DOCUMENT, FILE = "data.csv", "ddi.xml", "F1"
LIMITS = Limits(title=replacing(xml_text), label=replacing(xml_text), value_label=replacing(xml_text))


class Ddi:
    """DDI-Codebook."""

    name = "ddi"
    title = "DDI-Codebook 2.5 (.xml and .csv)"

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Names that are not safe anywhere, or taken, and labels with characters that XML cannot hold."""
        return fit(codebook, LIMITS).changes

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write the data and their codebook."""
        cases = 0

        def counted() -> Iterable[Batch]:
            nonlocal cases
            for batch in batches:
                cases += len(batch[0])
                yield batch

        write_data(codebook, counted(), archive, DATA)
        archive.add_text(DOCUMENT, ddi_document(codebook, cases=cases))


def ddi_document(codebook: Codebook, *, cases: int | None = None) -> str:
    """The codebook; with how many cases there are, where that is known."""
    root = etree.Element(f"{{{NAMESPACE}}}codeBook", nsmap={None: NAMESPACE, "xsi": _XSI}, version="2.5")  # type: ignore[dict-item]
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    about = add(add(root, "docDscr"), "citation")
    _add_titles(about, codebook)
    production = add(about, "prodStmt")
    day = f"{codebook.source.made_at:%Y-%m-%d}"
    add(production, "prodDate", day, date=day)
    add(production, "software", "Assent")
    _add_study(root, codebook)
    _add_file(root, codebook, cases)
    add_variables(add(root, "dataDscr"), codebook, file=FILE)
    return document(root)


def _add_titles(citation: Element, codebook: Codebook) -> None:
    titles = add(citation, "titlStmt")
    add(titles, "titl", codebook.source.title)
    add(titles, "IDNo", codebook.source.collection or codebook.source.instrument, agency="Assent")


def _add_study(root: Element, codebook: Codebook) -> None:
    study, facts = add(root, "stdyDscr"), codebook.source.facts
    citation = add(study, "citation")
    _add_titles(citation, codebook)
    version = f"Instrument {codebook.source.instrument}, version {codebook.source.number}"
    add(add(citation, "verStmt"), "version", version, type="instrument")
    if facts is not None:
        _add_scope(add(add(study, "stdyInfo"), "sumDscr"), facts)
        _add_method(add(add(study, "method"), "dataColl"), codebook, facts)
    terms = "The study decides on what terms these data may be used; ask it before they are passed on."
    add(add(add(study, "dataAccs"), "useStmt"), "conditions", terms)


def _add_scope(scope: Element, facts: CollectionFacts) -> None:
    for event, day in (("start", facts.fieldwork.begin), ("end", facts.fieldwork.end)):
        if day is not None:
            add(scope, "collDate", day.isoformat(), date=day.isoformat(), event=event, cycle=facts.wave)
    add(scope, "anlyUnit", "individuals")
    add(scope, "universe", facts.population, clusion="I")
    add(scope, "dataKind", "survey data")


def _add_method(collection: Element, codebook: Codebook, facts: CollectionFacts) -> None:
    add(collection, "sampProc", facts.sampling.replace("_", "-"))
    if facts.frame:
        add(add(collection, "sampleFrame"), "sampleFrameName", facts.frame)
    if facts.issued is not None:
        add(add(collection, "targetSampleSize"), "sampleSize", str(facts.issued))
    add(collection, "collMode", facts.mode)
    weights = [variable.name for variable in codebook.variables if variable.part == "weight"]
    if weights:
        add(collection, "weight", f"The variable {weights[0]} is the weight.")


def _add_file(root: Element, codebook: Codebook, cases: int | None) -> None:
    text = add(add(root, "fileDscr", ID=FILE), "fileTxt")
    add(text, "fileName", DATA)
    dimensions = add(text, "dimensns")
    if cases is not None:
        add(dimensions, "caseQnty", str(cases))
    add(dimensions, "varQnty", str(len(codebook.variables)))
    add(text, "fileType", "comma-separated values, under a line of names", charset="UTF-8")
    add(text, "format", "comma-delimited")
    missing = "The categories of each variable that are marked as missing; an empty cell is an answer that could not be coded."
    add(text, "dataMsng", missing)
