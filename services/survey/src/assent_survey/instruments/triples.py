"""Triple-S XML 1.x, 2.0 and 3.0: the variables of a survey in its `.sss` file, with what their codes mean.

Triple-S belongs to no platform; its mapping names the variables, as the columns of the data file are called. Where they stand in that
file is not read. Source: the Triple-S Survey Interchange Standard, 1.1 to 3.0.
"""

import re
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from assent_contracts.events.survey import ItemKind
from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments.conventional_codes import is_no_answer
from assent_survey.instruments.drafting import LONGEST_LINE, Drafting, Question
from assent_survey.instruments.json_shape import number
from assent_survey.instruments.languages import Languages
from assent_survey.instruments.opening import beginning_of, open_xml
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.tallies import Tallies
from assent_survey.instruments.xml_words import child, children, everywhere, language_of, words_of

_KINDS: dict[str, ItemKind] = {
    "single": "single",
    "multiple": "multiple",
    "quantity": "number",
    "character": "text",
    "logical": "single",
    "date": "text",
    "time": "text",
}
_LOGICAL = (Option("1", "Yes", ("1", "true", "T", "Y")), Option("0", "No", ("0", "false", "F", "N")))
_WIDEST_SCALE = 100
_MOST_NAMED = 5
_ASKED, _ANALYSED = "interview", "analysis"


class TripleS:
    """Reads the definition file; the data file beside it is not needed."""

    name = "triple_s"
    title = "Triple-S (.sss)"

    def recognises(self, content: bytes, filename: str) -> bool:
        """The root `sss`, a file that is called so and is XML, or the version before it was XML."""
        text = beginning_of(content, 8192).lower()
        return "<sss" in text or (filename.lower().endswith(".sss") and "<" in text) or _is_classic(content)

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:  # noqa: ARG002 - nothing is said by a name
        """Raises UnreadableInstrument."""
        if _is_classic(content):
            raise UnreadableInstrument("the file is classic Triple-S, which is not XML; export it as Triple-S XML")
        root = open_xml(content)
        if root.tag.lower() != "sss":
            raise UnreadableInstrument("the root of the file is not `sss`, so it is no Triple-S definition")
        variables = list(everywhere(root, "variable"))
        if not variables and (levels := [words for each in everywhere(root, "level") if (words := each.get("href"))]):
            named = ", ".join(levels[:_MOST_NAMED])
            raise UnreadableInstrument(
                f"the file only says how others belong together; read those one by one: {named}"[:LONGEST_LINE]
            )
        if not variables:
            raise UnreadableInstrument("the file defines no variables: there is no `variable` in it")
        return _Reading(root, variables, language).draft()


