"""A participant's consent: what an append-only ledger of forms adds up to.

Each entry says on what day, by which form, which uses of the participant's talk were agreed to, refused or taken back. What holds now is
a fold over the entries in the order of their days, not of their arrival: a paper form entered late never overrules a later withdrawal.
Nothing is consented to unless taking part is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from assent_contracts.stances import ConsentUse

Decision = Literal["given", "withdrawn"]

USES: tuple[ConsentUse, ...] = get_args(ConsentUse)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger.

    `given`: the uses marked true are agreed to, those marked false refused. `withdrawn`: the uses marked true are taken back.
    A use that is not named stays as it was.
    """

    decision: Decision
    uses: Mapping[ConsentUse, bool]
    at: datetime
    form_version: str | None = None

    @property
    def leaves(self) -> bool:
        """Whether this takes back taking part, and with it everything."""
        return self.decision == "withdrawn" and self.uses.get("take_part", False)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a participant consents to now, and the form that was given last (None before any)."""

    uses: frozenset[ConsentUse] = frozenset()
    form_version: str | None = None

    def in_order(self) -> tuple[ConsentUse, ...]:
        """The uses in the customary order."""
        return tuple(use for use in USES if use in self.uses)

    def allows(self, use: ConsentUse) -> bool:
        """Whether the participant's words may be put to this use; publishing a quotation online needs consent to quotation too."""
        return self.uses >= ({"take_part", "quote", use} if use == "publish_online" else {"take_part", use})


def current(entries: Iterable[Entry]) -> Consent:
    """The consent that the ledger adds up to. Of entries of one moment, refusals and withdrawals weigh more than agreement."""
    agreed: set[ConsentUse] = set()
    form_version: str | None = None
    for entry in sorted(entries, key=_weight):
        named = {use for use, marked in entry.uses.items() if marked}
        if entry.decision == "given":
            agreed = (agreed | named) - (entry.uses.keys() - named)
            form_version = entry.form_version
        else:
            agreed -= named
    return Consent(uses=frozenset(agreed) if "take_part" in agreed else frozenset(), form_version=form_version)


def overtaken(entry: Entry, entries: Iterable[Entry]) -> bool:
    """Whether a withdrawal has no effect among `entries`, because a form of a later moment gave the use again."""
    taken_back = {use for use, marked in entry.uses.items() if marked}
    return entry.decision == "withdrawn" and bool(taken_back & current(entries).uses)


def _weight(entry: Entry) -> tuple[datetime, bool, bool, str, list[tuple[ConsentUse, bool]]]:
    """The order of the fold: by day, and within a moment such that what takes away comes last."""
    return (
        entry.at,
        entry.decision == "withdrawn",
        not all(entry.uses.values()),
        entry.form_version or "",
        sorted(entry.uses.items()),
    )
