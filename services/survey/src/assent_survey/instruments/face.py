"""The one face of every reader of instruments.

A reader takes the bytes of one file and makes a `Draft`. It knows nothing of studies, storage or HTTP, evaluates nothing that the file
says, and loads nothing from elsewhere. What it cannot carry it lists.
"""

from typing import Protocol

from assent_survey.domain.draft import Draft

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is read at all."""


class Reader(Protocol):
    """What the rest of the service asks of a format."""

    name: str
    """As the API calls it, such as `xlsform`."""
    title: str
    """For people."""

    def recognises(self, content: bytes, filename: str) -> bool:
        """Whether the file looks like one of this format: quick, and never an error."""

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:
        """The instrument. `language` chooses the main language where the file has several. Raises UnreadableInstrument."""
