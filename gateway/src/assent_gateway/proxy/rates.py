"""How often somebody may ask: so many requests a minute for a principal, so many wrong keys for an address.

Counted by `limits` in this process; with several gateways each counts for itself. When counting fails, the request passes: a broken
counter must not close the house.
"""

import logging
import math
import time
from collections.abc import Callable

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from assent_gateway.problems import TooManyFailedAttempts, TooManyRequests
from assent_kit.upstream import Headers

logger = logging.getLogger("assent.rates")

WINDOW_SECONDS = 60


class Rates:
    """Both counters, and the `RateLimit` headers (IETF draft 10), which name the policy and never the principal."""

    def __init__(self, *, requests_per_minute: int, failures_per_minute: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(requests_per_minute, namespace="requests")
        self._failures = RateLimitItemPerMinute(failures_per_minute, namespace="failures")
        self._policy = (b"ratelimit-policy", f'"principal";q={requests_per_minute};w={WINDOW_SECONDS}'.encode())

    def count(self, principal: str) -> Headers:
        """Count one request and answer the headers to send. Raises TooManyRequests."""
        try:
            allowed = self._limiter.hit(self._requests, principal)
            resets_at, remaining = self._limiter.get_window_stats(self._requests, principal)
        except Exception as error:
            logger.error("requests are not being counted", extra={"error": type(error).__name__})
            return []
        wait = max(0, math.ceil(resets_at - time.time()))
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
