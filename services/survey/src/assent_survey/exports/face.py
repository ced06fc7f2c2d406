"""The one face of every format in which responses leave.

An exporter writes a codebook and batches of cases into an archive, as they come, and says beforehand what it cannot carry as it is. It
knows nothing of studies, storage or HTTP, and decides nothing about who is in: that is done before (domain/case_rows).
"""

from collections.abc import Iterable
from typing import Protocol

from assent_survey.domain.case_rows import Batch
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change
from assent_survey.exports.archive import Archive


class Exporter(Protocol):
    """What the rest of the service asks of a format."""

    name: str
    """As the API calls it, such as `sav`."""
    title: str
    """For people."""

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Every name and label that the format does not take as it is, and what stands for it."""

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write the files of the format. The batches are read once, as they come; there is at least one, which may be empty."""
