"""SurveyJS: the JSON of a form, as its designer writes it.

SurveyJS has no server: the answers arrive as `survey.data`, by the name of each question, and of a matrix by `matrix.row`. What the
library would fetch, repeat or compute while somebody answers is a loss. Expressions are kept to be read.
Reference: https://surveyjs.io/form-library/documentation/api-reference (the JSON names of questions' properties).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.languages import Languages, Texts, tag_of
from assent_survey.instruments.opening import open_json
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.surveyjs_choices import Choices, code_of, has_library_words, offered
from assent_survey.instruments.surveyjs_questions import (
    CONTAINERS,
    KINDS,
    Asked,
    besides,
    bounds,
    children,
    flag,
    has_comment,
    listed,
    lost_as,
    numbers,
    texts_of,
    word,
)
from assent_survey.instruments.tallies import Tallies

_DEEPEST = 50
_LOCALISED = (
    "title",
    "description",
    "text",
    "label",
    "labelTrue",
    "labelFalse",
    "otherText",
    "noneText",
    "dontKnowText",
    "refuseText",
    "commentText",
    "minRateDescription",
    "maxRateDescription",
)
_ASIDE = ("calculatedValues", "triggers", "completedHtmlOnCondition", "navigateToUrlOnCondition")


class SurveyJs:
    """The reader of SurveyJS."""

    name = "surveyjs"
    title = "SurveyJS (JSON)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - the face's
        """A JSON object with pages of elements, or with elements that have a name and a type."""
        try:
            form = _form(open_json(content))
        except UnreadableInstrument:
            return False
        if "blocks" in form or "SurveyEntry" in form:
            return False
        found = next(_elements(form), None)
        return found is not None and "name" in found and "type" in found

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:
        """The instrument. Raises UnreadableInstrument."""
        form = _form(open_json(content))
        if not any(isinstance(form.get(key), list) for key in ("pages", *CONTAINERS)):
            raise UnreadableInstrument("the file holds no `pages` and no `elements` of a SurveyJS form")
        return _Reading(form, language).draft(filename)


def _form(found: dict[str, Any]) -> dict[str, Any]:
    inner = found.get("json")
    return inner if isinstance(inner, dict) and "pages" not in found else found


def _elements(form: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The elements of the first level, of all pages."""
    for page in [*children(form, ("pages",)), form]:
        yield from children(page, CONTAINERS)


def _texts(node: Any, depth: int = 0) -> Iterator[Texts]:
    """Every text of the form, by its languages; the empty one is its default."""
    if depth > _DEEPEST:
        return
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key in _LOCALISED and isinstance(value, dict | str):
            yield texts_of(value)
        elif isinstance(value, dict | list):
            yield from _texts(value, depth + 1)


def _first(locales: Collection[str]) -> str:
    """The main language of a form that states none: its default, or the first one where nothing is in the default."""
    return "" if "" in locales else next(iter(locales), "")


