"""How often somebody may ask: so many requests a minute for a principal, so many wrong keys for an address.

Counted by `limits` in this process; with several gateways each counts for itself. When counting fails, the request passes: a broken
counter must not close the house.
"""

import logging
import math
import time
from collections.abc import Callable

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from assent_gateway.problems import TooManyFailedAttempts, TooManyRequests
from assent_kit.upstream import Headers

logger = logging.getLogger("assent.rates")

WINDOW_SECONDS = 60


class Counters(Storage):
    """Counters in this process, for fixed windows. The library's own starts a thread every few requests, which stalls the event loop."""

    STORAGE_SCHEME = None
    most = 50_000

    def __init__(self) -> None:
        super().__init__()
        self._counters: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """What counting may raise: nothing of its own."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window that ends `expiry` seconds after its first request."""
        now = time.time()
        count, ends = self._counters.get(key, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + expiry
            if len(self._counters) >= self.most:
                self._make_room(now)
        self._counters[key] = (count + amount, ends)
        return count + amount

    def _make_room(self, now: float) -> None:
        """Forget what has ended; when hardly anything has, forget everything rather than search again for each newcomer."""
        self._counters = {name: counter for name, counter in self._counters.items() if counter[1] > now}
        if len(self._counters) > self.most // 2:
            self._counters.clear()

    def window(self, key: str) -> tuple[int, float]:
        """The count in the present window, and when that ends in Unix seconds."""
        return self._counters.get(key, (0, time.time()))

    def get(self, key: str) -> int:
        """The count in the present window."""
        count, ends = self._counters.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in Unix seconds."""
        return self.window(key)[1]

    def check(self) -> bool:
        """It is there."""
        return True

    def reset(self) -> int:
        """Forget everything."""
        count = len(self._counters)
        self._counters.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._counters.pop(key, None)


class Rates:
    """Both counters, and the `RateLimit` headers (IETF draft 10), which name the policy and never the principal."""

    def __init__(self, *, requests_per_minute: int, failures_per_minute: int) -> None:
        self._counters = Counters()
        self._limiter = FixedWindowRateLimiter(self._counters)
        self._requests = RateLimitItemPerMinute(requests_per_minute, namespace="requests")
        self._failures = RateLimitItemPerMinute(failures_per_minute, namespace="failures")
        self._policy = (b"ratelimit-policy", f'"principal";q={requests_per_minute};w={WINDOW_SECONDS}'.encode())

    def count(self, principal: str) -> Headers:
        """Count one request and answer the headers to send. Raises TooManyRequests."""
        try:
            allowed = self._limiter.hit(self._requests, principal)
            count, resets_at = self._counters.window(self._requests.key_for(principal))
        except Exception as error:
            logger.error("requests are not being counted", extra={"error": type(error).__name__})
            return []
        wait = max(0, math.ceil(resets_at - time.time()))
        remaining = max(0, self._requests.amount - count)
        headers = [self._policy, (b"ratelimit", b'"principal";r=%d;t=%d' % (remaining, wait))]
        if not allowed:
            raise TooManyRequests(headers={name.decode(): value.decode() for name, value in headers} | {"Retry-After": str(wait)})
        return headers

    def refuse_guessing(self, address: str) -> None:
        """Raises TooManyFailedAttempts for an address that has tried too many wrong keys."""
        if not self._passes(self._limiter.test, address):
            raise TooManyFailedAttempts(headers={"Retry-After": str(WINDOW_SECONDS)})

    def count_failure(self, address: str) -> None:
        """Count one wrong key or token; the last that is allowed raises an alarm in the log."""
        self._passes(self._limiter.hit, address)
        if not self._passes(self._limiter.test, address):
            logger.warning("an address tries keys", extra={"failures_per_minute": self._failures.amount})

    def _passes(self, check: Callable[[RateLimitItem, str], bool], address: str) -> bool:
        try:
            return bool(check(self._failures, address))
        except Exception as error:
            logger.error("wrong keys are not being counted", extra={"error": type(error).__name__})
            return True
