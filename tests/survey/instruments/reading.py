"""Reads a file as the tests want it: whatever a reader makes must be an instrument that can be published and a mapping that fits it."""

import json
from typing import Any

from pydantic import TypeAdapter

from assent_survey.domain.coding import Coded, code_submission
from assent_survey.domain.draft import Draft
from assent_survey.domain.instrument import Item, Items, instrument_faults
from assent_survey.domain.mapping import Mapping, mapping_faults
from assent_survey.domain.submission import Submission, Value
from assent_survey.instruments import READERS

ITEMS: TypeAdapter[tuple[Item, ...]] = TypeAdapter(Items)


def read(name: str, content: bytes | str | dict[str, Any], filename: str = "", language: str | None = None) -> Draft:
    """The draft of a file of the reader called `name`. Raises UnreadableInstrument."""
    if isinstance(content, dict):
        content = json.dumps(content)
    return usable(READERS[name].read(content.encode() if isinstance(content, str) else content, filename, language=language))


def usable(draft: Draft) -> Draft:
    """The draft, which keeps every rule and can be stored and read back."""
    assert instrument_faults(draft.items) == []
    assert ITEMS.validate_json(ITEMS.dump_json(draft.items)) == draft.items
    if draft.mapping is not None:
        assert list(mapping_faults(draft.mapping, draft.items)) == []
        assert Mapping.model_validate_json(draft.mapping.model_dump_json()) == draft.mapping
    return draft


def item(draft: Draft, name: str) -> Item:
    """The item of that name."""
    return next(each for each in draft.items if each.name == name)


def labels(asked: Item) -> dict[str, str]:
    """The scale, {code: label}."""
    return {each.option: each.label for each in asked.scale}


def lost(draft: Draft, where: str) -> list[str]:
    """What was lost at a place, the beginning of which is given."""
    return [loss.what for loss in draft.losses if loss.where.startswith(where)]


def coded(draft: Draft, fields: dict[str, Value], **more: Any) -> Coded:
    """A submission of these fields in the draft's own terms."""
    assert draft.mapping is not None
    return code_submission(Submission("r", fields, finished=True, **more), draft.items, draft.mapping)
