"""One OpenAPI document out of five.

Each part is what an app says about itself. A component that two parts define differently gets its part's name as a prefix; a path that
two parts own is an error, because then one of them could never be reached; jobs alone are everybody's, told apart by their ids. Health
and the like stay each part's own affair.
"""

from typing import Any

PREFIX = "/v1/"
SHARED_PREFIX = "/v1/studies/{study}/jobs/"  # every service has these; the gateway finds the owner by the job's id
OPEN_PREFIXES = ("/v1/hooks/", "/v1/p/")  # these need no bearer; the service checks the sender, or knows the token in the address
SCHEME = {"bearer": {"type": "http", "scheme": "bearer", "description": "an API key or an OIDC access token"}}

Document = dict[str, Any]


class PathOwnedTwice(ValueError):
    """Two parts own one path."""


def merge(parts: dict[str, Document], *, title: str, version: str, description: str = "") -> Document:
    """The merged document. `parts` is {name of the part: its document}; nothing in it is changed. Raises PathOwnedTwice."""
    clashing = _clashing(parts)
    paths: Document = {}
    components: Document = {"securitySchemes": SCHEME}
    owner: dict[str, str] = {}
    for part, document in parts.items():
        renamed = {kind: {name: f"{part.title()}{name}" for name in names} for kind, names in clashing.items()}
        for path, operations in document.get("paths", {}).items():
            if not path.startswith(PREFIX):
                continue
            if path in owner and path.startswith(SHARED_PREFIX):
                continue
            if path in owner:
                raise PathOwnedTwice(f"{path} belongs to both {owner[path]} and {part}")
            owner[path] = part
            paths[path] = _marked(_pointed(operations, renamed), part, open_to_all=path.startswith(OPEN_PREFIXES))
        for kind, entries in document.get("components", {}).items():
            room = components.setdefault(kind, {})
            for name, entry in entries.items():
                room[renamed.get(kind, {}).get(name, name)] = _pointed(entry, renamed)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": dict(sorted(paths.items())),
        "components": {kind: dict(sorted(entries.items())) for kind, entries in components.items()},
        "security": [{"bearer": []}],
    }


def _clashing(parts: dict[str, Document]) -> dict[str, set[str]]:
    """Names of components, by kind, that mean different things in different parts: defined differently, or by way of such a one."""
    defined: dict[tuple[str, str], list[Any]] = {}
    for document in parts.values():
        for kind, entries in document.get("components", {}).items():
            for name, entry in entries.items():
                defined.setdefault((kind, name), []).append(entry)
    clashing = {key for key, entries in defined.items() if any(entry != entries[0] for entry in entries)}
    while more := {key for key, entries in defined.items() if len(entries) > 1 and _references(entries) & clashing} - clashing:
        clashing |= more
    return {kind: {name for of_kind, name in clashing if of_kind == kind} for kind, _ in clashing}


def _references(value: Any) -> set[tuple[str, str]]:
    """The components that something refers to, as (kind, name)."""
    if isinstance(value, list):
        return set().union(*(_references(item) for item in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = _references(list(value.values()))
    if isinstance(value.get("$ref"), str):
        _, _, kind, name = value["$ref"].rsplit("/", 3)
        found.add((kind, name))
    return found


def _pointed(value: Any, renamed: dict[str, dict[str, str]]) -> Any:
    """A copy whose references follow the renaming."""
    if isinstance(value, list):
        return [_pointed(item, renamed) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _pointed(item, renamed) for key, item in value.items()}
    reference = copy.get("$ref")
    if isinstance(reference, str):
        head, _, name = reference.rpartition("/")
        kind = head.rpartition("/")[2]
        copy["$ref"] = f"{head}/{renamed.get(kind, {}).get(name, name)}"
    return copy


def _marked(operations: Document, part: str, *, open_to_all: bool) -> Document:
    """Operations tagged with their part, their ids made unique by it."""
    for operation in operations.values():
        if isinstance(operation, dict):
            operation["tags"] = [part]
            if open_to_all:
                operation["security"] = []
            if "operationId" in operation:
                operation["operationId"] = f"{part}_{operation['operationId']}"
    return operations
