"""Going out to a platform: over https, to public addresses only unless the installation says otherwise, without following redirects.

A researcher enters the platform's address; it must not become a way into the installation's own network. Every name is resolved and
checked before each request, and the connection is made to the very address that was checked, since a name may lead elsewhere when it
is resolved again. What is asked is counted, because platforms count it too. How much of an answer is read is the `Source`'s.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import httpx

from assent_survey.platforms.source import PlatformAway
from assent_survey.settings import SurveySettings

SECONDS = httpx.Timeout(30.0, connect=10.0)
_GLOBAL = ipaddress.IPv6Network("2000::/3")  # all that is given out (RFC 4291)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # how a network of IPv6 alone reaches one of IPv4 (RFC 6052)


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
    hooks: dict[str, list[Any]] = {"request": [meter]}
    transport = _Guarded(settings)
    with httpx.Client(transport=transport, timeout=SECONDS, event_hooks=hooks, trust_env=False, follow_redirects=False) as client:
        yield client


def check_address(url: str, settings: SurveySettings) -> None:
    """Raises Forbidden for an address where we do not go, and PlatformAway for a name that cannot be resolved."""
    _addresses(httpx.URL(url), settings)


class _Guarded(httpx.HTTPTransport):
    """Sends a request to the addresses that were checked, one after the other until one answers; the certificate is the name's."""

    def __init__(self, settings: SurveySettings) -> None:
        super().__init__(trust_env=False)
        self._settings = settings

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        addresses = _addresses(request.url, self._settings)
        if not addresses:
            return super().handle_request(request)
        *others, last = (_sent_to(address, request) for address in addresses)
        for sent in others:
            try:
                return super().handle_request(sent)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return super().handle_request(last)


def _sent_to(address: IPv4Address | IPv6Address, request: httpx.Request) -> httpx.Request:
    """The request with this address in the place of the name; the name stays in `Host` and in the handshake."""
    host = str(address) if address.version == 4 else f"[{address}]"
    extensions = {**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")}
    return httpx.Request(
        request.method, request.url.copy_with(host=host), headers=request.headers, stream=request.stream, extensions=extensions
    )


def _addresses(url: httpx.URL, settings: SurveySettings) -> list[IPv4Address | IPv6Address]:
    """Where a request may go; nothing where the installation lets it go anywhere. Raises Forbidden, PlatformAway."""
    if url.scheme != "https" and not settings.in_development:
        raise Forbidden("the platform's address must begin with https://")
    if settings.survey_private_platforms or settings.in_development:
        return []
    try:
        found = socket.getaddrinfo(url.raw_host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PlatformAway("the platform's name cannot be resolved") from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(each[4][0]) for each in found))
    if not all(_is_public(address) for address in addresses):
        raise Forbidden("the platform's address is inside a private network; ASSENT_SURVEY_PRIVATE_PLATFORMS allows that")
    return addresses


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it leads out, also where an IPv4 address is hidden in one of IPv6."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL or address.sixtofour is not None:
            return False
    return address.is_global and not address.is_multicast
