"""The page for those who check the estimates: what it names is there, takes what it says, and its examples run."""

import ast
import doctest
import importlib
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import assent_analytics

PAGE = Path(__file__).resolve().parents[2] / "docs" / "estimation.md"
ROOM = Path(assent_analytics.__file__).parent / "estimation"

WITHOUT_A_ROW = {"hypothesis_tests.cells": "what the tests are built from", "designs.stages": "what a design is built from"}
"""Modules that name an R call and have no row of their own, and why."""


def calls() -> Iterator[str]:
    """Every quoted name of the page that begins with a part of the room, or with `domain`, and its arguments if it has any.

    `x=` becomes `x=None`, so that it can be read as Python.
    """
    parts_of_room = [path.stem for path in ROOM.iterdir() if path.is_dir() or path.suffix == ".py"]
    beginning = "|".join(["domain", *(name for name in parts_of_room if not name.startswith("_"))])
    for found in re.findall(rf"`((?:{beginning})\.[^`]+)`", PAGE.read_text(encoding="utf-8")):
        yield re.sub(r"=(?=[,)])", "=None", found)


def rows() -> Iterator[list[str]]:
    """The rows of the tables that set our calls beside R's, cell by cell."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and cells[1] != "ours" and not set(cells[1]) <= set("-"):
            yield cells


CALLS = sorted(set(calls()))


def parts(call: str) -> tuple[str, ast.Call | None]:
    """A dotted name, and the arguments it is shown with if any."""
    parsed = ast.parse(call, mode="eval").body
    return (ast.unparse(parsed.func), parsed) if isinstance(parsed, ast.Call) else (ast.unparse(parsed), None)


def resolved(name: str) -> Any:
    """What a dotted name of the page stands for."""
    words = name.split(".")
    base = ["assent_analytics"] if words[0] == "domain" else ["assent_analytics", "estimation"]
    for length in range(len(words), 0, -1):
        try:
            found: Any = importlib.import_module(".".join([*base, *words[:length]]))
        except ModuleNotFoundError:
            continue
        for word in words[length:]:
            found = found.__dataclass_fields__[word] if word in getattr(found, "__dataclass_fields__", {}) else getattr(found, word)
        return found
    raise AssertionError(f"no module of {name}")


def choices(function: Callable[..., Any], argument: str) -> tuple[Any, ...]:
    """The words that an argument may be, or none where any will do."""
    of = function.__init__ if inspect.isclass(function) else function  # type: ignore[misc]
    hint = typing.get_type_hints(of).get(argument)
    hints = [hint, *typing.get_args(hint)]
    return tuple(word for one in hints if typing.get_origin(one) is typing.Literal for word in typing.get_args(one))


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row[0])
def test_every_row_names_something_of_ours(row: list[str]) -> None:
    assert row[1] == "`within=` of each method" or any(f"`{call.split('(')[0]}" in row[1] for call in CALLS)


@pytest.mark.parametrize("call", CALLS)
def test_what_the_tables_name_exists_and_takes_what_they_say(call: str) -> None:
    name, shown = parts(call)
    found = resolved(name)
    if shown is None:
        return
    accepted = list(inspect.signature(found).parameters)
    accepted = accepted[1:] if accepted[0] == "self" else accepted
    places = [ast.unparse(argument) for argument in shown.args]
    assert accepted[: len(places)] == places
    for keyword in shown.keywords:
        assert keyword.arg in accepted
        words = choices(found, keyword.arg or "")
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str) and words:
            assert keyword.value.value in words


def test_every_module_that_names_an_r_call_is_in_a_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    modules = [module for module in ROOM.rglob("*.py") if re.search(r"\bR: `", module.read_text(encoding="utf-8"))]
    names = [".".join(module.relative_to(ROOM).with_suffix("").parts) for module in modules]
    assert [name for name in sorted(names) if f"`{name}." not in page and name not in WITHOUT_A_ROW] == []


def test_the_examples_run() -> None:
    outcome = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert outcome.attempted > 20
    assert outcome.failed == 0
