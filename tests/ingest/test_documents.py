"""Uploading, listing, changing and removing documents."""

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, select
from tests.ingest.makers import METADATA, docx, drawn_on, packed, paragraph, parts, pdf, upload
from tests.support import TOKENS, client_of

from assent_ingest.app import create_app
from assent_ingest.settings import IngestSettings
from assent_ingest.store.tables import Document, Outbox
from assent_kit.database import Database

HOME = "/v1/studies/stu_a/documents"


async def test_an_upload_is_answered_with_what_was_read(client: httpx.AsyncClient) -> None:
    made = await upload(client, "One.\n\nTwo.", publisher="A council", published_on="2019-05")
    assert made.status_code == 201
    body = made.json()
    assert body["id"].startswith("doc_")
    assert (body["status"], body["format"], body["characters"]) == ("ready", "txt", 9)
    assert (body["author"], body["publisher"], body["created_by"]) == ("institution", "A council", "ada")
    assert made.headers["location"] == f"{HOME}/{body['id']}"
    again = await client.get(made.headers["location"], headers={"If-None-Match": made.headers["etag"]})
    assert again.status_code == 304


WORDS = "Data save lives."
FILES = {
    "a.pdf": (pdf(WORDS), "pdf"),
    "a.docx": (docx(paragraph(WORDS)), "docx"),
    "a.html": (f"<html><body><p>{WORDS}</p></body></html>".encode(), "html"),
    "a.txt": (WORDS.encode("utf-16"), "txt"),
    "wrongly-named.docx": (pdf("", WORDS), "pdf"),
}


async def test_four_formats(client: httpx.AsyncClient) -> None:
    for filename, (content, format) in FILES.items():
        made = await upload(client, content, filename)
        assert (made.status_code, made.json()["format"]) == (201, format)
        read = (await client.get(f"{made.headers['location']}/text")).json()
        assert read["text"] == WORDS
        assert [(block["start"], block["end"]) for block in read["blocks"]] == [(0, len(WORDS))]


async def test_the_same_bytes_are_one_document(client: httpx.AsyncClient) -> None:
    first = await upload(client, "The same.")
    again = await upload(client, "The same.", "other-name.txt", title="Another title")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert len((await client.get(HOME)).json()["items"]) == 1


