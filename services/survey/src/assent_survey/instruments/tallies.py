"""Things that many questions of a file have and no item carries, told once with the names of the questions instead of once for each."""

import re
from collections.abc import Iterable, Mapping

from assent_survey.instruments.drafting import Drafting
from assent_survey.instruments.sorted_options import Option

_NAMED = 5
_IN_BRACES = re.compile(r"\{[^{}\s][^{}]*\}|\$e\{[^{}]+\}")
FILLED_IN = "words that are filled in while somebody answers: they stay as the file writes them"


class Tallies:
    """**Usage**: `tallies.note("must be answered", "q1"); tallies.tell(drafting)`."""

    def __init__(self) -> None:
        self._noted: dict[str, dict[str, None]] = {}

    def note(self, what: str, where: str) -> None:
        """That the question at `where` has it."""
        self._noted.setdefault(what, {})[where] = None

    def note_those(self, besides: Mapping[str, object], where: str) -> None:
        """That the question at `where` has each of these that is true."""
        for what, there in besides.items():
            if there:
                self.note(what, where)

    def note_filled_in(self, where: str, wording: str, options: Iterable[Option] = ()) -> None:
        """That words in braces, such as an earlier answer, are filled in while somebody answers, where there are any."""
        if any(map(_IN_BRACES.search, (wording, *(each.label for each in options)))):
            self.note(FILLED_IN, where)

    def tell(self, drafting: Drafting) -> None:
        """List each as one loss."""
        for what, noted in self._noted.items():
            named = ", ".join(list(noted)[:_NAMED])
            more = len(noted) - _NAMED
            drafting.lose(f"{named} and {more} more" if more > 0 else named, what)
