"""What a parent sees by their token, and the way out. Names, words and numbers here are made up."""

import itertools
import logging
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from prometheus_client import generate_latest
from tests.survey.fieldwork import TOPICS, issue, put_sheet, respond, sheet_text
from tests.survey.house import HOME, House
from tests.survey.senders import Said

from assent_kit.logs import JsonLines
from assent_survey.domain.blind import new_token

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORM = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
ATTACK = '<script>alert("x")</script>&{date}'


class Page(HTMLParser):
    """What a page is made of: its tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == [], "tags that are not closed"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self.open else ""

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


async def page(house: House, path: str, **query: str) -> Page:
    got = await house.platform.get(path, headers=BROWSER, params=query)
    assert got.status_code == 200, got.text
    return Page(got.text)


async def parent(house: House, **answers: Any) -> tuple[str, str]:
    """A parent who has answered; their collection and their token."""
    collection = await house.collection()
    await put_sheet(house, collection)
    (token,) = await issue(house, collection)
    await respond(house, collection, token, **answers)
    return collection, token


async def test_a_parent_reads_what_is_held_in_the_words_of_the_questions(any_house: House) -> None:
    house = any_house
    _, token = await parent(
        house, lone_parent="prefer_not", own_words="because of\nthe police", design_weight=1.25, design_stratum="north"
    )
    held = (await house.platform.get(f"/v1/p/{token}")).json()
    (response,) = held["responses"]
    assert [(each["question"], each["answers"], each["unanswered"]) for each in response["answers"]] == [
        ("Do you agree to take part?", ["Yes"], None),
        ("Your council joins school and police records. How acceptable is this?", ["Not acceptable"], None),
        ("Are you bringing up a child on your own?", [], "no_answer"),
        ("Why?", ["because of\nthe police"], None),
    ]
    assert [(each["question"], each["answers"]) for each in response["calculation"]] == [
        ("Weight", ["1.25"]),
        ("Stratum", ["north"]),
    ]
    assert (response["consented"], response["complete"], response["information_sheet"]) == (True, True, "1")
    assert len(response["received_on"]) == len("2026-05-03")
    assert "groups" not in str(held)
    shown = await page(house, f"/v1/p/{token}")
    for words in (
        "Not acceptable",
        "because of",
        "You agreed to take part.",
        "About nature",
        "A made-up helpline",
        "team@study.example",
    ):
        assert words in shown.text


async def test_the_page_needs_no_script_and_nothing_from_elsewhere(house: House) -> None:
    _, token = await parent(house)
    for path in (f"/v1/p/{token}", f"/v1/p/{token}/withdraw"):
        got = await house.platform.get(path, headers=BROWSER)
        shown = Page(got.text)
        assert {tag for tag, _ in shown.tags} & {"script", "img", "link", "iframe", "object"} == set()
        assert not any(name.startswith("on") or name == "style" for _, attributes in shown.tags for name in attributes)
        headers = got.headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in headers["content-security-policy"]
        assert "set-cookie" not in headers


async def test_the_page_can_be_read_aloud(house: House) -> None:
    _, token = await parent(house)
    shown = await page(house, f"/v1/p/{token}")
    (root,) = shown.named("html")
    assert (root["lang"], root["dir"]) == ("en", "ltr")
    levels = [int(tag[1]) for tag, _ in shown.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(shown.named("title")) == len(shown.named("main")) == 1
    assert any("width=device-width" in (each.get("content") or "") for each in shown.named("meta"))
    asked = await page(house, f"/v1/p/{token}/withdraw")
    assert [each["type"] for each in asked.named("button")] == ["submit"]


async def test_what_a_study_or_a_parent_wrote_is_text_and_nothing_else(house: House) -> None:
    collection = await house.collection()
    hostile = sheet_text(ATTACK)
    hostile["sections"][0] |= {"heading": ATTACK, "text": ATTACK}
    hostile["contacts"][0]["name"] = hostile["support"][0]["what"] = hostile["support"][0]["hours"] = ATTACK
    await put_sheet(house, collection, en=hostile, cy=sheet_text(ATTACK))
    (token,) = await issue(house, collection)
    await respond(house, collection, token, own_words=ATTACK)
    shown = await page(house, f"/v1/p/{token}")
    assert shown.named("script") == []
    assert shown.text.count(ATTACK) >= 7


async def test_reading_withdraws_nobody_and_a_form_asks_first(any_house: House) -> None:
    house = any_house
    _, token = await parent(house)
    for path in (f"/v1/p/{token}", f"/v1/p/{token}/withdraw"):
        await page(house, path)
        assert (await house.platform.head(path)).status_code == 405
    unconfirmed = await house.platform.post(f"/v1/p/{token}/withdraw", content="", headers=FORM)
    assert "Do you want to withdraw?" in Page(unconfirmed.text).text
    assert len(await house.responses()) == 1
    asked = await page(house, f"/v1/p/{token}/withdraw")
    (hidden,) = asked.named("input")
    done = await house.platform.post(f"/v1/p/{token}/withdraw", content=f"{hidden['name']}={hidden['value']}", headers=FORM)
    assert done.status_code == 200
    assert "Your answers have been deleted." in Page(done.text).text
    assert "A made-up helpline" in Page(done.text).text
    assert await house.responses() == []


async def test_a_withdrawal_leaves_nothing_and_its_receipt_is_the_stewards(any_house: House) -> None:
    house = any_house
    collection, token = await parent(house, own_words="the blue door")
    hook = await house.hook("typeform", collection)
    await hook.send(Said(response="hers", respondent=token, words="the blue door"))
    house.work()
    done = await house.platform.post(f"/v1/p/{token}/withdraw", json={"confirm": True})
    assert done.status_code == 200
    assert set(done.json()) == {"withdrawn_at", "says"}
    assert "wdr_" not in done.text
    receipts = (await house.get("/withdrawals"))["items"]
    assert [each["removed"]["responses"] for each in receipts] == [2]
    assert receipts[0]["at"] == done.json()["withdrawn_at"]
    kept = house.everything()
    assert token not in kept
    assert "blue door" not in kept
    await hook.send(Said(response="later", respondent=token, words="the blue door"))
    house.work()
    assert await house.responses() == []
    assert "blue door" not in house.everything()


async def test_afterwards_the_address_is_like_one_that_never_was(any_house: House) -> None:
    house = any_house
    _, token = await parent(house)
    await house.platform.post(f"/v1/p/{token}/withdraw", json={"confirm": True})
    answers = []
    for address in (token, new_token(), "x", token.upper()):
        for headers in (BROWSER, {}):
            got = await house.platform.get(f"/v1/p/{address}", headers=headers)
            again = await house.platform.post(f"/v1/p/{address}/withdraw", json={"confirm": True}, headers=headers)
            assert got.status_code == again.status_code == 404
            assert got.headers["referrer-policy"] == "no-referrer"
            answers.append(re.sub(r"req_\w+", "", got.text))
            answers.append(re.sub(r"req_\w+", "", again.text))
    assert len(set(answers)) == 2  # one page and one problem
    assert "Nothing is held under this address" in answers[0]


async def test_whoever_has_not_answered_can_withdraw_beforehand(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    (token,) = await issue(house, collection)
    shown = await page(house, f"/v1/p/{token}")
    assert "No answers of yours have reached us." in shown.text
    await house.platform.post(f"/v1/p/{token}/withdraw", json={"confirm": True})
    refused = await house.client.post(f"{HOME}/responses", json={"collection": collection, "respondent": token, "answers": {}})
    assert refused.json()["code"] == "respondent_withdrawn"


async def test_raw_messages_and_earlier_versions_are_told_of(house: House) -> None:
    collection = await house.collection()
    (token,) = await issue(house, collection)
    hook = await house.hook("kobo", collection)
    await hook.send(Said(respondent=token))
    await hook.send(Said(respondent=token, link_records="Fine", minute=3))
    house.work()
    held = (await house.platform.get(f"/v1/p/{token}")).json()
    assert (held["messages"], [each["earlier"] for each in held["responses"]]) == (2, [1])
    shown = await page(house, f"/v1/p/{token}")
    assert "Earlier states of these answers are kept too (1)." in shown.text


async def test_a_page_says_by_when_everything_follows(house: House) -> None:
    _, token = await parent(house)
    held = (await house.platform.get(f"/v1/p/{token}")).json()["withdrawal"]
    assert held["done_by"] < held["copies_until"]
    assert any("Security copies" in said for said in held["does_not"])
    assert any("at once" in said for said in held["does"])


@pytest.mark.parametrize(
    "body", [None, {}, {"confirm": False}, {"confirm": 1}, {"confirm": "yes"}, {"confirm": True, "also": 1}, []]
)
async def test_a_program_must_say_that_it_means_it(house: House, body: Any) -> None:
    _, token = await parent(house)
    refused = await house.platform.post(f"/v1/p/{token}/withdraw", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/confirm")
    assert len(await house.responses()) == 1


async def test_a_large_body_is_refused(house: House) -> None:
    _, token = await parent(house)
    refused = await house.platform.post(f"/v1/p/{token}/withdraw", content="confirm=yes&" + "x" * 5000, headers=FORM)
    assert refused.status_code == 413
    assert len(await house.responses()) == 1


async def test_the_page_speaks_the_parents_language_where_the_sheet_does(house: House) -> None:
    collection = await house.collection()
    words = {"withdraw": "Ymadael (made up)", "received_on": "Wedi cyrraedd {date}"}
    await put_sheet(house, collection, en=sheet_text("In English"), cy=sheet_text("Yn Gymraeg", words=words), ar=sheet_text("مثال"))
    (token,) = await issue(house, collection)
    await respond(house, collection, token)
    welsh = await house.platform.get(f"/v1/p/{token}", headers={**BROWSER, "Accept-Language": "fr, cy-GB;q=0.8, en;q=0.5"})
    shown = Page(welsh.text)
    assert shown.named("html") == [{"lang": "cy", "dir": "ltr"}]
    assert "Yn Gymraeg" in shown.text
    assert re.search(r"Wedi cyrraedd \d{4}-\d\d-\d\d", shown.text)
    assert {"lang": "en", "dir": "ltr"} in shown.named("span")  # what is not translated is marked as English
    assert {each.get("hreflang") for each in shown.named("a") if each.get("hreflang")} == {"en", "ar"}
    arabic = await page(house, f"/v1/p/{token}", language="ar")
    assert arabic.named("html") == [{"lang": "ar", "dir": "rtl"}]
    english = await page(house, f"/v1/p/{token}", language="de")
    assert english.named("html")[0]["lang"] == "en"


async def test_sheets_are_kept_as_they_were_shown(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    (token,) = await issue(house, collection)
    at = f"{HOME}/collections/{collection}/information-sheet"
    assert (await house.client.get(at)).status_code == 404
    await respond(house, collection, token)
    first = await put_sheet(house, collection, "1.0")
    await respond(house, collection, token)
    assert await put_sheet(house, collection, "1.0") == first
    changed = await house.client.put(at, json={"version": "1.0", "languages": {"en": sheet_text("Another title")}})
    assert (changed.status_code, changed.json()["code"]) == (409, "information_sheet_fixed")
    second = await put_sheet(house, collection, "1.1", en=sheet_text("Another title"))
    assert (second["number"], second["version"]) == (2, "1.1")
    await respond(house, collection, token)
    versions = (await house.get(f"/collections/{collection}/information-sheet/versions"))["items"]
    assert [each["version"] for each in versions] == ["1.0", "1.1"]
    held = (await house.platform.get(f"/v1/p/{token}")).json()
    assert [each["information_sheet"] for each in held["responses"]] == [None, "1.0", "1.1"]
    assert held["information_sheet"]["title"] == "Another title"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        *(
            ({"sections": [s for s in sheet_text()["sections"] if s["about"] != topic]}, "/languages/en/sections")
            for topic in TOPICS
        ),
        ({"contacts": sheet_text()["contacts"][:1]}, "/languages/en/contacts"),
        ({"contacts": [{"about": "study", "name": "n"}, *sheet_text()["contacts"]]}, "/languages/en/contacts/0"),
        ({"support": [{"name": "n", "what": "w"}]}, "/languages/en/support/0"),
        ({"support": []}, "/languages/en/support"),
        ({"words": {"received_on": "No day"}}, "/languages/en/words/received_on"),
        ({"words": {"withdraw": "{0.__class__}"}}, "/languages/en/words/withdraw"),
        ({"words": {"received_on": "{date:>9999999}"}}, "/languages/en/words/received_on"),
        ({"words": {"received_on": "{date"}}, "/languages/en/words/received_on"),
        ({"title": " "}, "/languages/en/title"),
        ({"words": {"withdraw": "\u00a0"}}, "/languages/en/words/withdraw"),
        ({"support": [{"name": "n", "what": "w", "phone": "---"}]}, "/languages/en/support/0/phone"),
    ],
)
async def test_a_sheet_that_lacks_what_it_must_say_is_refused(house: House, change: dict[str, Any], pointer: str) -> None:
    collection = await house.collection()
    body = {"version": "1", "languages": {"en": sheet_text(**change)}}
    refused = await house.client.put(f"{HOME}/collections/{collection}/information-sheet", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert pointer in {each["pointer"] for each in refused.json()["errors"]}


async def test_links_in_a_sheet_lead_to_the_web_only(house: House) -> None:
    collection = await house.collection()
    support = [{"name": "n", "what": "w", "url": "javascript:alert(1)"}]
    body = {"version": "1", "languages": {"en": sheet_text(support=support)}}
    assert (await house.client.put(f"{HOME}/collections/{collection}/information-sheet", json=body)).status_code == 422


@pytest.mark.parametrize(
    ("written", "dialled"), [("+44 (0)1632 960001", "+441632960001"), ("(0)1632 960001", "01632960001"), ("999", "999")]
)
async def test_a_number_is_dialled_as_it_is_meant(house: House, written: str, dialled: str) -> None:
    collection = await house.collection()
    await put_sheet(house, collection, en=sheet_text(support=[{"name": "n", "what": "w", "phone": written}]))
    (token,) = await issue(house, collection)
    shown = await page(house, f"/v1/p/{token}")
    assert written in shown.text
    assert f"tel:{dialled}" in [each["href"] for each in shown.named("a")]


@pytest.mark.parametrize("path", ["/v1/p/{token}", "/v1/p/{token}/withdraw"])
async def test_a_language_that_is_none_is_passed_over(house: House, path: str) -> None:
    collection = await house.collection()
    await put_sheet(house, collection, en=sheet_text(), cy=sheet_text("Yn Gymraeg"))
    (token,) = await issue(house, collection)
    headers = {**BROWSER, "Accept-Language": "cy"}
    for language in ("en_GB", "", "fr", "<b>"):
        got = await house.platform.get(path.format(token=token), headers=headers, params={"language": language})
        assert (got.status_code, Page(got.text).named("html")[0]["lang"]) == (200, "cy")


async def test_whatever_is_typed_is_answered_by_a_page(house: House) -> None:
    _, token = await parent(house)
    unknown = await house.platform.get(f"/v1/p/{new_token()}", headers=BROWSER)
    too_long = await house.platform.get(f"/v1/p/{token * 20}", headers=BROWSER)
    assert (too_long.status_code, too_long.text) == (404, unknown.text)
    assert dict(too_long.headers) == dict(unknown.headers) | {"x-request-id": too_long.headers["x-request-id"]}
    assert "Your answers are deleted" in (await page(house, f"/v1/p/({token}).")).text


async def test_a_title_says_where_one_is(house: House) -> None:
    _, token = await parent(house)
    asked = await page(house, f"/v1/p/{token}/withdraw")
    done = await house.platform.post(f"/v1/p/{token}/withdraw", content="confirm=yes", headers=FORM)
    study = sheet_text()["title"]
    assert f"<title>You have withdrawn – {study}</title>" in done.text
    assert asked.text.strip().startswith(f"Do you want to withdraw? – {study}")


async def test_a_test_address_says_so(house: House) -> None:
    collection = await house.collection()
    (token,) = await issue(house, collection, test=True)
    assert "for trying out the survey" in (await page(house, f"/v1/p/{token}")).text


async def test_tokens_are_neither_logged_nor_counted_by_name(house: House, caplog: pytest.LogCaptureFixture) -> None:
    _, token = await parent(house)
    with caplog.at_level(logging.DEBUG):
        await page(house, f"/v1/p/{token}")
        await house.platform.post(f"/v1/p/{token}/withdraw", json={"confirm": True})
        await house.platform.get(f"/v1/p/{token}/quota")
    lines = [JsonLines("survey").format(record) for record in caplog.records if record.name != "httpx"]
    assert lines
    assert not any(token in line for line in lines)
    assert token not in generate_latest().decode()
