"""The variables of a DDI codebook: what was asked, of whom, in every language, and what the numbers mean."""

from assent_contracts.practice import SLOTS
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.instrument import Item
from assent_survey.domain.missing_codes import LABELS
from assent_survey.domain.variables import Value, Variable
from assent_survey.exports.xml import Element, add

VOCABULARY = "Assent practice"
_RESPONSES = {"single": "category", "multiple": "multiple", "number": "numeric", "text": "text"}


def add_variables(data: Element, codebook: Codebook, *, file: str) -> None:
    """Add the groups of columns that belong to one question, and every variable."""
    ids = {position: f"V{position}" for position in range(1, len(codebook.variables) + 1)}
    groups: dict[str, list[int]] = {}
    for position, variable in enumerate(codebook.variables, start=1):
        if variable.option is not None and variable.item is not None:
            groups.setdefault(variable.item.name, []).append(position)
    for number, (name, positions) in enumerate(groups.items(), start=1):
        group = add(data, "varGrp", ID=f"G{number}", type="multipleResp", name=name, var=" ".join(ids[each] for each in positions))
        _add_wordings(group, "labl", _item(codebook.variables[positions[0] - 1]))
    weights = " ".join(ids[position] for position, variable in enumerate(codebook.variables, start=1) if variable.part == "weight")
    for position, variable in enumerate(codebook.variables, start=1):
        made = _add_variable(data, ids[position], position, variable, file, codebook.language)
        if weights and variable.part == "answer":
            made.set("wgt-var", weights)
        _describe(made, variable, codebook.language)


def _item(variable: Variable) -> Item:
    assert variable.item is not None  # only an item's columns are in a group
    return variable.item


def _add_wordings(parent: Element, name: str, item: Item) -> None:
    """The question in every language; its own is not stated."""
    add(parent, name, item.wording)
    for language, translation in sorted(item.translations.items()):
        add(parent, name, translation.wording, lang=language)


def _add_variable(data: Element, id: str, position: int, variable: Variable, file: str, language: str | None) -> Element:
    made = add(
        data,
        "var",
        ID=id,
        name=variable.name,
        files=file,
        intrvl="contin" if variable.measure == "scale" else "discrete",
        wgt="wgt" if variable.part == "weight" else None,
        nature=None if variable.measure == "scale" else variable.measure,
        representationType={"category": "code", "number": "numeric", "word": "text"}[variable.kind],
    )
    add(made, "location", StartPos=str(position), fileid=file)
    translated = variable.item is not None and language in variable.item.translations
    add(made, "labl", variable.label, lang=language if translated else None)
    return made


def _describe(made: Element, variable: Variable, language: str | None) -> None:
    item = variable.item
    if item is not None:
        _add_wordings(add(made, "qstn", responseDomainType=_RESPONSES[item.kind]), "qstnLit", item)
        _add_range(made, variable, item)
    if variable.missing:
        missing = add(made, "invalrng")
        for value in variable.missing:
            add(missing, "item", VALUE=str(value.code))
    if item is not None and item.routing:
        add(made, "universe", f"Asked where: {item.routing}", level="variable", clusion="I")
    for value in variable.labelled:
        _add_category(made, variable, value, language)
    if item is not None:
        _add_practice(made, item)
    add(made, "varFormat", type="character" if variable.kind == "word" else "numeric")
    if item is not None:
        _add_notes(made, item)


def _add_range(made: Element, variable: Variable, item: Item) -> None:
    limits = item.range
    if variable.kind == "number" and limits is not None and (limits.low is not None or limits.high is not None):
        ends = {"min": limits.low, "max": limits.high}
        add(add(made, "valrng"), "range", UNITS="REAL", **{end: None if n is None else f"{n:.15g}" for end, n in ends.items()})


def _add_category(made: Element, variable: Variable, value: Value, language: str | None) -> None:
    missing, item = value in variable.missing, variable.item
    category = add(made, "catgry", missing="Y" if missing else None, missType=value.option if missing else None)
    add(category, "catValu", str(value.code))
    if item is None or (variable.option is not None and not missing):
        add(category, "labl", value.label)  # chosen and not chosen are no options that anybody translated
        return
    option = item.missing.named.get(value.option) if missing else value.option
    said = {each: by.labels[option] for each, by in sorted(item.translations.items()) if option in by.labels}
    own = value.label
    if language in said:
        add(category, "labl", said.pop(language), lang=language)
        own = _own_label(item, value, missing=missing)
    add(category, "labl", own)
    for other, label in said.items():
        add(category, "labl", label, lang=other)


def _own_label(item: Item, value: Value, *, missing: bool) -> str:
    """A value's label before it was translated."""
    own = LABELS.items() if missing else ((each.option, each.label) for each in item.scale)
    return next(label for option, label in own if option == value.option)


def _add_practice(made: Element, item: Item) -> None:
    for slot in SLOTS:
        for term in sorted(item.practice.values(slot)):
            add(made, "concept", f"{slot}: {term}", vocab=VOCABULARY)


def _add_notes(made: Element, item: Item) -> None:
    if item.section:
        add(made, "notes", item.section, type="section")
    if item.origin is not None:
        parts = (item.origin.source, f"licence: {item.origin.licence or 'not stated'}", item.origin.url)
        add(made, "notes", "; ".join(part for part in parts if part), type="origin")
