"""A log line says what happened and where, and nothing of what a caller sent. What a whole installation logs: tests/e2e/test_canary.py."""

import asyncio
import gc
import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from assent_kit import logs

PERSONAL = "jane@example.org"


@pytest.fixture
def paper() -> Iterator[StringIO]:
    """What is logged, with the loggers put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    paper = StringIO()
    logs.set_up("survey", "info", paper)
    yield paper
    root.handlers = handlers
    root.setLevel(level)


def lines(paper: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in paper.getvalue().splitlines()]


def test_an_error_is_named_and_placed_but_not_quoted(paper: StringIO) -> None:
    mark = logs.request_id.set("req_1")
    try:
        raise KeyError(PERSONAL)
    except KeyError:
        logging.getLogger("assent").exception("unexpected", extra={"route": "/v1/studies/{study}"})
    logs.request_id.reset(mark)
    (line,) = lines(paper)
    assert line["error"] == "KeyError"
    assert "test_an_error_is_named_and_placed_but_not_quoted" in str(line["where"])
    assert {name: line[name] for name in ("level", "service", "logger", "message", "route", "request_id")} == {
        "level": "error",
        "service": "survey",
        "logger": "assent",
        "message": "unexpected",
        "route": "/v1/studies/{study}",
        "request_id": "req_1",
    }
    assert PERSONAL not in paper.getvalue()


def test_a_value_cannot_begin_a_line_of_its_own(paper: StringIO) -> None:
    logging.getLogger("assent").warning("said", extra={"reason": 'one\n{"level": "error"}'})
    assert [line["level"] for line in lines(paper)] == ["warning"]


async def test_an_error_that_nobody_fetched_is_not_quoted(paper: StringIO) -> None:
    async def fail() -> None:
        raise ValueError(PERSONAL)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    (line,) = lines(paper)
    assert line["message"] == "Task exception was never retrieved"
    assert line["error"] == "ValueError"
    assert PERSONAL not in paper.getvalue()


def test_a_library_that_quotes_senders_is_not_heard(paper: StringIO) -> None:
    logging.getLogger("python_multipart.multipart").warning("Unknown Content-Transfer-Encoding: %r", PERSONAL)
    assert paper.getvalue() == ""
