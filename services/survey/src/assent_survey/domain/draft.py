"""An instrument as it was read from a file of some platform or standard: items, how that platform names its answers, and what was lost.

Every reader in `instruments` makes one. Not here: publishing it (service), and what the items must keep to (instrument).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from assent_survey.domain.instrument import Item
from assent_survey.domain.mapping import Mapping

LONGEST_NAME = LONGEST_CODE = 64


class Loss(NamedTuple):
    """Something of the file that the instrument does not carry, or carries changed.

    `where` leads to it in the file's own terms, such as `survey, row 12` or `QID7`; `what` says what it was; `kept` what stands for it
    now, and is None where nothing does.
    """

    where: str
    what: str
    kept: str | None = None


class UnreadableInstrument(Exception):
    """The file is not what it should be. Its text says where and why, and quotes no more than a name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file holds. `mapping` names the fields and codes with which the platform of this format delivers answers to `items`;
    None where the format belongs to no platform. `language` is that of the wordings, a BCP 47 tag, or None where the file does not say.
    """

    title: str
    items: tuple[Item, ...]
    language: str | None = None
    mapping: Mapping | None = None
    losses: tuple[Loss, ...] = ()
    version: str | None = None


@dataclass
class Names:
    """Makes names and codes that we can keep out of whatever a format allows, the same for the same file, and none twice.

    **Usage**: `names = Names(); names.item("1. Trust?")  # "q1_Trust"`.
    """

    taken: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)

    def item(self, theirs: str) -> str:
        """A name for an item: letters, digits and underscores, beginning with a letter."""
        cleaned = re.sub(r"[^A-Za-z0-9_]+", "_", theirs).strip("_")
        return self._free(cleaned if cleaned[:1].isalpha() else f"q{cleaned}", LONGEST_NAME)

    def code(self, theirs: str) -> str:
        """A code for an option: also dots, colons and hyphens."""
        return self._free(re.sub(r"[^A-Za-z0-9_.:-]+", "_", theirs).strip("_") or "option", LONGEST_CODE)

    def _free(self, wanted: str, longest: int) -> str:
        found, number = wanted[:longest], self.numbers.get(wanted, 1)
        while found in self.taken:
            number += 1
            ending = f"_{number}"
            found = wanted[: longest - len(ending)] + ending
        self.taken.add(found)
        self.numbers[wanted] = number
        return found


def clipped(text: str, longest: int) -> str:
    """A text that is not longer than `longest` characters; where it was cut it ends in an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def codes_of(theirs: Iterable[str]) -> dict[str, str]:
    """Our code of each of an item's options, by the platform's code; in order."""
    names = Names()
    return {each: names.code(each) for each in dict.fromkeys(theirs)}
