"""When to stop asking an upstream that does not answer: a small circuit breaker.

Closed, it watches the last outcomes; when most of them failed it opens and refuses for a while; then one request may try (half open),
and what becomes of it decides. The caller gives the time, in seconds of any steady clock. What counts as failing is no answer at
all; a service that answers, whatever the status, is alive.
"""

from collections import deque

WINDOW = 20
LEAST_OUTCOMES = 5
FAILING_SHARE = 0.5
REST_SECONDS = 5.0


class Breaker:
    """One upstream's. Every `allows` that answers True is followed by one of `succeeded`, `failed` and `abandoned`."""

    def __init__(self, *, rest_seconds: float = REST_SECONDS) -> None:
        self._rest_seconds = rest_seconds
        self._outcomes: deque[bool] = deque(maxlen=WINDOW)
        self._open_until: float | None = None
        self._probing = False

    def allows(self, now: float) -> bool:
        """Whether a request may go on."""
        if self._open_until is None:
            return True
        if now < self._open_until or self._probing:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """It answered."""
        if self._open_until is not None:
            self._close()
        elif self._outcomes:  # while all is well there is nothing to remember
            self._outcomes.append(True)

    def failed(self, now: float) -> None:
        """It did not answer."""
        if self._probing:
            self._rest(now)
            return
        self._outcomes.append(False)
        failures = self._outcomes.count(False)
        if failures >= LEAST_OUTCOMES and failures >= FAILING_SHARE * len(self._outcomes):
            self._rest(now)

    def abandoned(self) -> None:
        """The caller left before anything could be said about the upstream."""
        self._probing = False

    def waits(self, now: float) -> float:
        """Seconds until it may be tried again; 0 when it may now."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def _rest(self, now: float) -> None:
        self._probing = False
        self._open_until = now + self._rest_seconds

    def _close(self) -> None:
        self._probing = False
        self._open_until = None
        self._outcomes.clear()
