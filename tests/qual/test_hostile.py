"""Bad input over HTTP: each a problem document with a stable code and a remedy, and nothing half-written."""

import io
import json

import pytest
from tests.qual.study import GROUP_TALK, HOME, Qual
from tests.qual.test_docx import bomb, document, paragraph

from assent_kit.engines import write_engine
from assent_kit.migrations import differences
from assent_qual.store.tables import Table


@pytest.mark.parametrize(
    ("data", "metadata", "status", "code"),
    [
        (b"", {}, 422, "transcript_empty"),
        (b"WEBVTT\n\n", {}, 422, "transcript_without_cues"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n", {}, 422, "transcript_without_speakers"),
        (b"prose only\n", {}, 422, "transcript_without_speakers"),
        (b"\x00\x01\x02\x03", {}, 422, "transcript_damaged"),
        (b"PK\x03\x04 and then nothing", {}, 422, "transcript_damaged"),
        (b"MUM: not a Word document", {"format": "docx"}, 422, "transcript_damaged"),
        (bomb(), {}, 413, "transcript_too_large"),
        (b"%PDF-1.7 ...", {}, 415, "transcript_unsupported"),
        (b"MUM: " + b"x" * (1024 * 1024), {}, 413, "transcript_too_large"),
        (b"A: x\nB: y\n" * 6, {}, 413, "transcript_too_large"),
        (b"MUM: yes", {"format": "odt"}, 422, "invalid_request"),
        (b"MUM: yes", {"more": 1}, 422, "invalid_request"),
        (b"MUM: yes", {"speakers": ["MUM"]}, 422, "invalid_request"),
    ],
)  # fmt: skip
async def test_a_file_that_is_no_transcript(
    file_url: str, data: bytes, metadata: dict[str, object], status: int, code: str
) -> None:
    qual = Qual(file_url, qual_transcript_megabytes=1, qual_transcript_turns=10)
    session = await qual.session()
    refused = await qual.upload(session, data, **metadata)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["remedy"]
    assert (await qual.client.get(f"{HOME}/sessions/{session}")).json()["transcript"] is None
    assert "MUM" not in qual.everything()
    await qual.close()


@pytest.mark.parametrize("metadata", ["{", "[]", '{"format": NaN}', '{"speakers": {"a": "b", "a": "c"}}', "[" * 500, "\ud800"])
async def test_metadata_that_is_no_json(local: Qual, metadata: str) -> None:
    session = await local.session()
    files = {"file": ("a.vtt", GROUP_TALK.encode()), "metadata": (None, metadata.encode(errors="surrogatepass"))}
    refused = await local.client.post(f"{HOME}/sessions/{session}/transcript", files=files)
    assert refused.status_code in (400, 422), refused.text
    assert refused.json()["code"] in ("malformed_json", "invalid_request")


async def test_an_upload_without_a_file_or_to_nowhere(local: Qual) -> None:
    session = await local.session()
    missing = await local.client.post(f"{HOME}/sessions/{session}/transcript", data={"metadata": "{}"})
    assert (missing.status_code, missing.json()["code"]) == (422, "invalid_request")
    as_json = await local.client.post(f"{HOME}/sessions/{session}/transcript", json={"file": "x"})
    assert as_json.status_code == 422
    nowhere = await local.upload("ses_nowhere", GROUP_TALK)
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")


async def test_metadata_may_be_left_out_and_the_format_is_guessed(local: Qual) -> None:
    for name, data, file_format in (
        ("a.bin", GROUP_TALK.encode(), "vtt"),
        ("b", b"MUM: yes\nDAD: no", "text"),
        ("c.vtt", document(paragraph("MUM: yes")), "docx"),
    ):
        session = await local.session()
        done = await local.client.post(f"{HOME}/sessions/{session}/transcript", files={"file": (name, io.BytesIO(data))})
        assert (done.status_code, done.json()["format"]) == (201, file_format)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("participants", {"pseudonym": ""}),
        ("participants", {"pseudonym": "a\x00b"}),
        ("participants", {"pseudonym": "x" * 81}),
        ("participants", {"pseudonym": "x", "name": "Jane"}),
        ("participants", {"pseudonym": "x", "attributes": {"Lone Parent": "yes"}}),
        ("cohorts", {"composition": []}),
        ("cohorts", {"composition": [{"variable": "lone_parent", "group": "yes"}], "target_size": "6"}),
        ("sessions", {"kind": "party", "title": "x"}),
        ("sessions", {"kind": "interview", "title": "x", "held_on": "yesterday"}),
        ("sessions", {"kind": "interview", "title": "x", "contact": [{"service": "x", "basis": "forced"}]}),
        ("codes", {"name": "x"}),
        ("excerpts/texts", {"ids": ["exc_1"] * 501, "use": "quote"}),
    ],
)
async def test_a_wrong_shape_names_the_field_and_quotes_nothing(local: Qual, path: str, body: dict[str, object]) -> None:
    content = json.dumps(body).encode()
    refused = await local.client.post(f"{HOME}/{path}", content=content, headers={"Content-Type": "application/json"})
    assert refused.status_code in (400, 422)
    assert refused.json()["code"] in ("malformed_json", "invalid_request")
    assert "Jane" not in refused.text


async def test_huge_offsets_and_numbers_do_no_harm(local: Qual) -> None:
    session = await local.session()
    await local.upload(session, GROUP_TALK)
    code = await local.code()
    for turn, offset in ((10**30, 0), (1, 10**30), (-1, 0), (2**31 - 1, 2**31 - 1)):
        body = {"start": {"turn": turn, "offset": offset}, "end": {"turn": turn, "offset": offset}, "code": code}
        refused = await local.client.post(f"{HOME}/sessions/{session}/codings", json=body)
        assert refused.status_code == 422
    cursor = {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}  # a very large turn
    assert (await local.client.get(f"{HOME}/sessions/{session}/turns", params=cursor)).status_code in (200, 422)


async def test_a_codebook_that_no_event_could_carry_is_refused(local: Qual) -> None:
    long = {"name": "x", "role": "theme", "definition": "界" * 4000}
    answers = [await local.client.post(f"{HOME}/codes", json=long) for _ in range(80)]
    refused = [answered for answered in answers if answered.status_code != 201]
    assert refused
    assert {(answered.status_code, answered.json()["code"]) for answered in refused} == {(422, "codebook_too_large")}
    kept = (await local.client.get(f"{HOME}/codes?limit=500")).json()["items"]
    assert len(kept) + len(refused) == 80


def test_the_tables_are_what_the_migrations_make(url: str) -> None:
    engine = write_engine(url, lanes=1)
    try:
        assert differences(engine, Table.metadata) == []
    finally:
        engine.dispose()
