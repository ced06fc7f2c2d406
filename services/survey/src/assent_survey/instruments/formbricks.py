"""Formbricks: the JSON of a survey, with `blocks` of elements or the older flat `questions`, as its API and its export give it.

Answers arrive by the element's id, and choices by their label in the respondent's language, so that every language's label is a name of
the option. Jumps stay with the element that they leave from. Source: Formbricks, types of surveys and API reference, 2026-08.
"""

import re
from collections.abc import Iterator
from typing import Any

from assent_contracts.events.survey import ItemKind
from assent_survey.domain.draft import Draft, Names, UnreadableInstrument
from assent_survey.instruments.consents import consents
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.formbricks_logic import rules_of
from assent_survey.instruments.identifiers import ADDRESS, CONTACT, E_MAIL, TELEPHONE, not_kept
from assent_survey.instruments.json_shape import listed, number, within, words
from assent_survey.instruments.languages import Languages
from assent_survey.instruments.naming import spoken
from assent_survey.instruments.opening import open_json
from assent_survey.instruments.plain_text import plain_line
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.tallies import Tallies

_STORED_DEFAULT = "default"
_IDENTIFYING = {"contactInfo": CONTACT, "address": ADDRESS}
_IDENTIFYING_TEXTS = {"email": E_MAIL, "phone": TELEPHONE}
_NOT_CODED = {
    "cta": "a button, which asks nothing",
    "ranking": "a ranking: the order of several options",
    "fileUpload": "a file",
    "cal": "an appointment",
}
_CHOICES: dict[str, ItemKind] = {"multipleChoiceSingle": "single", "multipleChoiceMulti": "multiple"}
_SCALES = {"rating", "nps", "csat", "ces"}
_KNOWN = {*_IDENTIFYING, *_NOT_CODED, *_CHOICES, *_SCALES, "openText", "consent", "matrix", "pictureSelection", "date"}
_MOST_STEPS = 101
_RECALLED = re.compile(r"#recall:[\w-]+/fallback:([^\s#]*)#")
_ID = re.compile(r"[A-Za-z0-9_-]{20,40}")
_OWN_WORDS = "other"


class FormbricksSurvey:
    """Reads a survey whose answers arrive by the platform `formbricks`."""

    name = "formbricks"
    title = "Formbricks survey (JSON)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - every JSON file is called .json
        """Elements or questions with a headline."""
        try:
            elements = [element for element, _, _ in _elements(_survey(open_json(content)))]
        except UnreadableInstrument:
            return False
        return any(words(each.get("type")) in _KNOWN and "headline" in each for each in elements)

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:  # noqa: ARG002 - nothing is said by a name
        """Raises UnreadableInstrument."""
        survey = _survey(open_json(content))
        if not isinstance(survey.get("blocks"), list) and not isinstance(survey.get("questions"), list):
            raise UnreadableInstrument("the file holds neither `blocks` nor `questions`, so it is no Formbricks survey")
        return _Reading(survey, language).draft()


def _survey(body: dict[str, Any]) -> dict[str, Any]:
    """The survey itself, also as the API wraps it."""
    several = [each for each in listed(body, "data") if "blocks" in each or "questions" in each]
    if len(several) > 1:
        raise UnreadableInstrument(f"the file holds {len(several)} surveys; save the one that is wanted")
    return next((found for found in (*several, within(body, "data"), within(body, "survey")) if found), body)


def _elements(survey: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, str | None]]:
    """Every element, the name of its block, and the rules by which one leaves it: a block's belong to its last element."""
    for block in listed(survey, "blocks"):
        inside = listed(block, "elements")
        for place, element in enumerate(inside, start=1):
            yield element, words(block.get("name")), rules_of(block) if place == len(inside) else None
    if not listed(survey, "blocks"):
        yield from ((each, "", rules_of(each)) for each in listed(survey, "questions"))


