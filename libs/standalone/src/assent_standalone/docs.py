"""Writes what is generated from the code: frozen event schemas, events, AsyncAPI, settings, and the gateway's OpenAPI and problems.

**Usage**: `python -m assent_standalone.docs`; with `--check` it writes nothing and fails when a file is stale. The gateway may not import
the services, so what it shows of them is written here and shipped with it.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from assent_contracts import asyncapi, freeze
from assent_contracts.registry import EVENT_TYPES
from assent_gateway.api.documentation import describe
from assent_gateway.app import own_app
from assent_gateway.domain.openapi import merge
from assent_kit.problems import catalogue
from assent_kit.settings import ServiceSettings
from assent_standalone.process import SERVICES, Process

ROOT = Path(__file__).resolve().parents[4]
GATEWAY = Path(str(resources.files("assent_gateway")))


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file with what it should hold."""
    for event in EVENT_TYPES.values():
        yield freeze.file_of(event), _json(freeze.schema_of(event))
    yield ROOT / "docs" / "events.md", asyncapi.page()
    yield ROOT / "docs" / "asyncapi.json", _json(asyncapi.asyncapi())
    yield ROOT / "docs" / "settings.md", settings_page()
    yield GATEWAY / "openapi.json", _json(openapi())
    yield GATEWAY / "problems.json", _json(problems())


def openapi() -> dict[str, Any]:
    """The merged OpenAPI document. Raises when two services own one path."""
    with tempfile.TemporaryDirectory() as folder, Process(Path(folder)) as process:
        parts = {name: app.openapi() for name, app in process.apps.items()}
        parts["gateway"] = own_app(process.settings["gateway"], process.databases["gateway"]).openapi()
    return merge(
        parts, title="Assent", version="0.1.0", description="Evidence of social licence: documents, survey, talk, synthesis."
    )


def problems() -> list[dict[str, Any]]:
    """The catalogue of problems of all services, by code."""
    return [describe(kind) for kind in catalogue() if kind.__module__.startswith("assent_")]


def settings_page() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "*Generated from the settings classes by `make docs`; do not edit.*",
        "",
        "Settings come from the environment. Outside development a service refuses to start with unsafe values and says which.",
        "",
        "## Every service",
        "",
        *_table(ServiceSettings, set()),
    ]
    common = set(ServiceSettings.model_fields)
    for name, service in SERVICES.items():
        lines += [f"## {name}", "", *_table(service.settings, common)]
    return "\n".join(lines)


def _table(settings: type[ServiceSettings], without: set[str]) -> list[str]:
    rows = [
        f"| `ASSENT_{name.upper()}` | {_default(field)} | {field.description or ''} |"
        for name, field in settings.model_fields.items()
        if name not in without
    ]
    return ["| variable | default | what |", "|---|---|---|", *rows, ""] if rows else ["Nothing beside what every service has.", ""]


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "*required*"
    if isinstance(field.default, SecretStr):
        return "*a secret*"
    if isinstance(field.default, tuple):
        return f"`{','.join(map(str, field.default))}`" if field.default else "empty"
    return f"`{field.default}`" if field.default != "" else "empty"


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files, or with `--check` say which are stale."""
    if "--check" in sys.argv[1:]:
        stale = [path for path, content in generated() if not path.exists() or path.read_text() != content]
        if stale:
            sys.exit("stale, run `make docs`: " + ", ".join(str(path.relative_to(ROOT)) for path in stale))
        return
    broken = freeze.freeze()
    if broken:
        sys.exit("\n".join(broken) + "\nMake a new major version of these events instead.")
    for path, content in generated():
        path.write_text(content)


if __name__ == "__main__":
    main()
