"""What a delivery says, whoever the platform is: one submission with its fields, or the reason why there is none.

Not here: what the fields mean to our instrument (coding) and which of several submissions stands (history).
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Choice = tuple[str, ...]
"""One chosen option, by every name the platform has for it: reference, label, id. A code of the mapping may be any of them."""

Value = str | float | bool | tuple[Choice, ...] | None
"""An answer as the platform gave it. None, an empty string or no choice at all mean: shown, and left empty."""

LARGEST_NUMBER = 1e300
"""A whole number of any length is JSON; one that no float holds is an answer to nothing."""

OrderedBy = Literal["version", "updated_at", "arrival"]
RefusalReason = Literal["unsigned", "malformed_signature", "wrong_signature", "stale_timestamp"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A genuine delivery. `delivery` is the sender's own id of it, the same in every attempt; else the body's digest."""

    delivery: str


class Refused(Exception):
    """The delivery is not proved to come from the platform. `reason` is one of a closed list, `detail` is for people."""

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Unreadable(Exception):
    """The body is not what the platform sends."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One state of one response at the platform.

    `fields` are the answers by the platform's name of the question; `facts` are what the platform says beside the answers (who, in
    which language), which a mapping may point to and which is never reported as unmapped. `nested` names fields whose value has a
    shape of its own, such as files and repeats: reported, never coded. `aliases` are other names of the same fields. `separator`
    splits several choices that arrive in one string. `form_version` is the platform's own name of the version of its form.
    """

    response_id: str
    fields: dict[str, Value]
    finished: bool
    submitted_at: datetime | None = None
    updated_at: datetime | None = None
    version: int | None = None
    facts: dict[str, Value] = field(default_factory=dict)
    nested: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    separator: str | None = None
    test: bool = False
    form_version: str | None = None

    @property
    def ordered_by(self) -> OrderedBy:
        """What puts the submissions of one response in order: the sender's version, its time of update, or only their arrival."""
        if self.version is not None:
            return "version"
        return "arrival" if self.updated_at is None else "updated_at"

    @property
    def revision(self) -> float | None:
        """The sender's version, or its time of update in seconds; None where it gives neither."""
        if self.version is not None:
            return float(self.version)
        return None if self.updated_at is None else self.updated_at.timestamp()

    def said(self) -> str:
        """The answers as one text, the same for two submissions that say the same, whatever the order of their fields."""
        return json.dumps([self.fields, sorted(self.nested)], sort_keys=True)

    def value(self, name: str) -> tuple[bool, Value]:
        """Whether the field (or fact) was sent at all, and what it holds."""
        known = self.aliases.get(name, name)
        if known in self.fields:
            return True, self.fields[known]
        return known in self.facts, self.facts.get(known)

    def text(self, name: str) -> str | None:
        """A field or fact that identifies something, as text; None when it is absent or empty."""
        match self.value(name)[1]:
            case None | "" | ():
                return None
            case bool(answer):
                return str(answer).lower()
            case str(text):
                return text
            case float() | int() as number:
                return f"{number:.15g}"
            case chosen:
                return chosen[0][0]


Happening = Literal["changed", "deleted"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A delivery that says that a response was made, changed or deleted at the platform, and does not hold its answers.

    `address` is what the platform needs beside the id to give the answers, such as the survey, the event or the instance.
    """

    response_id: str
    happening: Happening = "changed"
    address: dict[str, str] = field(default_factory=dict)


def as_value(given: object) -> Value:
    """A plain JSON value as a field's value: a list of words becomes choices. Raises TypeError for any other shape."""
    match given:
        case None | str() | bool():
            return given
        case int() | float() if abs(given) < LARGEST_NUMBER:
            return float(given)
        case list() if all(isinstance(each, str | int | float) for each in given):
            return tuple((str(each).lower() if isinstance(each, bool) else str(each),) for each in given)
        case _:
            raise TypeError("a value with a shape of its own")


def split_values(given: dict[str, object]) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Fields with plain values, and the names of those with a shape of their own. One level of objects becomes `name.key`."""
    fields: dict[str, Value] = {}
    nested: list[str] = []
    for name, value in given.items():
        parts = {f"{name}.{key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
        for part_name, part in parts.items():
            try:
                fields[part_name] = as_value(part)
            except TypeError:
                nested.append(part_name)
    return fields, tuple(nested)