async def test_the_same_key_answers_as_the_first_time(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "once"}
    first = await client.post(HOME, files=parts(b"The same."), headers=key)
    again = await client.post(HOME, files=parts(b"The same."), headers=key)
    assert [answer.status_code for answer in (first, again)] == [201, 201]
    assert again.headers["location"] == first.headers["location"]
    other = await client.post(HOME, files=parts(b"Another."), headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


BOMB = packed({"[Content_Types].xml": "<Types/>", "word/document.xml": b"<a>" + b" " * 30_000_000 + b"</a>"})


REFUSED = [
    (b"", "document_empty"),
    (b" \r\n\t ", "document_empty"),
    (pdf(""), "document_empty"),
    (docx(""), "document_empty"),
    (b"<html><body><script>x()</script></body></html>", "document_empty"),
    (pdf("Data save lives. " * 5)[:-300], "document_damaged"),
    (pdf("Data save lives.")[:-6], "document_damaged"),
    (docx(paragraph("x" * 5000))[:-40], "document_damaged"),
    (docx("<w:p>"), "document_damaged"),
    (BOMB, "document_limit_hit"),
    (docx("<w:tbl>" * 5000 + "</w:tbl>" * 5000), "document_limit_hit"),
    (packed({"mimetype": "application/epub+zip"}), "document_unsupported"),
    (b"{\\rtf1 Hello}", "document_unsupported"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "document_unsupported"),
    (b"From: a@example.org\r\nMessage-ID: <1>\r\n\r\nHello", "document_unsupported"),
    (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "document_unsupported"),
    (bytes(range(256)) * 40, "document_unsupported"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_cannot_be_read_is_refused_and_leaves_nothing(client: httpx.AsyncClient, database: Database) -> None:
    for content, code in REFUSED:
        refused = await upload(client, content)
        assert (refused.status_code, refused.json()["code"]) == (422, code), content[:60]
        assert refused.json()["remedy"]
    assert (await client.get(HOME)).json()["items"] == []
    assert await database.read(lambda session: session.exec(select(Outbox)).all()) == []


async def test_a_scan_is_kept_without_text(client: httpx.AsyncClient) -> None:
    drawn = drawn_on(pdf(""))
    made = await upload(client, drawn, "scan.pdf")
    assert (made.status_code, made.json()["status"], made.json()["unread_pages"]) == (201, "needs_ocr", [1])
    text = await client.get(f"{made.headers['location']}/text")
    assert (text.status_code, text.json()["code"]) == (409, "document_without_text")
    assert (await client.get(f"{made.headers['location']}/original")).content == drawn


async def test_wrong_metadata_name_the_field(client: httpx.AsyncClient) -> None:
    wrong = {
        "stakeholder": "martians",
        "published_on": "2019-02-30",
        "url": "javascript:alert(1)",
        "title": " ",
        "colour": "blue",
    }
    for field, value in wrong.items():
        refused = await upload(client, "Text.", **{field: value})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
        assert [error["pointer"] for error in refused.json()["errors"]] == [f"/metadata/{field}"]


async def test_a_body_that_is_no_upload_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post(HOME, json=METADATA)).status_code == 415
    missing = await client.post(HOME, files={"file": ("a.txt", b"Text.")})
    assert [error["pointer"] for error in missing.json()["errors"]] == ["/metadata"]
    broken = await client.post(HOME, files={"file": ("a.txt", b"Text."), "metadata": (None, '{"stakeholder": NaN}')})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_json")
    torn = await client.post(HOME, content=b"--x\r\nnonsense", headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert torn.status_code == 422
    vast = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(60 * 1024**2)}
    assert (await client.post(HOME, content=b"", headers=vast)).json()["code"] == "too_large"


async def test_metadata_may_come_as_a_file(client: httpx.AsyncClient) -> None:
    said = b'{"stakeholder": "news_media", "kind": "forum_thread"}'
    made = await client.post(HOME, files={"file": ("../../thread 1.txt", b"Text."), "metadata": ("m.json", said)})
    assert made.status_code == 201
    assert (made.json()["title"], made.json()["author"]) == ("thread 1.txt", "private_person")


async def test_the_original_can_be_saved_and_not_run(client: httpx.AsyncClient) -> None:
    page = b"<html><body><p>Hello \xc3\xa9t\xc3\xa9</p><script>alert(1)</script></body></html>"
    made = await upload(client, page, 'é"x;\r\n.html')
    original = await client.get(f"{made.headers['location']}/original")
    assert original.content == page
    assert original.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in original.headers["content-security-policy"]
    disposition = original.headers["content-disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''%C3%A9" in disposition
    assert "\r" not in disposition


async def test_documents_are_chosen_by_their_facts(client: httpx.AsyncClient) -> None:
    facts = [
        {"stakeholder": "national_government", "publisher": "The Ministry", "published_on": "2018", "title": "Families"},
        {"stakeholder": "news_media", "publisher": "The Paper", "published_on": "2019-05-03", "title": "100% of families"},
        {"stakeholder": "news_media", "kind": "article", "published_on": "2020-01", "title": "Schools"},
    ]
    for number, fact in enumerate(facts):
        assert (await upload(client, f"Text {number}.", **fact)).status_code == 201

    async def titles(**filters: str) -> list[str]:
        return [item["title"] for item in (await client.get(HOME, params=filters)).json()["items"]]

    assert await titles(stakeholder="news_media") == ["100% of families", "Schools"]
    assert await titles(publisher="the paper") == ["100% of families"]
    assert await titles(**{"from": "2018-06-01", "to": "2019-12-31"}) == ["Families", "100% of families"]
    assert await titles(**{"from": "2020-01-15"}) == ["Schools"]
    assert await titles(q="FAMILIES") == ["Families", "100% of families"]
    assert await titles(q="0%") == ["100% of families"]
    assert await titles(status="needs_ocr") == []
    assert (await client.get(HOME, params={"status": "odd"})).status_code == 422
    first = (await client.get(HOME, params={"limit": 2})).json()
    rest = (await client.get(HOME, params={"limit": 2, "cursor": first["next"]})).json()
    assert [item["title"] for item in first["items"] + rest["items"]] == ["Families", "100% of families", "Schools"]
    assert rest["next"] is None


async def test_facts_change_by_merge_patch(client: httpx.AsyncClient) -> None:
    made = await upload(client, "Text.", publisher="A council", published_on="2019")
    address, etag = made.headers["location"], made.headers["etag"]
    assert (await client.patch(address, json={"title": "New"})).status_code == 428
    changed = await client.patch(address, json={"title": "New", "publisher": None}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert (changed.json()["title"], changed.json()["publisher"], changed.json()["published_on"]) == ("New", None, "2019")
    assert (await client.patch(address, json={"title": "Late"}, headers={"If-Match": etag})).status_code == 412
    none = await client.patch(address, json={"title": None}, headers={"If-Match": changed.headers["etag"]})
    assert (none.status_code, none.json()["code"]) == (422, "invalid_request")
    moved = await client.patch(address, json={"published_on": "2021"}, headers={"If-Match": changed.headers["etag"]})
    assert moved.status_code == 200
    assert (await client.get(HOME, params={"to": "2020-01-01"})).json()["items"] == []


async def test_other_studies_and_weaker_roles(client: httpx.AsyncClient) -> None:
    made = await upload(client, "Text.")
    address = made.headers["location"]
    stranger = TOKENS.headers("stu_b")
    for path in (address, f"{address}/text", f"{address}/original"):
        assert (await client.get(path, headers=stranger)).status_code == 404
        assert (await client.get(path.replace("stu_a", "stu_b"), headers=stranger)).status_code == 404
    coder = TOKENS.headers("stu_a", role="coder")
    assert (await client.post(HOME, files=parts(b"More."), headers=coder)).status_code == 403
    assert (await client.delete(address, headers={**coder, "If-Match": "*"})).status_code == 403
    assert (await client.get(f"{address}/text", headers=TOKENS.headers("stu_a", role="viewer"))).status_code == 200


async def test_removal_leaves_no_word_behind(client: httpx.AsyncClient, database: Database, tmp_path: Path) -> None:
    made = await upload(client, "The zyxwvut family was mentioned.", title="Qwertzuiop")
    address = made.headers["location"]
    text = (await client.get(f"{address}/text")).json()["text"]
    span = {"start": text.index("zyx"), "end": len(text), "code": "trust", "stance": "against"}
    assert (await client.post(f"{address}/passages", json=span)).status_code == 201
    gone = await client.delete(address, headers={"If-Match": made.headers["etag"]})
    assert gone.status_code == 204
    for path in (address, f"{address}/text", f"{address}/original", f"{address}/passages"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/v1/studies/stu_a/search", params={"q": "zyxwvut"})).json()["items"] == []
    assert (await client.get("/v1/studies/stu_a/passages")).json()["items"] == []
    if database.is_sqlite:
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("ingest.db*"))
        assert b"stu_a" in kept
        assert b"zyxwvut" not in kept
        assert b"Qwertzuiop" not in kept


async def test_a_document_of_another_study_is_not_the_same(client: httpx.AsyncClient, database: Database) -> None:
    first = await upload(client, "The same.")
    other = await client.post("/v1/studies/stu_b/documents", files=parts(b"The same."), headers=TOKENS.headers("stu_b"))
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]

    def studies(session: Session) -> list[str]:
        return sorted(session.exec(select(Document.study)))

    assert await database.read(studies) == ["stu_a", "stu_b"]


async def test_the_same_file_sent_twice_at_once_is_one_document(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*[upload(client, "The same at once.") for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await client.get(HOME)).json()["items"]) == 1
    assert len((await client.get("/v1/studies/stu_a/rationales")).json()["items"]) == 14


async def test_when_too_many_wait_the_next_is_told_to_come_back(settings: IngestSettings, database: Database) -> None:
    narrow = settings.model_copy(update={"ingest_documents_at_once": 1, "ingest_documents_waiting": 0})
    app = create_app(narrow, database)
    async with client_of(app) as client:
        client.headers.update(TOKENS.headers("stu_a"))
        app.state.reading.acquire_on_behalf_of_nowait("another document")
        refused = await upload(client, "Text.")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        app.state.reading.release_on_behalf_of("another document")
        assert (await upload(client, "Text.")).status_code == 201


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_takes_too_long_is_refused(settings: IngestSettings, database: Database) -> None:
    hasty = settings.model_copy(update={"ingest_document_seconds": 0.001})
    async with client_of(create_app(hasty, database)) as client:
        client.headers.update(TOKENS.headers("stu_a"))
        refused = await upload(client, "Text.")
        assert (refused.status_code, refused.json()["code"]) == (422, "document_timed_out")
        assert (await client.get(HOME)).json()["items"] == []
