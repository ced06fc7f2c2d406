"""Which of several submissions of one response stands, whatever the order in which they are applied.

Where the sender gives a version or a time of update, the newest content stands; a tie is broken by the content itself. Where it gives
neither, the last to arrive stands, except that a partial one never replaces a finished one. A response that was ever finished stays
finished. So every order of application, with any repetition, ends in the same state.
"""

from dataclasses import dataclass, replace
from typing import Literal

from assent_survey.domain.coding import Coded

Verdict = Literal["first", "newer", "same", "older"]


@dataclass(frozen=True, slots=True)
class Account:
    """One state of a response: who, what was said, and what puts it in order.

    `said` is a digest of the answers as they were sent and `size` their number; `arrival` sorts by time of arrival. `finished` is what
    this content says of itself, `complete` whether any submission of the response ever said so. `form_version` is the platform's name
    of the version of its form, and tells nothing new by itself.
    """

    respondent: str
    said: str
    size: int
    arrival: str
    revision: float | None
    finished: bool
    complete: bool
    test: bool
    coded: Coded
    form_version: str | None = None


def follow(kept: Account | None, arrived: Account) -> tuple[Verdict, Account]:
    """What the arrival is to what is kept, and what stands after it. `same` and `older` keep the content but may finish it."""
    if kept is None:
        return "first", arrived
    complete = kept.complete or arrived.complete
    if (arrived.said, arrived.respondent) == (kept.said, kept.respondent):
        stands, verdict = _latest(kept, arrived), "same"
    elif _is_newer(kept, arrived):
        stands, verdict = arrived, "newer"
    else:
        stands, verdict = kept, "older"
    coded = stands.coded.finished() if complete else stands.coded
    return verdict, replace(stands, complete=complete, coded=coded)  # type: ignore[return-value]  # a literal, widened by the branches


def differs(before: Account, after: Account) -> bool:
    """Whether there is anything new to say: other answers, another coding of them, or the response is now finished."""
    return _told(before) != _told(after)


def _told(account: Account) -> tuple[object, ...]:
    return account.respondent, account.said, account.complete, account.test, account.coded


def _latest(kept: Account, arrived: Account) -> Account:
    """The same answers again: as coded now, and with the later place in the order."""
    revisions = [each for each in (kept.revision, arrived.revision) if each is not None]
    finished, arrival = max(_place(kept), _place(arrived))
    revision = max(revisions, default=None)
    return replace(arrived, arrival=arrival, revision=revision, finished=finished, test=kept.test and arrived.test)


def _place(account: Account) -> tuple[bool, str]:
    """Its place among accounts of a sender that gives no order: finished ones are later than partial ones."""
    return account.finished, account.arrival


def _is_newer(kept: Account, arrived: Account) -> bool:
    if kept.revision is not None and arrived.revision is not None:
        return (arrived.revision, arrived.size, arrived.said) > (kept.revision, kept.size, kept.said)
    return _place(arrived) > _place(kept)
