"""What is different between two lists of items, so that a person can read it: what came, what went, and what is worded or scaled anew.

Not here: whether a difference matters for a comparison over time; that is for whoever compares.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from assent_survey.domain.instrument import Item, instrument_faults

Happening = Literal["added", "removed", "changed"]
_STATED = ("role", "practice", "supports", "conditional", "opposes", "condition", "variable", "groups", "origin")
_COMPARED = tuple(name for name in Item.model_fields if name != "name")


class ItemPart(NamedTuple):
    """One thing of an item before and after, such as its wording; None where it was not said."""

    what: str
    before: Any
    after: Any


class ItemDifference(NamedTuple):
    """An item that came or went, or what of it changed. `place` says that it stands elsewhere among the items that stayed."""

    name: str
    happening: Happening
    parts: tuple[ItemPart, ...] = ()


def item_differences(before: Sequence[Item], after: Sequence[Item]) -> list[ItemDifference]:
    """Removed items first, then the others in their new order. An item is known again by its name."""
    earlier, later = ({item.name: item for item in items} for items in (before, after))
    old_place = {name: place for place, name in enumerate((name for name in earlier if name in later), start=1)}
    new_place = {name: place for place, name in enumerate((name for name in later if name in earlier), start=1)}
    found = [ItemDifference(name, "removed") for name in earlier if name not in later]
    for name, item in later.items():
        if name not in earlier:
            found.append(ItemDifference(name, "added"))
            continue
        parts = _parts(earlier[name], item)
        if old_place[name] != new_place[name]:
            parts.append(ItemPart("place", old_place[name], new_place[name]))
        if parts:
            found.append(ItemDifference(name, "changed", tuple(parts)))
    return found


def with_what_was_stated(read: Sequence[Item], before: Sequence[Item]) -> tuple[Item, ...]:
    """Items as a file has them, with what a researcher had stated of those of the same name: role, practice, which options support.

    Where it no longer fits, because the options are others, the item is as the file has it.
    """
    known = {item.name: item for item in before}
    return tuple(_stated(item, known[item.name]) if item.name in known else item for item in read)


def _stated(read: Item, known: Item) -> Item:
    kept = read.model_copy(update={name: getattr(known, name) for name in _STATED})
    return read if instrument_faults([kept]) else kept


def _parts(before: Item, after: Item) -> list[ItemPart]:
    changed = [name for name in _COMPARED if getattr(before, name) != getattr(after, name)]
    old, new = (item.model_dump(mode="json", include=set(changed), exclude_defaults=True) for item in (before, after))
    return [ItemPart(name, old.get(name), new.get(name)) for name in changed]
