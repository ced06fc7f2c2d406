"""Going out to a platform: over https, to public addresses only unless the installation says otherwise, without following redirects.

A researcher enters the platform's address; it must not become a way into the installation's own network. Every name is resolved and
checked before each request, and what is asked is counted, because platforms count it too.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from assent_survey.platforms.source import PlatformAway
from assent_survey.settings import SurveySettings

SECONDS = httpx.Timeout(30.0, connect=10.0)


class Forbidden(Exception):
    """The address is one where we do not go."""


class Meter:
    """Counts the requests that a client makes."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, _: httpx.Request) -> None:
        """One more."""
        self.requests += 1


@contextmanager
def platform_client(settings: SurveySettings, meter: Meter) -> Iterator[httpx.Client]:
    """A client for one platform's API. Raises Forbidden from any request to an address where we do not go."""

    def check(request: httpx.Request) -> None:
        check_address(str(request.url), settings)

    hooks: dict[str, list[Any]] = {"request": [check, meter]}
    with httpx.Client(timeout=SECONDS, event_hooks=hooks, trust_env=False, follow_redirects=False) as client:
        yield client


def check_address(url: str, settings: SurveySettings) -> None:
    """Raises Forbidden for an address where we do not go, and PlatformAway for a name that cannot be resolved."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not settings.in_development:
        raise Forbidden("the platform's address must begin with https://")
    if settings.survey_private_platforms or settings.in_development:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PlatformAway("the platform's name cannot be resolved") from error
    if not all(ipaddress.ip_address(each[4][0]).is_global for each in found):
        raise Forbidden("the platform's address is inside a private network; ASSENT_SURVEY_PRIVATE_PLATFORMS allows that")
