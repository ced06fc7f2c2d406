"""Where we go to ask a platform: over https, to public addresses, to the very address that was checked, and back within bounds."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support import TOKENS

from assent_survey.platforms import source
from assent_survey.platforms.source import PlatformAway, ask
from assent_survey.service.outbound import Forbidden, Meter, check_address, platform_client
from assent_survey.settings import SurveySettings

PUBLIC = "93.184.216.34"


@pytest.fixture
def settings() -> SurveySettings:
    """Of an installation in production, which asks nobody inside."""
    return SurveySettings(
        environment="production",
        database_url="postgresql://database/survey",
        bus_url="kafka://bus",
        gateway_public_key=TOKENS.public_key,
        survey_key="a key of this test only, long enough",
        public_url="https://assent.example",
    )


def resolve(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> list[str]:
    """Let every name have these addresses, each time it is asked for the next ones; answers the list of names asked for."""
    asked: list[str] = []

    def getaddrinfo(host: Any, port: int, **_: Any) -> list[Any]:
        found = rounds[min(len(asked), len(rounds) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
    ],
)
def test_no_name_leads_inside(settings: SurveySettings, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolve(monkeypatch, [PUBLIC, address])
    with pytest.raises(Forbidden):
        check_address("https://forms.example/api", settings)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_asked(settings: SurveySettings, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked = resolve(monkeypatch, [address])
    check_address("https://forms.example/api", settings)
    assert asked == [b"forms.example"]


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]:8443/", "https://2130706433/", "https://0x7f.1/"])
def test_no_spelling_of_an_address_leads_inside(settings: SurveySettings, url: str) -> None:
    with pytest.raises((Forbidden, PlatformAway)):
        check_address(url, settings)


def test_only_https_leads_out(settings: SurveySettings) -> None:
    with pytest.raises(Forbidden, match="https"):
        check_address("http://forms.example/api", settings)


class Sent(Exception):
    """Instead of going out."""

    def __init__(self, request: httpx.Request) -> None:
        self.request = request


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """What would go out; the first address does not answer."""
    requests: list[httpx.Request] = []

    def handle_request(_: Any, request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if len(requests) == 1:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200, json={})

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
    return requests


def test_what_was_checked_is_what_is_asked(
    settings: SurveySettings, monkeypatch: pytest.MonkeyPatch, sent: list[httpx.Request]
) -> None:
    names = resolve(monkeypatch, ["2606:2800:220:1::1", PUBLIC], ["127.0.0.1"])
    with platform_client(settings, Meter()) as client:
        answer = ask(client, "GET", "https://forms.example:8443/api")
        assert [request.url.host for request in sent] == ["2606:2800:220:1::1", PUBLIC]
        assert {(request.headers["host"], request.extensions["sni_hostname"]) for request in sent} == {
            ("forms.example:8443", "forms.example")
        }
        assert (str(answer.url), len(names)) == ("https://forms.example:8443/api", 1)
        with pytest.raises(Forbidden):
            ask(client, "GET", "https://forms.example:8443/api")


def test_redirects_are_not_followed(settings: SurveySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, [PUBLIC])
    elsewhere = httpx.Response(302, headers={"location": "https://127.0.0.1/"})
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda *_: elsewhere)
    with platform_client(settings, Meter()) as client, pytest.raises(PlatformAway, match="302"):
        ask(client, "GET", "https://forms.example/api")


class Endless(httpx.SyncByteStream):
    """An answer that never ends."""

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield b"x" * 65_536


@pytest.mark.parametrize(("bound", "value", "why"), [("LARGEST_ANSWER", None, "too large"), ("LONGEST_ANSWER", -1.0, "too long")])
def test_an_answer_without_an_end_is_trouble(monkeypatch: pytest.MonkeyPatch, bound: str, value: float | None, why: str) -> None:
    if value is not None:
        monkeypatch.setattr(source, bound, value)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Endless()))
    with httpx.Client(transport=transport) as client, pytest.raises(PlatformAway, match=why):
        ask(client, "GET", "https://forms.example/api")


def test_what_cannot_be_unpacked_is_trouble() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Endless()))
    with httpx.Client(transport=transport) as client, pytest.raises(PlatformAway, match="unpacked"):
        ask(client, "GET", "https://forms.example/api")
