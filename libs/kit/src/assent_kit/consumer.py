"""What a service hears: handlers by topic, and how a batch of events becomes their effect exactly once.

A consumer keeps the newest version it has applied of every key, in the transaction of the effect; older or equal ones do nothing. So
duplicates, disorder across keys and a late redelivery are harmless, and a tombstone's version keeps what it ended from coming back.
The loop that polls, retries and commits is `assent_kit.listening`; a rebuild is `assent_kit.replay`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from assent_contracts.envelope import Envelope
from assent_contracts.events.state import State
from assent_contracts.registry import EVENT_TYPES, Topic
from assent_kit.bus import Record
from assent_kit.inbox import forget_poison, take_versions
from assent_kit.outbox import LONGEST_KEY


@dataclass(frozen=True, slots=True)
class Change:
    """An aggregate as it is now. `state` is None when it was removed or withdrawn; `type` is the event's."""

    key: str
    study: str
    version: int
    type: str
    state: Any


Handler = Callable[[Session, list[Change]], None]


class Consumers:
    """The handlers of one service, under the name of its consumer group.

    **Usage**: `consumers = Consumers("analytics")`, then `@consumers.on(registry.RESPONSES)` above a function of a session and a list of
    changes, at most one of a key. `@consumers.when_rebuilding` above a function of a session that empties what the handlers have built.
    """

    def __init__(self, group: str) -> None:
        self.group = group
        self.handlers: dict[str, Handler] = {}
        self.topics: dict[str, Topic] = {}
        self._empty: list[Callable[[Session], None]] = []

    def on(self, topic: Topic) -> Callable[[Handler], Handler]:
        """Hear a topic. Raises ValueError when it already has a handler."""
        if topic.name in self.handlers:
            raise ValueError(f"{topic.name} already has a handler in {self.group}")

        def register(handler: Handler) -> Handler:
            self.handlers[topic.name] = handler
            self.topics[topic.name] = topic
            return handler

        return register

    def when_rebuilding(self, empty: Callable[[Session], None]) -> Callable[[Session], None]:
        """Have `empty` delete what the handlers have built before it is built again."""
        self._empty.append(empty)
        return empty

    def empty(self, session: Session) -> None:
        """Delete what the handlers have built."""
        for empty in self._empty:
            empty(session)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that could be read as an event."""

    topic: str
    change: Change


class UnreadableEvent(ValueError):
    """A record that is no event of ours; its text names fields, never values."""


def read_event(consumers: Consumers, record: Record) -> Arrival:
    """The event in a record. Raises UnreadableEvent."""
    topic = consumers.topics[record.topic]
    try:
        envelope = Envelope.from_headers(dict(record.headers))
    except ValueError as error:
        raise UnreadableEvent(str(error)) from error
    known = EVENT_TYPES.get(envelope.type)
    if known is None or known.topic.name != topic.name:
        raise UnreadableEvent(f"{topic.name} does not carry events of this type")
    if envelope.subject != record.key or not record.key.isprintable() or len(record.key) > LONGEST_KEY:
        raise UnreadableEvent("the key is not the subject, or is no key")
    if not 1 <= envelope.version < 2**63:
        raise UnreadableEvent("the version is out of range")
    state = None if record.value is None else _state(topic, record.value)
    if (state is None) != known.tombstone:
        raise UnreadableEvent(f"{known.type} {'must be' if known.tombstone else 'cannot be'} a tombstone")
    return Arrival(record.topic, Change(record.key, envelope.study, envelope.version, envelope.type, state))


def _state(topic: Topic, value: bytes) -> State:
    try:
        return topic.state.model_validate_json(value)
    except ValueError as error:
        fields = [".".join(map(str, e["loc"])) or e["type"] for e in error.errors()] if hasattr(error, "errors") else ["value"]
        raise UnreadableEvent(f"the state does not fit: {', '.join(fields[:10])}") from error


def apply(session: Session, consumers: Consumers, arrivals: Iterable[Arrival]) -> int:
    """Hand the newest change of each key to its handler unless it was applied before; returns how many were new.

    Taking the versions first also locks them: of two transactions with the same key the later sees what the earlier has applied.
    """
    newest: dict[str, dict[str, Change]] = {}
    for arrival in arrivals:
        changes = newest.setdefault(arrival.topic, {})
        if arrival.change.key not in changes or changes[arrival.change.key].version < arrival.change.version:
            changes[arrival.change.key] = arrival.change
    applied = 0
    for topic in sorted(newest):
        versions = {key: change.version for key, change in newest[topic].items()}
        newer = take_versions(session, consumers.group, topic, versions)
        if taken := [change for key, change in newest[topic].items() if key in newer]:
            consumers.handlers[topic](session, taken)
            forget_poison(session, consumers.group, topic, [change.key for change in taken])
            applied += len(taken)
    return applied