class _Reading:
    """One survey while it is read."""

    def __init__(self, survey: dict[str, Any], wanted: str | None) -> None:
        self._survey = survey
        self._drafting, self._tallies = Drafting(), Tallies()
        self._consents = consents(
            (words(each.get("id")), each.get("required") is False)
            for each, _, _ in _elements(survey)
            if each.get("type") == "consent"
        )
        spoken_in = listed(survey, "languages")
        self._own = words(survey.get("defaultLanguage")) or next(
            (_code(each) for each in spoken_in if each.get("default") is True), ""
        )
        self._languages = Languages(filter(None, map(_code, spoken_in)), default=self._own, wanted=wanted)
        self._named = {id: name for id, name in self._names() if id and name}

    def draft(self) -> Draft:
        """The whole survey."""
        for element, block, routing in _elements(self._survey):
            self._take(element, block, self._readable(routing))
        for ending in listed(self._survey, "endings"):
            id = words(ending.get("id"))
            self._drafting.lose(f"ending {self._named.get(id) or id}", "a last page, which asks nothing")
        if within(self._survey, "welcomeCard").get("enabled") is True:
            self._drafting.lose("welcomeCard", "a first page, which asks nothing")
        self._tallies.tell(self._drafting)
        return self._drafting.draft(
            words(self._survey.get("name")),
            language=self._languages.tag,
            version=words(self._survey.get("updatedAt")),
            respondent=self._hidden(),
        )

    def _readable(self, routing: str | None) -> str | None:
        """Rules with the names that people know instead of the ids of choices, elements, blocks, endings and variables."""
        return _ID.sub(lambda id: self._named.get(id[0], id[0]), routing) if routing else None

    def _names(self) -> Iterator[tuple[str, str]]:
        for element, _, _ in _elements(self._survey):
            yield words(element.get("id")), self._spoken(words(element.get("id")), self._texts(element, "headline"))
            for choice in listed(element, "choices"):
                yield words(choice.get("id")), self._languages.main_words(self._texts(choice, "label"))
        for ending in listed(self._survey, "endings"):
            yield words(ending.get("id")), self._spoken(words(ending.get("id")), self._texts(ending, "headline"))
        for each in (*listed(self._survey, "blocks"), *listed(self._survey, "variables")):
            yield words(each.get("id")), words(each.get("name"))

    def _hidden(self) -> str | None:
        """Name hidden fields and variables as what a mapping may point to; one that is called `respondent` says who answers."""
        given = within(self._survey, "hiddenFields").get("fieldIds")
        named = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
        for name in named:
            kept = f"the field `{name}`, for a mapping to name"
            self._drafting.lose(f"hidden field {name}", "a hidden field, which is no question", kept, field=name)
        for variable in listed(self._survey, "variables"):
            kept = f"the field `variables.{words(variable.get('id'))}`"
            self._drafting.lose(f"variable {words(variable.get('name'))}", "a variable, which is no question", kept)
        return "respondent" if "respondent" in named else None

    def _take(self, element: dict[str, Any], block: str, routing: str | None) -> None:
        kind, id = words(element.get("type")), words(element.get("id"))
        where = f"{kind or 'element'} {self._named.get(id) or id or 'without an id'}"
        if told := _IDENTIFYING.get(kind) or _IDENTIFYING_TEXTS.get(words(element.get("inputType"))):
            self._drafting.lose(where, not_kept(told), field=id)
        elif kind in _NOT_CODED:
            self._drafting.lose(where, _NOT_CODED[kind], field=id)
        elif kind not in _KNOWN:
            self._drafting.lose(where, "an element of a kind that is not known")
        elif kind == "matrix":
            self._matrix(element, where, block, routing)
        else:
            self._ask(element, kind, where, block, routing)

    def _ask(self, element: dict[str, Any], kind: str, where: str, block: str, routing: str | None) -> None:
        id = words(element.get("id"))
        options = tuple(self._options(element, kind, where))
        self._note(element, self._spoken(id, self._texts(element, "headline")))
        if kind == "date":
            self._drafting.lose(where, "a date", "open text")
        if kind == "consent" and id not in self._consents:
            self._drafting.lose(where, "terms that may be left unaccepted", "an item of no role")
        wordings = self._texts(element, "headline", "subheader")
        main = self._languages.main_words(wordings)
        self._drafting.ask(
            Question(
                where=where,
                name=self._spoken(id, self._texts(element, "headline")),
                field=id,
                wording=main,
                kind=_item_kind(element, kind, options),
                options=options,
                role="consent" if id in self._consents else "attitude",
                supports=("accepted",),
                translations=self._languages.translations(wordings),
                routing=routing,
                section=block,
            )
        )

    def _note(self, element: dict[str, Any], name: str) -> None:
        """What no item carries."""
        beside = {
            "that an answer is required": element.get("required") is True,
            "options in another order for each respondent": element.get("shuffleOption") not in (None, "none"),
            "a picture or a film beside the question": any(words(element.get(shown)) for shown in ("imageUrl", "videoUrl")),
            "how long an answer may be": within(element, "charLimit").get("enabled") is True,
            "words out of another answer, for which those stand that are shown where there is none": any(
                _RECALLED.search(text)
                for said in ("headline", "subheader")
                for text in within(element, said).values()
                if isinstance(text, str)
            ),
        }
        self._tallies.note_those(beside, name)

    def _matrix(self, element: dict[str, Any], where: str, block: str, routing: str | None) -> None:
        """Each row is a question. An answer is under the row's label in the respondent's language, of which a mapping names one."""
        id = words(element.get("id"))
        options = tuple(self._labelled(listed(element, "columns"), where))
        above = self._texts(element, "headline", "subheader")
        rows = listed(element, "rows")
        self._note(element, self._spoken(id, self._texts(element, "headline")))
        for place, row in enumerate(rows, start=1):
            texts = self._texts(row, "label") if "label" in row else self._texts({"label": row}, "label")
            label = self._languages.main_words(texts)
            both = {name: f"{said}\n{texts[name]}" for name, said in above.items() if texts.get(name)}
            if len(texts) > 1:
                self._drafting.lose(
                    f"{where}, row {place}", "answers of who answers in another language: they are under another name"
                )
            self._drafting.ask(
                Question(
                    where=f"{where}, row {place}",
                    name=f"{self._spoken(id, self._texts(element, 'headline'))}_{place}",
                    field=f"{id}.{label}",
                    wording=self._languages.main_words(both) or label,
                    kind="single",
                    options=options,
                    translations=self._languages.translations(both),
                    routing=routing if place == len(rows) else None,
                    section=block,
                )
            )
        if not rows:
            self._drafting.lose(where, "a matrix without rows")

    def _options(self, element: dict[str, Any], kind: str, where: str) -> Iterator[Option]:
        if kind in _CHOICES:
            yield from self._labelled(listed(element, "choices"), where)
        elif kind == "pictureSelection":
            self._drafting.lose(where, "the pictures", "options by their number")
            for place, choice in enumerate(listed(element, "choices"), start=1):
                yield Option(code=f"picture_{place}", label=f"Picture {place}", names=(words(choice.get("id")),))
        elif kind == "consent":
            texts = self._texts(element, "label")
            yield Option("accepted", self._languages.main_words(texts) or "Accepted", labels=self._languages.translations(texts))
            yield Option("dismissed", "Not accepted")
        elif kind in _SCALES:
            yield from self._steps(element, kind, where)

    def _labelled(self, choices: list[dict[str, Any]], where: str) -> Iterator[Option]:
        codes = Names()
        for place, choice in enumerate(choices, start=1):
            texts = self._texts(choice, "label") if "label" in choice else self._texts({"label": choice}, "label")
            id, label = words(choice.get("id")), self._languages.main_words(texts)
            if id == _OWN_WORDS:
                kept = (
                    "the option `other`; the own words arrive in its place, are listed with the delivery, and coded where the mapping's"
                    " `own_words` names an option"
                )
                self._drafting.lose(where, "the own words of whoever chooses another answer", kept)
            yield Option(
                code=codes.code(self._spoken(id, texts) or f"option_{place}"),
                label=label or id,
                names=tuple(dict.fromkeys(filter(None, (*texts.values(), id)))),
                labels=self._languages.translations(texts),
            )

    def _steps(self, element: dict[str, Any], kind: str, where: str) -> Iterator[Option]:
        first, steps = (0, 11) if kind == "nps" else (1, int(number(element.get("range")) or 0))
        if not 2 <= steps <= _MOST_STEPS:
            self._drafting.lose(where, "a scale of which the file does not say how many steps it has", "a number")
            return
        lower, upper = self._texts(element, "lowerLabel"), self._texts(element, "upperLabel")
        for step in range(steps):
            texts = {0: lower, steps - 1: upper}.get(step, {})
            value = str(first + step)
            said = {name: f"{value} – {label}" for name, label in texts.items()}
            yield Option(code=value, label=self._languages.main_words(said) or value, labels=self._languages.translations(said))

    def _spoken(self, id: str, texts: dict[str, str]) -> str:
        """A name out of the words of the default language, so that it is the same whichever language is the main one."""
        return spoken(id, plain_line(texts.get(self._own, "") or next(iter(texts.values()), "")))

    def _texts(self, parent: dict[str, Any], *names: str) -> dict[str, str]:
        """The words under the names, a line each, by language; the stored `default` by the code of the language that it is in."""
        found: dict[str, list[str]] = {}
        for name in names:
            said = parent.get(name)
            for code, text in (said if isinstance(said, dict) else {_STORED_DEFAULT: said}).items():
                if isinstance(code, str) and isinstance(text, str) and text.strip():
                    found.setdefault(self._own if code == _STORED_DEFAULT else code, []).append(_RECALLED.sub(_stand_in, text))
        return {code: "\n".join(lines) for code, lines in found.items()}


def _stand_in(recalled: re.Match[str]) -> str:
    """What is shown in the place of another answer where there is none; its blanks are written `nbsp`."""
    return recalled[1].replace("nbsp", " ") or "…"


def _code(language: dict[str, Any]) -> str:
    return words(within(language, "language").get("code")) or words(language.get("code"))


def _item_kind(element: dict[str, Any], kind: str, options: tuple[Option, ...]) -> ItemKind:
    if kind in _CHOICES:
        return _CHOICES[kind]
    if kind == "pictureSelection":
        return "multiple" if element.get("allowMulti") is True else "single"
    if kind == "openText":
        return "number" if element.get("inputType") == "number" else "text"
    if kind == "date":
        return "text"
    return "single" if options else "number"
