"""The demo's client of the public API: it tries again, says what was refused, and calls hooks without its key."""

from collections.abc import Callable

import httpx
import pytest

from assent_standalone.demo import client
from assent_standalone.demo.client import Api, Refused
from assent_standalone.demo.conversations import span_of
from assent_standalone.demo.study import NotFoundOnce


def api_of(answer: Callable[[httpx.Request], httpx.Response]) -> Api:
    """A client whose server is a function."""
    http = httpx.AsyncClient(
        transport=httpx.MockTransport(answer), base_url="http://assent.test", headers={"Authorization": "Bearer key"}
    )
    return Api(http, "stu_1")


async def test_what_is_busy_is_asked_again_with_the_same_key() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["idempotency-key"])
        return httpx.Response(503, headers={"retry-after": "0"}) if len(asked) < 3 else httpx.Response(201, json={"id": "doc_1"})

    assert (await api_of(answer).create("/documents", {"title": "x"}))["id"] == "doc_1"
    assert len(asked) == 3
    assert len(set(asked)) == 1


async def test_other_bodies_have_other_keys() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["idempotency-key"])
        return httpx.Response(201, json={"id": "x"})

    api = api_of(answer)
    await api.create("/codes", {"name": "a"})
    await api.create("/codes", {"name": "b"})
    await api.create("/codes", {"name": "b"}, key="again")
    assert len(set(asked)) == 3


async def test_a_refusal_is_told_in_the_words_of_its_problem() -> None:
    problem = {
        "status": 422,
        "code": "invalid_request",
        "title": "Invalid",
        "errors": [{"pointer": "/title", "message": "is missing"}],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json=problem, headers={"content-type": "application/problem+json"})

    with pytest.raises(Refused, match="422 invalid_request: Invalid /title: is missing"):
        await api_of(answer).get("/documents")


async def test_a_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_PAUSE_SECONDS", 0.0)

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    with pytest.raises(Refused, match="ConnectError"):
        await api_of(answer).get("/documents")


async def test_hooks_are_called_without_the_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        assert request.headers["webhook-id"] == "1"
        assert request.content == b'{"a":1}'
        return httpx.Response(200)

    await api_of(answer).call_hook("https://elsewhere.test/v1/hooks/con_1", b'{"a":1}', {"webhook-id": "1"})


async def test_a_list_is_read_to_its_end() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        second = request.url.params.get("cursor") == "more"
        return httpx.Response(
            200, json={"items": [{"id": "2"}], "next": None} if second else {"items": [{"id": "1"}], "next": "more"}
        )

    assert [item["id"] async for item in api_of(answer).all("/codes")] == ["1", "2"]


def test_a_quote_is_found_in_its_turn() -> None:
    turns = [{"n": 1, "text": "And you?"}, {"n": 2, "text": "I would say yes to it."}]
    assert span_of("would say", turns) == {"start": {"turn": 2, "offset": 2}, "end": {"turn": 2, "offset": 11}}
    assert span_of("you? I would", turns) == {"start": {"turn": 1, "offset": 4}, "end": {"turn": 2, "offset": 7}}
    with pytest.raises(NotFoundOnce):
        span_of("o", turns)
