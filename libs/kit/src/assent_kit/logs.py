"""One JSON object a line on standard error, without personal data: route templates instead of paths, names of errors instead of texts.

What may be logged is what a caller passes in `extra`; bodies, headers and query strings never are.
"""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

request_id: ContextVar[str] = ContextVar("request_id", default="")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; control characters in values are escaped by it."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage().partition("\n")[0],  # below it, asyncio quotes the errors that nobody fetched
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if current := request_id.get():
            line["request_id"] = current
        if record.exc_info and record.exc_info[0]:
            # The text of an exception may quote what a caller sent; where it was raised may not.
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return json.dumps(line, default=str)


def set_up(service: str, level: str, stream: TextIO | None = None) -> None:
    """Send every logger's lines to standard error, or to another stream, as JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = name != "uvicorn.access"
    for chatty in ("httpx", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel("WARNING")
    logging.getLogger("python_multipart").setLevel("ERROR")  # it quotes what senders sent
    logging.getLogger("kafka").setLevel("CRITICAL")  # it shouts while a broker is away; that is told once by who tries again


def _places(trace: object) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code  # type: ignore[attr-defined]
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")  # type: ignore[attr-defined]
        trace = trace.tb_next  # type: ignore[attr-defined]
    return places[-8:]
