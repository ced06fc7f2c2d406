"""Every platform that can be asked, under the same hard rules, with fakes of their APIs."""

import contextlib
import copy
import functools
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.survey.platforms.fakes import FAKES
from tests.survey.platforms.fakes.fake import TOKEN, Fake
from tests.survey.saying import START, Said
from tests.survey.senders import SENDERS

from assent_survey.domain.submission import Submission, Unreadable, Value
from assent_survey.platforms import PLATFORMS, SOURCES
from assent_survey.platforms.source import AccessRefused, Page, PlatformAway, SlowDown, Source

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(params=sorted(FAKES))
def fake(request: pytest.FixtureRequest) -> Fake:
    return FAKES[request.param]()


def names(value: Value) -> set[str]:
    """Every name of an answer."""
    match value:
        case tuple():
            return {name for choice in value for name in choice}
        case _:
            return {str(value)}


def submissions(fake: Fake, pages: list[Page]) -> dict[str, Submission]:
    """What the records of pages say, by our names of the responses."""
    read = [fake.source.read_record(record.raw) for page in pages for record in page.records]
    return {each.response_id: each for each in read}


def test_every_source_has_a_fake() -> None:
    assert set(FAKES) == set(SOURCES) - {"thin"}


def test_a_notice_is_answered_by_its_record(fake: Fake) -> None:
    fake.say(Said("r1", link_records="Fine", words="why not"), Said("r2"), Said("r3"))
    found = fake.fetch(["r1", "r2"])
    assert set(found) == {fake.response_id("r1"), fake.response_id("r2")}
    record = found[fake.response_id("r1")]
    assert record is not None
    assert record.response_id == fake.response_id("r1")
    submission = fake.source.read_record(record.raw)
    assert submission.response_id == fake.response_id("r1")
    assert submission.finished
    assert not submission.test
    assert "Fine" in names(submission.value(fake.fields["link_records"])[1])
    assert names(submission.value(fake.fields["own_words"])[1]) == {"why not"}
    assert submission.text(fake.fields["respondent"]) == "panel-0001"
    assert submission.text(fake.fields["design_weight"]) == "1.25"


def test_nothing_about_the_person_is_a_field_or_a_fact_nor_where_they_are_in_the_record(fake: Fake) -> None:
    fake.say(Said("r1"))
    [record] = fake.fetch(["r1"]).values()
    assert record is not None
    assert not any(trace in record.raw for trace in (b"jane.roe@example.org", b"192.0.2", b"54.9"))
    submission = fake.source.read_record(record.raw)
    told = {str(value) for value in (*submission.fields.values(), *submission.facts.values())} - {"because of Jane Roe"}
    assert not any(word in text for text in told for word in ("Jane", "Roe", "192.0.2", "54.9"))


def test_what_lags_is_none_and_comes_later(fake: Fake) -> None:
    fake.say(Said("r1"), Said("r2"))
    fake.lagging.add("r1")
    found = fake.fetch(["r1", "r2"])
    assert found[fake.response_id("r1")] is None
    assert found[fake.response_id("r2")] is not None
    fake.lagging.clear()
    assert fake.fetch(["r1"])[fake.response_id("r1")] is not None


def test_a_deleted_response_is_none(fake: Fake) -> None:
    fake.say(Said("r1"))
    fake.delete("r1")
    assert fake.fetch(["r1"]) == {fake.response_id("r1"): None}


