"""Typeform: the JSON of a form, as its API gives it, or the reduced `definition` inside a webhook's body.

Fields are named by their reference. Jumps stay with the question that they leave from. Source: Typeform, Create API, and the bodies of
its webhooks.
"""

from collections.abc import Iterator
from typing import Any

from assent_contracts.events.survey import ItemKind
from assent_survey.domain.draft import Draft, Names, UnreadableInstrument
from assent_survey.instruments.consents import consents
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.identifiers import ADDRESS, CONTACT, E_MAIL, TELEPHONE, not_kept
from assent_survey.instruments.json_shape import listed, number, within, words
from assent_survey.instruments.naming import spoken
from assent_survey.instruments.opening import open_json
from assent_survey.instruments.plain_text import plain_text
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.tallies import Tallies
from assent_survey.instruments.typeform_logic import Jumps
from assent_survey.instruments.typeform_words import own_words, plain_words

_IDENTIFYING = {"email": E_MAIL, "phone_number": TELEPHONE, "contact_info": CONTACT, "address": ADDRESS}
_NO_QUESTION = {
    "statement": "a statement, which asks nothing",
    "thankyou_screen": "a last page",
    "welcome_screen": "a first page",
    "group": "a group without questions",
    "inline_group": "a group without questions",
}
_NOT_CODED = {
    "ranking": "a ranking: the order of several options",
    "file_upload": "a file",
    "payment": "a payment",
    "signature": "a signature",
    "calendly": "an appointment",
    "multi_format": "an answer in sound or picture",
    "faq_ai": "a conversation",
}
_CHOICES = {"multiple_choice", "picture_choice", "dropdown"}
_SCALES = {"opinion_scale": (0, 11), "nps": (0, 11), "rating": (1, None)}
_MOST_STEPS = 101
_DEEPEST_GROUP = 10


class TypeformForm:
    """Reads a form whose answers arrive by the platform `typeform`."""

    name = "typeform"
    title = "Typeform form (JSON)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - every JSON file is called .json
        """Fields with a type that Typeform has."""
        try:
            fields = listed(_form(open_json(content)), "fields")
        except UnreadableInstrument:
            return False
        return any(words(each.get("type")) in _TELLING for each in fields)

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:  # noqa: ARG002 - a form has one language
        """Raises UnreadableInstrument."""
        form = _form(open_json(content))
        if not isinstance(form.get("fields"), list):
            raise UnreadableInstrument("the file holds no list `fields`, so it is no Typeform form")
        return _Reading(form).draft()


def _form(body: dict[str, Any]) -> dict[str, Any]:
    """The form itself, also inside a webhook's body."""
    for found in (within(body, "form_response", "definition"), within(body, "definition"), within(body, "form")):
        if "fields" in found:
            return found
    return body


