"""Writes the frozen JSON Schema of every event version, and refuses to when that would break the version.

**Usage**: `python -m assent_contracts.freeze`. The files are committed; a test fails when they are stale.
"""

import json
import sys
from pathlib import Path
from typing import Any

from assent_contracts.compatibility import incompatibilities
from assent_contracts.registry import EVENT_TYPES, EventType

FOLDER = Path(__file__).parent / "schemas"


def schema_of(event: EventType) -> dict[str, Any]:
    """The schema of what an event of this type carries. A tombstone carries nothing."""
    if event.tombstone:
        return {"title": event.type, "description": f"Tombstone: {event.about}. No value; the headers stay.", "type": "null"}
    schema = event.topic.state.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": event.type, "description": event.about}


def file_of(event: EventType) -> Path:
    """Where the frozen schema of a type is kept."""
    return FOLDER / f"{event.type}.json"


def frozen(event: EventType) -> dict[str, Any] | None:
    """The frozen schema, or None for a type that has none yet."""
    path = file_of(event)
    return json.loads(path.read_text()) if path.exists() else None


def freeze() -> list[str]:
    """Write the schemas; answers what breaks, and then nothing of that type is written."""
    broken = []
    for event in EVENT_TYPES.values():
        present, before = schema_of(event), frozen(event)
        problems = incompatibilities(before, present) if before is not None else []
        broken += [f"{event.type}: {problem}" for problem in problems]
        if not problems:
            file_of(event).write_text(json.dumps(present, indent=1, ensure_ascii=False) + "\n")
    return broken


if __name__ == "__main__":
    problems = freeze()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        sys.exit("Nothing was written for these types: make a new major version (`.v2`) of each instead.")
