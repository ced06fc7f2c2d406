"""A bus for the tests of the relay."""

from collections.abc import Sequence

from assent_kit.bus import BusError, BusUnavailable, Message, MessageRefused


class Stubborn:
    """A bus that keeps what it is told, and refuses or is away when it is told to."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.marked: list[str] = []
        self.refused: set[str] = set()
        self.batch_limit = 1_000
        self.away = False

    def producer(self) -> "Stubborn":
        return self

    def send(self, messages: Sequence[Message]) -> list[BusError | None]:
        if self.away:
            return [BusUnavailable("away")] * len(messages)
        if any(message.key in self.refused for message in messages):
            return [MessageRefused("no")] * len(messages)  # as a broker does: the whole batch
        self.heard += messages
        return [None] * len(messages)

    def mark(self, topics: Sequence[str]) -> None:
        self.marked += topics

    def close(self) -> None:
        pass
