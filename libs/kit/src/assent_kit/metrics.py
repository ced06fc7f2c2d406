"""Prometheus metrics that every service has. Labels hold route templates and names, never ids.

Gateway and services may share one process, so each metric carries a `service` label. They are served on a port of their own, which only
the inside of an installation can reach.
"""

from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram, start_http_server

REQUESTS = Counter("assent_requests_total", "Answered requests", ["service", "method", "route", "status"])
REQUEST_SECONDS = Histogram("assent_request_seconds", "Time to answer a request", ["service", "route"])

OUTBOX_ROWS = Gauge("assent_outbox_rows", "Events that wait to be published", ["service"])
OUTBOX_AGE = Gauge("assent_outbox_age_seconds", "Age of the oldest event that waits", ["service"])
OUTBOX_SET_ASIDE = Counter("assent_outbox_set_aside_total", "Events that the bus refused twice", ["service"])
EVENTS_PUBLISHED = Counter("assent_events_published_total", "Events that the bus has acknowledged", ["service"])
EVENTS_CONSUMED = Counter("assent_events_consumed_total", "Events applied, or skipped as old", ["service", "outcome"])
POISON = Counter("assent_poison_total", "Events that could not be applied", ["service"])
CONSUMER_LAST = Gauge("assent_consumer_last_commit_seconds", "When the consumer last committed, in Unix time", ["service"])
DELIVERIES_HELD = Gauge(
    "assent_deliveries_held", "Deliveries that wait or that somebody must look at", ["service", "state", "reason"]
)
DELIVERIES_AGE = Gauge("assent_deliveries_age_seconds", "Age of the oldest of them, by state", ["service", "state"])
DELIVERIES = Counter("assent_deliveries_total", "Webhook deliveries by what became of them", ["service", "state"])


@lru_cache(maxsize=1024)  # to find them by their labels costs more than to count
def of_request(service: str, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """What counts the requests that were answered so, and what times them."""
    return REQUESTS.labels(service, method, route, status), REQUEST_SECONDS.labels(service, route)


def serve(host: str, port: int) -> None:
    """Answer Prometheus at this address, in a thread that ends with the process; port 0 means not at all."""
    if port:
        start_http_server(port, host)
