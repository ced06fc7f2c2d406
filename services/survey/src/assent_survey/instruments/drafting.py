"""From the questions of a file to a draft that keeps every rule of an instrument, whatever the file holds.

A reader says what it found as `Question` and `Option`, in the file's own names and words. `Drafting` makes names and codes of ours and
the mapping between the two, takes out what is no answer, and lists each thing that had to give. Nothing here knows any format.
"""

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assent_contracts.events.survey import ItemKind, ItemRole
from assent_survey.domain.draft import Draft, Loss, Names, UnreadableInstrument, clipped
from assent_survey.domain.instrument import CHOSEN_KINDS, DESIGN_ROLES, Item, Range, Translation
from assent_survey.domain.mapping import ItemMapping
from assent_survey.domain.mapping import Mapping as FieldMapping
from assent_survey.instruments.identifiers import identifier_asked_for, not_kept
from assent_survey.instruments.languages import tag_of
from assent_survey.instruments.plain_text import plain_line, plain_text
from assent_survey.instruments.sorted_options import Option, SortedOptions

MOST_ITEMS = MOST_OPTIONS = 1000
MOST_NAMES = 3000
MOST_LANGUAGES = 60
LONGEST_TEXT = 4000
LONGEST_LINE = 500
_SHOWN = re.compile(r"<(?:img|video|audio|iframe|embed|object)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the file has it. `where` leads to it; `field` is what the platform calls its answer, and None where that is `name`.

    `supports` are codes of the file. `low` and `high` bound a number. `translations` are wordings in other languages.
    """

    where: str
    name: str
    wording: str
    kind: ItemKind
    field: str | None = None
    options: Sequence[Option] = ()
    role: ItemRole = "attitude"
    supports: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    translations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    routing: str | None = None
    section: str | None = None


class Drafting:
    """A draft while it is made, question by question.

    **Usage**: `drafting = Drafting(); drafting.ask(question); drafting.lose("QID9", "a file upload"); drafting.draft("Title")`.
    """

    def __init__(self) -> None:
        self._names = Names()
        self._items: list[Item] = []
        self._fields: dict[str, ItemMapping] = {}
        self._ignored: dict[str, None] = {}
        self._losses: list[Loss] = []
        self._roles: set[ItemRole] = set()
        self._mapped: set[str] = set()

    def lose(self, where: str, what: str, kept: str | None = None, *, field: str | None = None) -> None:
        """Say that something is not carried, or is carried changed. `field`: its answers arrive by this name and are not wanted."""
        self._losses.append(Loss(clipped(plain_line(where), LONGEST_LINE) or "the file", what, kept))
        if field is not None:
            self.ignore(field)

    def ignore(self, field: str) -> None:
        """Say that answers arrive by this name and are not wanted."""
        if 0 < len(field) <= LONGEST_LINE:
            self._ignored[field] = None

    @property
    def full(self) -> bool:
        """Whether no further item has a place."""
        return len(self._items) >= MOST_ITEMS

    def refuse(self, where: str, field: str) -> None:
        """Say that a question has no place, because the instrument is full."""
        self.lose(where, f"an instrument holds {MOST_ITEMS} items", field=field)

    def ask(self, question: Question) -> str | None:
        """Take a question in and give the name of its item; None where it could only be listed as a loss."""
        where, theirs = question.where, question.field or question.name
        if self.full:
            self.refuse(where, theirs)
            return None
        if question.kind in ("text", "number") and (asked_for := self._identifier(question)):
            self.lose(where, f"{not_kept(asked_for)}: its words say so", field=theirs)
            return None
        wanted = self._wanted_role(question)
        kind, offered = self._asked_as(question, wanted)
        options = SortedOptions(offered, lambda what, kept: self.lose(where, what, kept), number=kind == "number")
        supports = options.ours(question.supports)
        role = self._role(where, wanted, kind, bool(supports))
        if any(map(_SHOWN.search, (question.wording, *(each.label for each in offered)))):
            self.lose(where, "a picture, a sound or a film among the words")
        name = self._names.item(plain_line(question.name))
        wording = self._clip(where, question.wording) or name
        self._items.append(
            Item(
                name=name,
                wording=wording,
                kind=kind,
                role=role,
                scale=options.scale,
                missing=options.missing,
                supports=supports if role == "consent" else (),
                range=self._range(question, kind),
                translations=self._translations(question, options, wording),
                routing=self._clip(where, question.routing or "") or None,
                section=clipped(plain_line(question.section or ""), LONGEST_LINE) or None,
            )
        )
        self._map(where, name, theirs, options.codes)
        return name

    def draft(
        self,
        title: str,
        *,
        language: str | None = None,
        version: str | None = None,
        respondent: str | None = None,
        mapped: bool = True,
    ) -> Draft:
        """What was made. Raises UnreadableInstrument when there is not one item."""
        if not self._items:
            told = "; ".join(f"{loss.where}: {loss.what}" for loss in self._losses[:3])
            raise UnreadableInstrument(f"the file holds no question that can be an item{f' ({told})' if told else ''}")
        if respondent is not None and not 0 < len(respondent) <= LONGEST_LINE:
            respondent = None
        taken = {each.field for each in self._fields.values()} | {respondent}
        ignored = tuple(each for each in self._ignored if each not in taken)[:MOST_ITEMS]
        return Draft(
            title=clipped(plain_line(title), LONGEST_LINE) or "Untitled",
            items=tuple(self._items),
            language=tag_of(language or ""),
            mapping=FieldMapping(respondent=respondent, items=self._fields, ignore=ignored) if mapped else None,
            losses=tuple(_told_once(self._losses)),
            version=clipped(plain_line(version or ""), LONGEST_LINE) or None,
        )

    def _asked_as(self, question: Question, role: ItemRole) -> tuple[ItemKind, Sequence[Option]]:
        """The kind of the item and its options; a choice without options, or with too many, becomes text."""
        kind = question.kind
        options = list({each.code: each for each in reversed(question.options)}.values())[::-1]
        if len(options) < len(question.options):
            self.lose(question.where, "options whose code is there already", "the first of each code")
        if kind not in CHOSEN_KINDS or (role in DESIGN_ROLES and not options):
            return kind, options if kind == "number" else ()
        if len(options) > MOST_OPTIONS:
            self.lose(question.where, f"a choice of {len(options)} options; an item holds {MOST_OPTIONS}", "open text")
            return "text", ()
        if all(each.missing for each in options):
            self.lose(
                question.where,
                "a choice whose options are all missing ones" if options else "a choice without options",
                "open text",
            )
            return "text", ()
        return kind, options

    @staticmethod
    def _identifier(question: Question) -> str:
        """Which identifier a question that is answered in writing asks for by its words, if any."""
        return identifier_asked_for(plain_text(question.wording), number=question.kind == "number")

    def _wanted_role(self, question: Question) -> ItemRole:
        """The role, where no item has it already of which an instrument has one, and where the kind of question can have it."""
        role, kind = question.role, question.kind
        unfit = kind != "number" if role == "weight" else role in DESIGN_ROLES and kind == "multiple"
        if unfit or (role in DESIGN_ROLES and role in self._roles):
            why = "for which the question does not serve" if unfit else "which an item has already"
            self.lose(question.where, f"the role {role}, {why}", "an item of no role")
            return "attitude"
        return role

    def _role(self, where: str, wanted: ItemRole, kind: ItemKind, supported: bool) -> ItemRole:
        """The role that is had: consent with an option that gives it, a demographic item of coded answers."""
        if (wanted == "consent" and not (kind == "single" and supported)) or (wanted == "demographic" and kind == "text"):
            self.lose(where, f"the role {wanted}, for which the question does not serve", "an item of no role")
            return "attitude"
        self._roles.add(wanted)
        return wanted

    def _range(self, question: Question, kind: ItemKind) -> Range | None:
        low, high = (each if each is not None and math.isfinite(each) else None for each in (question.low, question.high))
        if low is None and high is None:
            return None
        if kind != "number" or (low is not None and high is not None and high < low):
            self.lose(question.where, "a least and a greatest value that do not fit")
            return None
        return Range(low=low, high=high)

    def _translations(self, question: Question, options: SortedOptions, main: str) -> dict[str, Translation]:
        found: dict[str, Translation] = {}
        for theirs in dict.fromkeys((*question.translations, *options.languages)):
            tag, wording = tag_of(theirs), plain_text(question.translations.get(theirs, ""))
            if not tag or tag in found or len(found) >= MOST_LANGUAGES:
                self.lose(question.where, "a translation into a language that is named twice, or by no language tag")
                continue
            if not wording:
                self.lose(
                    question.where, f"a wording in {tag}, which the file does not have", f"the main one, with the options in {tag}"
                )
            found[tag] = Translation(wording=clipped(wording, LONGEST_TEXT) or main, labels=options.labels(theirs))
        return found

    def _map(self, where: str, name: str, theirs: str, codes: dict[str, str]) -> None:
        if not theirs or len(theirs) > LONGEST_LINE:
            self.lose(where, f"the field of {name}, whose name is empty or too long", "an item that no field is mapped to")
            return
        if theirs in self._mapped:
            self.lose(
                where, "a name that another question has too: their answers cannot be told apart", "both with the same answers"
            )
        self._mapped.add(theirs)
        if len(codes) > MOST_NAMES:
            self.lose(where, f"{len(codes)} names of options in the mapping", f"the first {MOST_NAMES}")
        self._fields[name] = ItemMapping(field=theirs, codes=dict(list(codes.items())[:MOST_NAMES]) or None)

    def _clip(self, where: str, source: str) -> str:
        text = plain_text(source)
        if len(text) > LONGEST_TEXT:
            self.lose(where, f"a text of {len(text)} characters", f"its first {LONGEST_TEXT}")
        return clipped(text, LONGEST_TEXT)


def _told_once(losses: Sequence[Loss]) -> Iterator[Loss]:
    """What befell several questions alike is one loss, with as many of the places as a line holds."""
    places: dict[tuple[str, str | None], dict[str, None]] = {}
    for where, what, kept in losses:
        places.setdefault((what, kept), {})[where] = None
    for (what, kept), wheres in places.items():
        line, *others = wheres
        while others and len(line) + len(others[0]) < LONGEST_LINE - 20:
            line = f"{line}; {others.pop(0)}"
        yield Loss(f"{line}; and {len(others)} more" if others else line, what, kept)