def test_pages_hold_every_response_once_and_can_be_taken_up_anywhere(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    small(fake, monkeypatch)
    fake.say(*(Said(f"r{number}", minute=number) for number in range(5)))
    pages = patiently(fake)
    assert len([page for page in pages if page.records]) > 1
    assert set(submissions(fake, pages)) == {fake.response_id(f"r{number}") for number in range(5)}
    assert sum(len(page.records) for page in pages) == 5


def test_a_deletion_meanwhile_moves_no_other_response_out_of_sight(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    if not fake.is_steady:
        return  # its platform counts pages: what a listing misses is asked for by itself before it is taken for deleted
    small(fake, monkeypatch)
    fake.say(*(Said(f"r{number}", minute=number) for number in range(7)))
    pages = [fake.page()] if fake.name != "qualtrics" else [Page(())]
    seen = {record.response_id for page in pages for record in page.records}
    gone = sorted(name for name in fake.said if fake.response_id(name) in seen)[:1]
    for name in gone:
        fake.delete(name)
    rest = patiently(fake, cursor=pages[-1].cursor)
    assert seen | {record.response_id for page in rest for record in page.records} == {fake.response_id(f"r{n}") for n in range(7)}


def test_an_empty_platform_has_an_empty_page(fake: Fake) -> None:
    assert [record for page in patiently(fake) for record in page.records] == []


def test_partial_responses_are_told_and_not_finished(fake: Fake) -> None:
    fake.say(Said("r1", finished=False), Said("r2"))
    found = submissions(fake, patiently(fake))
    assert found[fake.response_id("r2")].finished
    if fake.has_partial:
        assert not found[fake.response_id("r1")].finished
    else:
        assert fake.response_id("r1") not in found


def test_since_leaves_out_what_is_older(fake: Fake) -> None:
    fake.say(Said("r1", minute=0), Said("r2", minute=60))
    found = submissions(fake, patiently(fake, since=START + timedelta(minutes=30)))
    assert fake.response_id("r2") in found
    assert (fake.response_id("r1") in found) is not fake.tells_since


def test_an_edit_changes_what_is_said(fake: Fake) -> None:
    fake.say(Said("r1", link_records="No"))
    [before] = submissions(fake, patiently(fake)).values()
    fake.say(Said("r1", link_records="Fine", minute=5))
    [after] = submissions(fake, patiently(fake)).values()
    assert (after.response_id, after.said() == before.said()) == (before.response_id, False)
    assert before.updated_at is None or after.updated_at is None or after.updated_at >= before.updated_at


@pytest.mark.parametrize("asking", ["fetch", "pages"])
def test_trouble_is_told_apart(fake: Fake, asking: str) -> None:
    fake.say(Said("r1"), Said("r2"))
    for mood, told in TROUBLES:
        fake.moods = [mood] * 9
        with pytest.raises(told):
            fake.fetch(["r1", "r2"]) if asking == "fetch" else fake.page()


TROUBLES: list[tuple[Any, type[Exception]]] = [
    (httpx.Response(401), AccessRefused),
    (httpx.Response(403, json={"error": "no"}), AccessRefused),
    (httpx.Response(429, headers={"retry-after": "7"}), SlowDown),
    (httpx.Response(500), PlatformAway),
    (httpx.Response(302, headers={"location": "https://elsewhere.test/"}), PlatformAway),
    (httpx.Response(200, text="<html>Under repair</html>"), PlatformAway),
    (httpx.Response(200, json="a text"), PlatformAway),
    (httpx.ConnectError("no route"), PlatformAway),
    (httpx.ReadTimeout("too slow"), PlatformAway),
]


def test_a_survey_that_is_not_there_is_no_access_and_not_a_failure_that_passes(fake: Fake) -> None:
    fake.moods = [httpx.Response(404)] * 9
    with pytest.raises(AccessRefused):
        fake.page()


@pytest.mark.parametrize("name", sorted(FAKES))
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_a_platform_answers_is_a_page_or_trouble_of_a_known_kind(name: str, data: st.DataObject) -> None:
    fake = FAKES[name]()
    fake.say(Said("r1"), Said("r2", finished=False))
    honest = fake.answer

    def garbled(request: httpx.Request) -> httpx.Response:
        answer = honest(request)
        if answer.headers.get("content-type") != "application/json":
            return answer
        return httpx.Response(answer.status_code, content=json.dumps(mutated(answer.json(), data)).encode())

    fake.answer = garbled  # type: ignore[method-assign]
    for ask in (fake.page, lambda: fake.fetch(["r1", "r2"])):
        with contextlib.suppress(AccessRefused, SlowDown, PlatformAway):
            ask()
    assert fake.requests


def test_a_pause_lasts_as_long_as_the_platform_asks(fake: Fake) -> None:
    fake.moods = [httpx.Response(429, headers={"retry-after": "7"})] * 3
    with pytest.raises(SlowDown) as asked:
        fake.page()
    assert asked.value.seconds == 7


def test_a_wrong_token_is_refused(fake: Fake) -> None:
    fake.say(Said("r1"))
    changed = dict.fromkeys(fake.token_names, TOKEN[::-1])
    with fake.client() as client, pytest.raises(AccessRefused):
        fake.source.pages(fake.access(**changed), client, since=None, cursor=None)


def test_the_token_is_neither_shown_nor_sent_elsewhere(fake: Fake) -> None:
    fake.say(Said("r1"))
    access = fake.access()
    assert TOKEN not in repr(access)
    fake.fetch(["r1"])
    patiently(fake)
    assert {request.url.host for request in fake.requests} == {httpx.URL(access.base_url).host}  # type: ignore[attr-defined]


@pytest.mark.parametrize("response", ["../../me", "..", ".", "a/b?c=d#e", "a%2fb", "x' or '1' eq '1"])
def test_no_id_leads_anywhere_else(fake: Fake, response: str) -> None:
    fake.say(Said("r1"))
    with fake.client() as client:
        notice = fake.notice("r1")
        forged = type(notice)(response, notice.happening, notice.address)
        found = list(fake.source.fetch(fake.access(), [forged], client))
    assert all(record is None or record.response_id == fake.response_id("r1") for _, record in found)
    paths = {request.url.raw_path.split(b"?")[0] for request in fake.requests}
    assert not any(b"/../" in path or path.endswith((b"/..", b"/me")) for path in paths)


def small(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two."""
    for constant, size in fake.sizes.items():
        monkeypatch.setattr(constant, size)


def patiently(fake: Fake, *, cursor: str | None = None, **wanted: Any) -> list[Page]:
    """Every page from a cursor on, asked for again where the platform asks to wait."""
    pages: list[Page] = []
    while not pages or cursor is not None:
        try:
            pages.append(fake.page(cursor=cursor, **wanted))
        except SlowDown:
            continue
        cursor = pages[-1].cursor
    return pages


SAY_THE_SAME = [name for name in sorted(FAKES) if name in SENDERS and name not in ("tally", "limesurvey")]
"""Those whose API names choices and columns as their webhook does: Tally tells texts only, LimeSurvey's codes are other names."""


@pytest.mark.parametrize("name", SAY_THE_SAME)
def test_the_api_says_what_the_webhook_said(name: str) -> None:
    fake, said = FAKES[name](), Said("r1", link_records="Fine", words="Łódź & 東京")
    fake.say(said)
    [record] = fake.fetch(["r1"]).values()
    assert record is not None
    asked, told = fake.source.read_record(record.raw), PLATFORMS[name].parse(SENDERS[name].body(said), {})
    assert isinstance(told, Submission)
    assert (asked.response_id, asked.said(), asked.finished) == (told.response_id, told.said(), told.finished)


@pytest.mark.parametrize("name", sorted(FAKES))
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_a_record_or_unreadable(name: str, raw: bytes) -> None:
    assert reads(SOURCES[name], raw) in (True, False)


@pytest.mark.parametrize("name", sorted(FAKES))
@given(data=st.data())
def test_any_value_in_the_place_of_another_is_read_or_unreadable(name: str, data: st.DataObject) -> None:
    body = mutated(a_record(name), data)
    assert reads(SOURCES[name], json.dumps(body).encode()) in (True, False)


def mutated(body: Any, data: st.DataObject) -> Any:
    """JSON with another value in one place."""
    body = copy.deepcopy(body)
    place = body
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.integers(0, 3)) == 0:
            place[key] = data.draw(JSON)
            return body
        place = place[key]
    return data.draw(JSON)


@functools.cache
def a_record(name: str) -> dict[str, Any]:
    """What a record of this platform holds."""
    fake = FAKES[name]()
    fake.say(Said("r1"))
    [record] = fake.fetch(["r1"]).values()
    assert record is not None
    return dict(json.loads(record.raw))


def reads(source: Source, raw: bytes) -> bool:
    """Whether a record can be read; if not, it says why."""
    try:
        submission = source.read_record(raw)
    except Unreadable as unreadable:
        assert str(unreadable)  # noqa: PT017 - the reason is shown to people
        return False
    assert submission.response_id
    assert submission.said()
    return True
