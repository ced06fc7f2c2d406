"""From a batch of records to their effect: in one transaction, or, when that fails, event by event with the failing ones set aside.

Who polls and commits is `assent_kit.listening`; who reads the whole log is `assent_kit.replay`.
"""

import logging
from collections import deque
from collections.abc import Sequence

from sqlmodel import Session
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from assent_kit.bus import Record
from assent_kit.consumer import Consumers, UnreadableEvent, apply, read_event
from assent_kit.database import Database
from assent_kit.faults import passes_by_itself
from assent_kit.inbox import keep_poison, note_commit, share_turn
from assent_kit.metrics import EVENTS_CONSUMED, POISON

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often an event is tried alone before it is poison."""


class TooMuchPoison(RuntimeError):
    """So many events could not be applied that the fault is likely to be in the handlers or the database."""


class PoisonLimit:
    """How much poison is bearable: a share of the latest `window` events, once `enough` were seen, and how many in a row."""

    def __init__(self, *, ratio: float = 0.1, window: int = 1000, enough: int = 100, consecutive: int = 20) -> None:
        self._ratio, self._window, self._enough, self._consecutive = ratio, window, enough, consecutive
        self._latest: deque[bool] = deque(maxlen=window)

    def check(self, outcomes: Sequence[bool]) -> None:
        """Whether these events, True for poison, are still bearable after those counted. Raises TooMuchPoison."""
        latest = deque(self._latest, maxlen=self._window)
        latest.extend(outcomes)
        run = longest = 0
        for poisoned in latest:
            run = run + 1 if poisoned else 0
            longest = max(longest, run)
        if longest >= self._consecutive:
            raise TooMuchPoison(f"{longest} events in a row could not be applied; mend the handlers, then start again and redrive")
        if len(latest) >= self._enough and sum(latest) > self._ratio * len(latest):
            raise TooMuchPoison(f"{sum(latest)} of the latest {len(latest)} events could not be applied")

    def count(self, outcomes: Sequence[bool]) -> None:
        """Remember what became of these events."""
        self._latest.extend(outcomes)


class Applier:
    """Applies batches for one consumer."""

    def __init__(self, service: str, consumers: Consumers, database: Database, limit: PoisonLimit | None = None) -> None:
        self._service, self._consumers, self._database = service, consumers, database
        self._limit = limit or PoisonLimit()

    def apply(self, records: Sequence[Record]) -> int:
        """Apply a batch; returns how many events were new. Raises what passes by itself, and TooMuchPoison: then nothing is stored."""
        poisoned = [False] * len(records)
        try:
            applied = self._database.write_blocking(self._together, records)
        except Exception as error:
            if passes_by_itself(error):
                raise
            logger.warning("a batch failed; its events are tried one by one", extra={"error": type(error).__name__})
            applied, poisoned = self._database.write_blocking(self._one_by_one, records)
        self._limit.count(poisoned)
        POISON.labels(self._service).inc(sum(poisoned))
        EVENTS_CONSUMED.labels(self._service, "applied").inc(applied)
        EVENTS_CONSUMED.labels(self._service, "skipped").inc(len(records) - applied - sum(poisoned))
        return applied

    def _together(self, session: Session, records: Sequence[Record]) -> int:
        share_turn(session, self._consumers.group)
        applied = apply(session, self._consumers, [read_event(self._consumers, record) for record in records])
        note_commit(session, self._consumers.group)
        return applied

    def _one_by_one(self, session: Session, records: Sequence[Record]) -> tuple[int, list[bool]]:
        share_turn(session, self._consumers.group)
        applied, poisoned = 0, []
        for record in records:
            failure = None
            try:
                applied += apply_alone(session, self._consumers, record)
            except Exception as error:
                if passes_by_itself(error):
                    raise
                failure = error
                keep_poison(session, self._consumers.group, record, reason_of(error))
            poisoned.append(failure is not None)
        self._limit.check(poisoned)
        note_commit(session, self._consumers.group)
        return applied, poisoned


def apply_alone(session: Session, consumers: Consumers, record: Record) -> int:
    """Apply one event in a savepoint of its own, trying a few times. Raises UnreadableEvent or what the handler raised last."""
    arrival = read_event(consumers, record)
    again = retry_if_exception(lambda error: not passes_by_itself(error))
    applied = 0
    for attempt in Retrying(stop=stop_after_attempt(ATTEMPTS), retry=again, reraise=True):
        with attempt, session.begin_nested():
            applied = apply(session, consumers, [arrival])
    return applied


def reason_of(error: Exception) -> str:
    """What kind of error; only our own words are kept, because another error's text may quote a value."""
    return f"{type(error).__name__}: {error}" if isinstance(error, UnreadableEvent) else type(error).__name__