class _Reading:
    """One form while it is read."""

    def __init__(self, form: dict[str, Any], wanted: str | None) -> None:
        self._form = form
        self._drafting, self._tallies = Drafting(), Tallies()
        texts, stated = list(_texts(form)), word(form.get("locale"))
        locales = dict.fromkeys(locale for each in texts for locale in each)
        self._languages = Languages(locales, default=stated or _first(locales), wanted=wanted)
        main = self._languages.main
        self._doubled = any(main in each and each.get("") not in (None, each[main]) for each in texts)
        self._in_english = all((tag_of(each) or "").partition("-")[0] in ("", "en") for each in (stated, *locales))
        self._choices = Choices(self._languages)
        self._named = {word(each.get("name")): each for each in self._everything(form, 0)}

    def draft(self, filename: str) -> Draft:
        pages = children(self._form, ("pages",))
        for number, page in enumerate(pages):
            self._walk(page, word(page.get("name")) or f"page {number + 1}", "", "", 0)
        self._walk(self._form, "the form", "", "", 0)
        if self._form.get("completedHtml"):
            self._drafting.lose("completedHtml", "a last page, which asks nothing")
        for key in _ASIDE:
            if self._form.get(key):
                self._drafting.lose(key, "what the form computes or does while it is answered")
        for theirs, tag in self._languages.unknown.items():
            self._drafting.lose("the form", f"a language called {theirs[:40]!r}, whose code is not known", f"its texts, as {tag}")
        if self._doubled:
            what = "texts in the default language, of which the file does not say which it is, where they are in the main one too"
            self._drafting.lose("the form", what)
        self._tallies.tell(self._drafting)
        title = self._words(self._form.get("title")) or word(self._form.get("name")) or PurePath(filename).stem
        return self._drafting.draft(title, language=self._languages.tag)

    def _everything(self, node: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        """Every element with a name, panels' included, by which another may borrow its choices."""
        for each in children(node, ("pages", *CONTAINERS)) if depth <= _DEEPEST else ():
            yield each
            yield from self._everything(each, depth + 1)

    def _walk(self, container: dict[str, Any], where: str, section: str, routing: str, depth: int) -> None:
        """Take in what a page or panel holds, under the condition that it is shown at all."""
        if depth > _DEEPEST:
            self._drafting.lose(where, f"panels nested deeper than {_DEEPEST}")
            return
        self._note(container, where)
        if texts_of(container.get("description")):
            self._tallies.note("words at the beginning of a page or panel", where)
        if container is not self._form:
            titled = self._words(container.get("title"))
            section = " / ".join(each for each in (section, titled) if each)
            routing = _both(routing, word(container.get("visibleIf")))
        for number, element in enumerate(children(container, CONTAINERS)):
            name = word(element.get("name"))
            at = name or f"{where}, element {number + 1}"
            if word(element.get("type")) == "panel":
                self._walk(element, at, section, routing, depth + 1)
            elif not name:
                self._drafting.lose(at, "a question without a name, by which no answer arrives")
            else:
                asked = Asked(element, name, section, _both(routing, word(element.get("visibleIf"))))
                self._question(asked)
                self._below_choices(asked, depth)

    def _below_choices(self, asked: Asked, depth: int) -> None:
        """The questions that a choice brings up when it is chosen."""
        word_of = "contains" if KINDS.get(word(asked.element.get("type"))) == "multiple" else "="
        for choice in children(asked.element, ("choices",)):
            inside = list(children(choice, CONTAINERS))
            if inside:
                chosen = _both(asked.routing, f"{{{asked.field}}} {word_of} '{code_of(choice.get('value'))}'")
                self._walk({"elements": inside, "visibleIf": chosen}, asked.name, asked.section, "", depth + 1)

    def _note(self, element: dict[str, Any], where: str) -> None:
        for said in besides(element):
            self._tallies.note(said, where)

    def _question(self, asked: Asked) -> None:
        """One question becomes an item, an item a row, or a loss."""
        element, kind = asked.element, word(asked.element.get("type"))
        if what := lost_as(element):
            self._drafting.lose(asked.name, what, field=asked.field)
            for inner in children(element, (*CONTAINERS, "columns")):
                self._drafting.lose(f"{asked.name}.{word(inner.get('name'))}", f"a question within {what}")
        else:
            self._note(element, asked.name)
        match kind:
            case _ if what:
                pass
            case "matrix":
                self._rows(asked)
            case "multipletext":
                for row in self._items_of(asked):
                    self._question(self._cell(asked, row, {**row, "type": "text"}))
            case "matrixdropdown":
                self._table(asked)
            case "rating":
                self._ask(asked, self._choices.steps(element))
            case "boolean":
                self._ask(asked, self._choices.yes_and_no(element))
            case _:
                self._ask(asked)
        if flag(element, "hasComment", "showCommentArea"):
            self._beside(asked, "Comment", element.get("commentText") or "Comment")

    def _ask(self, asked: Asked, options: Sequence[Option] | None = None) -> None:
        element = asked.element
        kind = KINDS.get(word(element.get("type")), "text")
        if element.get("multiSelect") is True:
            kind = "multiple"
        if kind == "text" and numbers(element):
            kind = "number"
        elif kind == "text" and word(element.get("inputType")) not in ("", "text"):
            self._tallies.note(f"the type of the answer, {word(element.get('inputType'))[:40]!r}: open text is kept", asked.name)
        if options is None and kind in ("single", "multiple"):
            options = self._options(asked)
        low, high = bounds(element) if kind == "number" else (None, None)
        wording, translations = self._languages.worded(*asked.words)
        self._tallies.note_filled_in(asked.name, wording, options or ())
        if has_library_words(element) and not self._in_english:
            self._tallies.note("words of answers that SurveyJS has itself in each language: they are in English", asked.name)
        self._drafting.ask(
            Question(
                where=asked.name,
                name=asked.name,
                field=asked.field,
                wording=wording,
                kind=kind,
                options=options or (),
                low=low,
                high=high,
                translations=translations,
                routing=asked.routing or None,
                section=asked.section or None,
            )
        )
        if kind == "single" and any(map(has_comment, children(element, ("choices",)))):
            self._beside(asked, "Comment", "")
        elif kind in ("single", "multiple") and flag(element, "hasOther", "showOtherItem"):
            if self._in_its_place(element):
                self._drafting.lose(asked.name, "the own words of whoever chooses another answer: they arrive in its place")
            else:
                self._beside(asked, "Comment", element.get("otherText") or "Other (describe)")

    def _in_its_place(self, element: dict[str, Any]) -> bool:
        """Whether own words arrive where a choice does, by what the question says, else the form."""
        own = element.get("storeOthersAsComment")
        return (self._form.get("storeOthersAsComment") if own in (None, "default") else own) is False

    def _beside(self, asked: Asked, suffix: str, label: Any) -> None:
        """The open text that is asked beside a question."""
        wording, translations = self._languages.worded(*asked.words, texts_of(label))
        self._drafting.ask(
            Question(
                where=asked.name,
                name=f"{asked.name}_{suffix}",
                field=f"{asked.field}-{suffix}",
                wording=wording,
                kind="text",
                translations=translations,
                routing=asked.routing or None,
                section=asked.section or None,
            )
        )

    def _rows(self, asked: Asked) -> None:
        """A matrix of one choice a row, or of several where its cells are checkboxes: an item a row."""
        element = asked.element
        kind = "checkbox" if word(element.get("cellType")) == "checkbox" else "radiogroup"
        options = self._choices.options(listed(element, "columns"))
        rows = listed(element, "rows")
        if not rows:
            self._ask(replace(asked, element={**element, "type": kind}), options)
        for row in rows:
            self._ask(self._cell(asked, row, {"type": kind}), options)

    def _items_of(self, asked: Asked) -> list[dict[str, Any]]:
        """The texts that are asked for together."""
        items = list(children(asked.element, ("items",)))
        if not items:
            self._drafting.lose(asked.name, "several texts, of which none is named", field=asked.field)
        return items

    def _table(self, asked: Asked) -> None:
        """A matrix whose columns are questions: an item for each row and column. A column may be no more than its name."""
        element, rows = asked.element, listed(asked.element, "rows")
        columns = [{"name": each} if isinstance(each, str) else each for each in listed(element, "columns")]
        columns = [each for each in columns if isinstance(each, dict)]
        if not rows or not columns:
            self._drafting.lose(asked.name, "a table without rows or without columns", field=asked.field)
        for inner in children(element, ("detailElements",)):
            self._drafting.lose(f"{asked.name}.{word(inner.get('name'))}", "a question beside the rows of a table")
        for row in rows:
            of_row = self._cell(asked, row, {})
            stem = (*of_row.stem, texts_of(of_row.element["title"]))
            for column in columns:
                name = word(column.get("name"))
                kind = word(column.get("cellType")) or word(element.get("cellType"))
                cell = {"choices": element.get("choices"), **column, "type": "dropdown" if kind in ("", "default") else kind}
                routing = _both(of_row.routing, word(column.get("visibleIf")))
                within = f"{of_row.within}.{name}"
                self._question(Asked(cell, f"{of_row.name}.{name}", asked.section, routing, stem=stem, within=within))

    def _cell(self, asked: Asked, row: Any, element: dict[str, Any]) -> Asked:
        """A row of a matrix as a question of its own, worded after the question that it is a row of."""
        value, title = (
            (row.get("value", row.get("name")), row.get("text", row.get("title"))) if isinstance(row, dict) else (row, None)
        )
        code, _, written = (code_of(value) or "").partition("|")
        cell = {"type": "text", **element, "title": texts_of(title, otherwise=written or code)}
        routing = _both(asked.routing, word(row.get("visibleIf"))) if isinstance(row, dict) else asked.routing
        return Asked(cell, f"{asked.name}.{code}", asked.section, routing, stem=asked.words, within=f"{asked.field}.{code}")

    def _options(self, asked: Asked) -> list[Option]:
        element, name = asked.element, word(asked.element.get("choicesFromQuestion"))
        if element.get("choicesByUrl"):
            self._drafting.lose(asked.name, "choices that the form fetches from an address")
        if name:
            self._drafting.lose(asked.name, f"choices taken from what was chosen at {name[:60]}", "all choices of that question")
            element = {**element, "choices": self._named.get(name, {}).get("choices")}
        return self._choices.options(offered(element))

    def _words(self, value: Any) -> str:
        return self._languages.main_words(texts_of(value))


def _both(one: str, other: str) -> str:
    return f"({one}) and ({other})" if one and other else one or other