class _Reading:
    """One definition while it is read."""

    def __init__(self, root: Element, variables: list[Element], wanted: str | None) -> None:
        self._root = root
        self._variables = variables
        listed = root.get("languages", "").split()
        said = (found for each in root.iter() if (found := language_of(each)))
        default = listed[0] if listed else language_of(root)
        self._languages = Languages((*listed, *said), default=default, wanted=wanted)
        self._names = {each.get("ident", ""): _name(each) for each in variables}
        self._drafting = Drafting()
        self._tallies = Tallies()

    def draft(self) -> Draft:
        """The whole definition."""
        respondent: str | None = None
        for variable in self._variables:
            if variable.get("use") == "serial":
                name = _name(variable)
                self._drafting.lose(
                    f"variable {name}", "the number of the respondent, which is no question", f"the field `{name}`", field=name
                )
                respondent = respondent or name
            else:
                self._take(variable)
        if next(everywhere(self._root, "hierarchy"), None) is not None:
            self._drafting.lose(
                "hierarchy", "that the file has levels, such as households and persons", "all variables side by side"
            )
        self._tallies.tell(self._drafting)
        survey = child(self._root, "survey")
        title = self._said(child(survey, "title")) or {"": words_of(child(survey, "name"))}
        return self._drafting.draft(
            self._languages.main_words(title),
            language=self._languages.tag,
            version=words_of(child(survey, "version")) or None,
            respondent=respondent,
        )

    def _take(self, variable: Element) -> None:
        name, given = _name(variable), variable.get("type", "").lower()
        where = f"variable {name or 'without a name'}"
        if given not in _KINDS:
            self._drafting.lose(where, "a variable of a type that is not known")
            return
        weight = variable.get("use") == "weight"
        kind = "number" if weight else _KINDS[given]
        values = child(variable, "values")
        low, high = _range(values)
        options = _LOGICAL if given == "logical" else tuple(self._options(values, given, name))
        if kind == "single" and given == "single" and not any(not each.missing for each in options) and low is not None:
            kind = "number"
        if kind == "number":
            low, high = _widened(low, high, options)
        if given in ("date", "time"):
            self._drafting.lose(where, f"a {given}", "open text")
        self._tallies.note_those(_limits(variable, given), name)
        label = child(variable, "label")
        wordings = self._said(label)
        if label is not None and self._has_other_words(label):
            self._tallies.note("the words of a label that are for analysis", name)
        self._drafting.ask(
            Question(
                where=where,
                name=name or "variable",
                field=name,
                wording=self._languages.main_words(wordings) or name,
                kind=kind,
                options=options,
                role="weight" if weight else "attitude",
                low=low if kind == "number" else None,
                high=high if kind == "number" else None,
                translations=self._languages.translations(wordings),
                routing=self._filter(variable),
            )
        )

    def _has_other_words(self, label: Element) -> bool:
        """Whether a label says it in other words where it is put to a respondent."""
        main, bare = self._languages.main, words_of(label, without=("text",))
        asked = self._languages.main_words(self._said(label))
        said = [words_of(text) for text in children(label, "text") if (language_of(text) or main) == main]
        return any(each not in ("", asked) for each in (bare, *said))

    def _filter(self, variable: Element) -> str | None:
        """The variable that says who was asked, by its name; programs write it as an attribute or as an element."""
        theirs = variable.get("filter", "") or words_of(child(variable, "filter"))
        return f"filter: {self._names.get(theirs, theirs)}" if theirs else None

    def _options(self, values: Element | None, given: str, name: str) -> Iterator[Option]:
        """Codes with their labels; the numbers of a short range that have none, too."""
        coded: dict[str, Option] = {}
        for value in children(values, "value"):
            code, labels = value.get("code", "").strip(), self._said(value)
            label = self._languages.main_words(labels)
            if value.get("score") is not None:
                self._tallies.note("the scores of codes", name)
            if code:
                found = Option(code, label or code, _names(code), self._languages.translations(labels), is_no_answer(code, label))
                coded.setdefault(code, found)
        if given in ("single", "multiple"):
            known = {number(code) for code in coded}
            added = [step for each in children(values, "range") for step in _steps(each) if number(step) not in known]
            coded |= {step: Option(step, step, _names(step)) for step in added if len(added) <= _WIDEST_SCALE}
        yield from coded.values()

    def _said(self, element: Element | None) -> dict[str, str]:
        """The words by language, as they are put to a respondent; an element without texts of its own has one in the main language."""
        texts = list(children(element, "text"))
        found: dict[str, str] = {}
        for mode in (_ASKED, "", _ANALYSED):
            for each in (text for text in texts if mode in (text.get("mode", ""), None)):
                if said := words_of(each):
                    found.setdefault(language_of(each) or self._languages.main, said)
        bare = words_of(element, without=("text",))
        return {self._languages.main: bare} | found if bare else found


def _is_classic(content: bytes) -> bool:
    """Whether a definition is of the version before it was XML: statements, of which the first is the name of the standard."""
    return re.match(r"[\ufeff\ufffd\s]*SSS\s+VERSION\b", beginning_of(content, 8192), re.IGNORECASE) is not None


def _name(variable: Element) -> str:
    return words_of(child(variable, "name")) or variable.get("ident", "")


def _limits(variable: Element, given: str) -> dict[str, bool]:
    """What of no item bounds an answer, whether a variable has it."""
    dated = given in ("date", "time") and child(variable, "values", "range") is not None
    return {
        "the first and the last date or time that is an answer": dated,
        "how long an answer may be": child(variable, "size") is not None,
        "how many answers are kept": child(variable, "spread") is not None,
    }


def _range(values: Element | None) -> tuple[float | None, float | None]:
    """The least and the greatest of all ranges."""
    ranges = list(children(values, "range"))
    lows, highs = ([found for each in ranges if (found := number(each.get(end))) is not None] for end in ("from", "to"))
    return min(lows, default=None), max(highs, default=None)


def _widened(low: float | None, high: float | None, options: Sequence[Option]) -> tuple[float | None, float | None]:
    """A range with the numbers beside it that are answers too, such as 500 for `500 or more`."""
    beside = [found for each in options if not each.missing and (found := number(each.code)) is not None]
    return (None if low is None else min([low, *beside])), (None if high is None else max([high, *beside]))


def _steps(range_: Element) -> list[str]:
    """The whole numbers of a range, if it is short."""
    low, high = number(range_.get("from")), number(range_.get("to"))
    if low is None or high is None or not low.is_integer() or not high.is_integer() or not 0 <= high - low < _WIDEST_SCALE:
        return []
    return [str(step) for step in range(int(low), int(high) + 1)]


def _names(code: str) -> tuple[str, ...]:
    """The code, and as it reads when the data have it as a number."""
    value = number(code)
    return (code,) if value is None else tuple(dict.fromkeys((code, f"{value:.15g}")))