class _Reading:
    """One form while it is read."""

    def __init__(self, form: dict[str, Any]) -> None:
        self._form = form
        self._drafting, self._tallies = Drafting(), Tallies()
        every = list(_every_field(listed(form, "fields"), 0))
        choices = [choice for field in every for choice in listed(within(field, "properties"), "choices")]
        self._labels = {
            **{name: _spoken(field) for field in every if (name := _field_name(field))},
            **{words(choice.get("ref")): words(choice.get("label")) for choice in choices},
        }
        self._consents = consents(
            (_field_name(each), within(each, "validations").get("required") is False)
            for each in every
            if each.get("type") == "legal"
        )
        self._jumps = Jumps(listed(form, "logic"), self._labels)

    def draft(self) -> Draft:
        """The whole form."""
        for screens, what in (
            ("welcome_screens", "a first page, which asks nothing"),
            ("thankyou_screens", "a last page, which asks nothing"),
        ):
            for each in listed(self._form, screens):
                self._drafting.lose(_where({"type": screens.removesuffix("s"), **each}), what)
        self._ask_all(listed(self._form, "fields"), section="", depth=0)
        for many, what in (
            (self._jumps.calculations, "rules that calculate, or do something other than jump"),
            (self._jumps.left, "jumps that leave from what is no item"),
        ):
            if many:
                self._drafting.lose("logic", f"{what}: {many}")
        self._tallies.tell(self._drafting)
        return self._drafting.draft(
            self._words(self._form.get("title")),
            language=words(within(self._form, "settings").get("language")),
            version=words(self._form.get("last_updated_at")),
            respondent=self._hidden(),
        )

    def _hidden(self) -> str | None:
        """Name hidden fields and variables as what a mapping may point to; one that is called `respondent` says who answers."""
        hidden = self._form.get("hidden")
        named = [each for each in hidden if isinstance(each, str)] if isinstance(hidden, list) else []
        for name in named:
            self._drafting.lose(
                f"hidden.{name}", "a hidden field, which is no question", f"the field `hidden.{name}`, for a mapping to name"
            )
        for name in within(self._form, "variables"):
            self._drafting.lose(f"variables.{name}", "a variable, which is no question", f"the field `variables.{name}`")
        return "hidden.respondent" if "respondent" in named else None

    def _ask_all(self, fields: list[dict[str, Any]], *, section: str, depth: int) -> None:
        for field in fields:
            inner = listed(within(field, "properties"), "fields")
            kind = words(field.get("type"))
            if kind == "matrix":
                self._matrix(field, inner, section)
            elif kind in _IDENTIFYING or not inner:
                self._ask(field, kind, section)
            elif depth < _DEEPEST_GROUP:
                title = plain_text(self._words(field.get("title")))
                self._ask_all(inner, section=" / ".join(filter(None, (section, title))), depth=depth + 1)
            else:
                self._drafting.lose(_where(field), f"groups inside groups, deeper than {_DEEPEST_GROUP}")

    def _matrix(self, field: dict[str, Any], rows: list[dict[str, Any]], section: str) -> None:
        """Each row is a question, in the section of the matrix."""
        shared = within(field, "properties")
        if not rows:
            self._drafting.lose(_where(field), "a matrix without its rows")
        for row in rows:
            properties = {**{name: shared[name] for name in _SHARED if name in shared}, **within(row, "properties")}
            kind = words(row.get("type"))
            row = {**row, "properties": properties}
            self._ask(row, kind if kind in _KNOWN else "multiple_choice", section, above=self._words(field.get("title")))

    def _ask(self, field: dict[str, Any], kind: str, section: str, above: str = "") -> None:
        where, name = _where(field), _field_name(field)
        if kind in _IDENTIFYING:
            self._drafting.lose(where, not_kept(_IDENTIFYING[kind]), field=name)
            for part in listed(within(field, "properties"), "fields"):
                self._drafting.ignore(_field_name(part))
        elif kind in _NO_QUESTION:
            self._drafting.lose(where, _NO_QUESTION[kind])
        elif kind in _NOT_CODED:
            self._drafting.lose(where, _NOT_CODED[kind], field=name)
        elif kind not in _KNOWN:
            self._drafting.lose(where, "a field of a kind that is not known")
        else:
            self._drafting.ask(self._question(field, kind, section, above))

    def _question(self, field: dict[str, Any], kind: str, section: str, above: str) -> Question:
        where, name, properties = _where(field), _field_name(field), within(field, "properties")
        title, described = (self._words(said) for said in (field.get("title"), properties.get("description")))
        options = tuple(self._options(field, kind, where))
        if kind == "date":
            self._drafting.lose(where, "a date", "open text")
        consent = kind == "legal" and name in self._consents
        if consent:
            self._drafting.lose(where, "terms to accept", "a consent item; `accepted` gives consent")
        elif kind == "legal":
            self._drafting.lose(where, "terms that may be left unaccepted", "an item of no role")
        limits = within(field, "validations") if kind == "number" else {}
        wording = "\n".join(filter(None, (above, title, described)))
        self._note(field)
        self._tallies.note_filled_in(_spoken(field), wording, options)
        return Question(
            where=where,
            name=_spoken(field),
            field=name,
            wording=wording,
            kind=_item_kind(field, kind, options),
            options=options,
            role="consent" if consent else "attitude",
            supports=("accepted",),
            low=number(limits.get("min_value")),
            high=number(limits.get("max_value")),
            routing=self._jumps.leaving(name, words(field.get("id"))),
            section=section,
        )

    def _options(self, field: dict[str, Any], kind: str, where: str) -> Iterator[Option]:
        if kind in _BOOLEANS:
            yield from _BOOLEANS[kind]
        elif kind in _SCALES:
            yield from self._steps(within(field, "properties"), kind, where)
        elif kind in _CHOICES:
            yield from self._choices(field, where)

    def _choices(self, field: dict[str, Any], where: str) -> Iterator[Option]:
        properties, codes = within(field, "properties"), Names()
        for place, choice in enumerate(listed(properties, "choices") or listed(field, "choices"), start=1):
            label = words(choice.get("label"))
            names = tuple(dict.fromkeys(filter(None, (words(choice.get(key)) for key in ("ref", "label", "id")))))
            code = codes.code(spoken(words(choice.get("ref")), label) or f"option_{place}")
            yield Option(code=code, label=label or f"option {place}", names=names)
        if properties.get("allow_other_choice") is True or field.get("allow_other_choice") is True:
            self._drafting.lose(where, "the own words of whoever chooses another answer", "the option `other`")
            yield Option(code=codes.code("other"), label="Other", names=("other",))

    def _steps(self, properties: dict[str, Any], kind: str, where: str) -> Iterator[Option]:
        """The numbers of a scale, with the words at its ends. A webhook's definition does not say how many there are."""
        start, steps = _SCALES[kind]
        told = number(properties.get("steps"))
        if told is None and (kind != "nps" or steps is None):
            self._drafting.lose(where, "a scale of which the file does not say how many steps it has", "a number")
            return
        many = int(told if told is not None else steps or 0)
        if not 2 <= many <= _MOST_STEPS:
            self._drafting.lose(where, "a scale of an impossible number of steps", "a number")
            return
        first = 1 if properties.get("start_at_one") is True else start
        said = within(properties, "labels")
        ends = {0: words(said.get("left")), many // 2: words(said.get("center")), many - 1: words(said.get("right"))}
        for step in range(many):
            value = str(first + step)
            yield Option(code=value, label=" – ".join(filter(None, (value, ends.get(step)))))

    def _note(self, field: dict[str, Any]) -> None:
        """What no item carries."""
        properties, checks = within(field, "properties"), within(field, "validations")
        beside = {
            "that an answer is required": checks.get("required") is True,
            "how long an answer, or how many options, may be": any(name in checks for name in _SIZES),
            "options in another order for each respondent": properties.get("randomize") is True,
            "a picture or a film beside the question": "attachment" in field,
        }
        self._tallies.note_those(beside, _spoken(field))

    def _words(self, said: object) -> str:
        return plain_words(words(said), self._labels)


_KINDS: dict[str, ItemKind] = {
    "yes_no": "single",
    "legal": "single",
    "number": "number",
    "short_text": "text",
    "long_text": "text",
    "website": "text",
    "date": "text",
}
_SIZES = ("max_length", "min_selection", "max_selection")
_SHARED = ("choices", "allow_multiple_selection", "allow_other_choice")
_KNOWN = {*_KINDS, *_CHOICES, *_SCALES}
_TELLING = {*_KNOWN, *_IDENTIFYING, "statement", "group", "matrix"}
_BOOLEANS = {
    "yes_no": (Option("yes", "Yes", ("true", "yes")), Option("no", "No", ("false", "no"))),
    "legal": (Option("accepted", "I accept", ("true",)), Option("not_accepted", "I don't accept", ("false",))),
}


def _item_kind(field: dict[str, Any], kind: str, options: tuple[Option, ...]) -> ItemKind:
    if kind in _CHOICES:
        several = within(field, "properties").get("allow_multiple_selection", field.get("allow_multiple_selections"))
        return "multiple" if several is True else "single"
    return _KINDS.get(kind) or ("single" if options else "number")


def _field_name(field: dict[str, Any]) -> str:
    """The name by which answers arrive: the reference, or the id where there is none."""
    return words(field.get("ref")) or words(field.get("id"))


def _spoken(field: dict[str, Any]) -> str:
    """What people call a field."""
    return spoken(_field_name(field), plain_text(own_words(words(field.get("title")))))


def _where(field: dict[str, Any]) -> str:
    return f"{words(field.get('type')) or 'field'} {_spoken(field) or 'without a reference'}"


def _every_field(fields: list[dict[str, Any]], depth: int) -> Iterator[dict[str, Any]]:
    for field in fields:
        yield field
        if depth <= _DEEPEST_GROUP:
            yield from _every_field(listed(within(field, "properties"), "fields"), depth + 1)
