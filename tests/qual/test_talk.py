"""Transcripts, binding, the codebook, coding and excerpts over HTTP."""

import asyncio
from typing import Any

import pytest
from tests.qual.study import GROUP_TALK, HOME, JANE, MODERATOR, SAMIRA, STUDY, Qual
from tests.support import TOKENS


async def bound_group(qual: Qual, **samira: bool) -> tuple[str, str, str]:
    """A focus group whose three voices are bound; Samira consents to taking part and to what is named."""
    jane = await qual.participant("Ash", lone_parent="yes")
    other = await qual.participant("Birch", uses={"take_part": True, **samira}, lone_parent="no")
    session = await qual.session()
    done = await qual.upload(session, GROUP_TALK, speakers={JANE: jane, SAMIRA: other, MODERATOR: "researcher"})
    assert done.status_code == 201, done.text
    return session, jane, other


async def test_import_then_bind(qual: Qual) -> None:
    session = await qual.session()
    imported = await qual.upload(session, GROUP_TALK)
    assert imported.status_code == 201
    assert imported.json()["format"] == "vtt"
    assert [(one["speaker"], one["turns"]) for one in imported.json()["speakers"]] == [(MODERATOR, 1), (JANE, 2), (SAMIRA, 1)]
    assert (await qual.client.get(imported.headers["location"])).json()["items"][1] == {
        "n": 2,
        "speaker": JANE,
        "participant": None,
        "text": "I would want to be asked first.",
        "from_ms": 4000,
        "to_ms": 9000,
        "redacted": False,
    }
    jane = await qual.participant()
    put = await qual.client.put(f"{HOME}/sessions/{session}/speakers", json={JANE: jane, MODERATOR: "researcher"})
    assert put.status_code == 200
    assert [turn["speaker"] for turn in await qual.turns(session)] == ["researcher", jane, SAMIRA, jane]
    events = qual.events("assent.qual.sessions")
    assert [(version, state and state["participants"], state and state["turns"]) for _, version, state in events] == [
        (2, [], 4),
        (3, [jane], 4),
    ]
    shown = (await qual.client.get(f"{HOME}/sessions/{session}", headers=TOKENS.headers(STUDY, role="viewer"))).json()
    assert shown["transcript"]["participants"] == [jane]
    assert shown["transcript"]["unbound_turns"] == 1
    assert SAMIRA not in str(shown)


async def test_many_coders_at_once_lose_nothing(qual: Qual) -> None:
    session, *_ = await bound_group(qual)
    codes = await asyncio.gather(*(qual.code(f"code {n}") for n in range(12)))
    published = [(version, len(state["codes"])) for _, version, state in qual.events("assent.qual.codebooks") if state]
    assert sorted(published) == [(n, n) for n in range(1, 13)]
    rebound = qual.client.put(f"{HOME}/sessions/{session}/speakers", json={"researcher": "researcher"})
    made = await asyncio.gather(rebound, *(qual.coding(session, code, (1, 0), (2, 7)) for code in codes))
    assert len(set(made[1:])) == 12
    newest = {key: version for key, version, _ in qual.events("assent.qual.excerpts")}
    assert set(newest) == set(made[1:])


async def test_a_wrong_binding_can_be_put_right_and_excerpts_follow(qual: Qual) -> None:
    session, jane, other = await bound_group(qual, quote=True)
    excerpt = await qual.coding(session, await qual.code(), (2, 0), (2, 7))
    swapped = await qual.client.put(f"{HOME}/sessions/{session}/speakers", json={jane: other, other: jane})
    assert swapped.status_code == 200
    assert [turn["participant"] for turn in await qual.turns(session)] == [None, other, jane, other]
    states = [
        (version, state["speakers"]) for key, version, state in qual.events("assent.qual.excerpts") if state and key == excerpt
    ]
    assert states == [(1, [jane]), (2, [other])]


async def test_labels_are_forgotten_once_bound_and_never_in_events(qual: Qual) -> None:
    session, *_ = await bound_group(qual)
    await qual.coding(session, await qual.code(), (1, 0), (4, 3))
    kept = qual.everything()
    assert JANE not in kept
    assert [kept.count(label) for label in (SAMIRA, MODERATOR)] == [1, 1], "only the original file still holds the labels"


async def test_originals_are_kept_only_where_so_set(file_url: str) -> None:
    qual = Qual(file_url, qual_keep_originals=False)
    await bound_group(qual)
    assert "Khan" not in qual.everything()
    await qual.close()


@pytest.mark.parametrize(
    ("speakers", "code", "pointer"),
    [
        ({"Nobody": "researcher"}, "speaker_unknown", "/Nobody"),
        ({JANE: "par_nobody"}, "participant_unknown", "/Jane O'Dell"),
        ({JANE: "Jane/~"}, "participant_unknown", "/Jane O'Dell"),
    ],
)
async def test_binding_needs_a_speaker_and_a_participant(local: Qual, speakers: dict[str, str], code: str, pointer: str) -> None:
    session = await local.session()
    at_import = await local.upload(session, GROUP_TALK, speakers=speakers)
    assert (at_import.status_code, at_import.json()["code"]) == (422, code)
    assert (await local.client.get(f"{HOME}/sessions/{session}/turns")).status_code == 404, "nothing half-written"
    await local.upload(session, GROUP_TALK)
    refused = await local.client.put(f"{HOME}/sessions/{session}/speakers", json=speakers)
    assert (refused.json()["code"], refused.json()["errors"][0]["pointer"]) == (code, pointer)


async def test_participants_of_another_study_cannot_be_bound(qual: Qual) -> None:
    elsewhere = await qual.client.post("/v1/studies/stu_b/participants", json={"pseudonym": "x"}, headers=TOKENS.headers("stu_b"))
    session = await qual.session()
    refused = await qual.upload(session, GROUP_TALK, speakers={JANE: elsewhere.json()["id"]})
    assert refused.json()["code"] == "participant_unknown"


async def test_a_second_import_replaces_until_something_is_coded(qual: Qual) -> None:
    session = await qual.session()
    await qual.upload(session, GROUP_TALK)
    second = await qual.upload(session, "MUM: Yes.\nDAD: No.\n", "talk.txt")
    assert (second.status_code, second.json()["turns"]) == (201, 2)
    assert "Khan" not in qual.everything(), "the first file is gone with its turns"
    await qual.coding(session, await qual.code(), (1, 0), (1, 2))
    third = await qual.upload(session, GROUP_TALK)
    assert (third.status_code, third.json()["code"]) == (409, "transcript_coded")
    assert len(await qual.turns(session)) == 2


async def test_a_repeated_upload_is_done_once(qual: Qual) -> None:
    session = await qual.session()
    key = {"Idempotency-Key": "up"}
    first = await qual.upload(session, GROUP_TALK, headers=key)
    await qual.coding(session, await qual.code(), (1, 0), (1, 2))
    again = await qual.upload(session, GROUP_TALK, headers=key)
    assert (again.status_code, again.json(), again.headers["location"]) == (201, first.json(), first.headers["location"])
    other = await qual.upload(session, "MUM: Yes.", headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_very_long_recordings_have_their_times(qual: Qual) -> None:
    session = await qual.session()
    await qual.upload(session, "WEBVTT\n\n999:00:00.000 --> 9999:59:59.999\n<v Jo>Still here.\n")
    assert [turn["to_ms"] for turn in await qual.turns(session)] == [35_999_999_999]


async def test_turns_come_in_pages(qual: Qual) -> None:
    session = await qual.session()
    await qual.upload(session, GROUP_TALK)
    first = (await qual.client.get(f"{HOME}/sessions/{session}/turns?limit=3")).json()
    second = (await qual.client.get(f"{HOME}/sessions/{session}/turns", params={"limit": 3, "cursor": first["next"]})).json()
    assert [turn["n"] for turn in first["items"] + second["items"]] == [1, 2, 3, 4]
    assert second["next"] is None
    participants = (await qual.client.get(f"{HOME}/participants?limit=1")).json()
    assert participants["next"] is None
    wrong = await qual.client.get(f"{HOME}/sessions/{session}/turns", params={"cursor": "cGFyXzE"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_request")


async def test_the_codebook_is_a_tree_that_is_published_whole(qual: Qual) -> None:
    top = await qual.code("control", "theme")
    below = await qual.code("asked first", "condition", parent=top, practice={"transmission_principle": "consent"})
    await qual.code("cost seen", "rationale_response", rationale="cost_to_the_public_purse", response="recognised")
    events = qual.events("assent.qual.codebooks")
    assert [version for _, version, _ in events] == [1, 2, 3]
    assert events[-1][2] is not None
    assert [code["response"] for code in events[-1][2]["codes"]] == [None, None, "recognised"]
    assert events[-1][2]["codes"][1]["practice"]["transmission_principle"] == "consent"
    loop = await qual.client.patch(f"{HOME}/codes/{top}", json={"parent": below}, headers={"If-Match": "*"})
    assert (loop.status_code, loop.json()["code"]) == (422, "code_tree_broken")
    in_use = await qual.client.delete(f"{HOME}/codes/{top}", headers={"If-Match": "*"})
    assert (in_use.status_code, in_use.json()["code"]) == (409, "code_in_use")
    freed = await qual.client.patch(f"{HOME}/codes/{below}", json={"parent": None, "name": "asked"}, headers={"If-Match": '"1"'})
    assert (freed.json()["parent"], freed.json()["name"], freed.json()["role"]) == (None, "asked", "condition")
    assert (await qual.client.delete(f"{HOME}/codes/{top}")).status_code == 428
    assert (await qual.client.delete(f"{HOME}/codes/{top}", headers={"If-Match": '"1"'})).status_code == 204
    assert (await qual.client.get(f"{HOME}/codes/{top}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"role": "rationale_response"}, "rationale_unclear"),
        ({"role": "theme", "rationale": "x", "response": "rejected"}, "rationale_unclear"),
        ({"role": "theme", "parent": "cod_1"}, "code_tree_broken"),
        ({"role": "mood"}, "invalid_request"),
        ({"role": "theme", "examples": ["they never ask us"]}, "invalid_request"),
        ({"role": "theme", "practice": {"data_types": ["School Records!"]}}, "invalid_request"),
    ],
)
async def test_a_code_that_makes_no_sense_is_refused(local: Qual, body: dict[str, Any], code: str) -> None:
    refused = await local.client.post(f"{HOME}/codes", json={"name": "x", **body})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await local.client.get(f"{HOME}/codes")).json()["items"] == []


async def test_a_coding_says_where_and_who_but_not_what(qual: Qual) -> None:
    session, jane, other = await bound_group(qual)
    code = await qual.code()
    span = {"start": {"turn": 2, "offset": 2}, "end": {"turn": 3, "offset": 14}}
    made = await qual.client.post(
        f"{HOME}/sessions/{session}/codings",
        json={**span, "code": code, "stance": "reject", "practice": {"operation": "flag"}, "memo": "both at once"},
    )
    assert made.status_code == 201
    assert (made.json()["coder"], made.json()["memo"]) == ("ruth", "both at once")
    ((key, version, state),) = qual.events("assent.qual.excerpts")
    assert (key, version) == (made.json()["id"], 1)
    assert state is not None
    assert (state["speakers"], state["participant"], state["start_turn"], state["end_turn"]) == ([jane, other], None, 2, 3)
    assert "memo" not in state
    assert (await qual.client.delete(made.headers["location"])).status_code == 428
    gone = await qual.client.delete(made.headers["location"], headers={"If-Match": made.headers["etag"]})
    assert gone.status_code == 204
    assert qual.events("assent.qual.excerpts") == [(key, 2, None)]


@pytest.mark.parametrize(
    ("start", "end", "pointer"),
    [((2, 5), (2, 5), "/end"), ((3, 0), (2, 4), "/end"), ((2, 99), (3, 1), "/start"), ((2, 0), (3, 99), "/end"),
     ((2, 0), (9, 1), "/end"), ((9, 0), (9, 1), "/start"), ((2, 0), (3, 0), "/end")],
)  # fmt: skip
async def test_a_span_must_lie_in_the_talk(local: Qual, start: tuple[int, int], end: tuple[int, int], pointer: str) -> None:
    session, *_ = await bound_group(local)
    body = {
        "start": {"turn": start[0], "offset": start[1]},
        "end": {"turn": end[0], "offset": end[1]},
        "code": await local.code(),
    }
    refused = await local.client.post(f"{HOME}/sessions/{session}/codings", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "span_outside_transcript")
    assert refused.json()["errors"][0]["pointer"] == pointer
    unknown = {"start": {"turn": 2, "offset": 0}, "end": {"turn": 2, "offset": 1}, "code": "cod_1"}
    assert (await local.client.post(f"{HOME}/sessions/{session}/codings", json=unknown)).json()["code"] == "code_unknown"


async def test_offsets_count_code_points(qual: Qual) -> None:
    session = await qual.session()
    jane = await qual.participant()
    await qual.upload(session, "MUM: 👩‍👧 naïve? I am not 😀 happy.", "talk.txt", speakers={"MUM": jane})
    text = (await qual.turns(session))[0]["text"]
    start = text.index("not")
    excerpt = await qual.coding(session, await qual.code(), (1, start), (1, start + len("not 😀 happy")))
    assert (await qual.texts(excerpt))["items"] == {excerpt: "not 😀 happy"}


async def test_nothing_is_quoted_without_the_consent_of_everybody_in_it(qual: Qual) -> None:
    session, jane, other = await bound_group(qual, quote=False)
    code = await qual.code()
    hers = await qual.coding(session, code, (2, 0), (2, 7))
    with_question = await qual.coding(session, code, (1, 0), (2, 7))
    both = await qual.coding(session, code, (2, 0), (4, 6))
    found = await qual.texts(hers, with_question, both, "exc_unknown")
    assert found["items"] == {hers: "I would", with_question: "What would you say to a list of families?\nI would"}
    assert found["withheld"] == {both: "no_consent", "exc_unknown": "not_found"}
    await qual.consent(other, {"take_part": True, "quote": True})
    assert (await qual.texts(both))["items"][both].count("\n") == 2
    await qual.consent(jane, {"quote": True}, "withdrawn")
    assert (await qual.texts(hers, both))["withheld"] == {hers: "no_consent", both: "no_consent"}
    assert (await qual.texts(hers, use="archive"))["items"] == {hers: "I would"}
    assert (await qual.texts(hers, use="publish_online"))["withheld"] == {hers: "no_consent"}


async def test_talk_that_is_nobodys_yet_is_not_quoted(qual: Qual) -> None:
    session = await qual.session()
    await qual.upload(session, GROUP_TALK)
    excerpt = await qual.coding(session, await qual.code(), (2, 0), (2, 7))
    assert (await qual.texts(excerpt))["withheld"] == {excerpt: "speaker_unknown"}
    (listed,) = (await qual.client.get(f"{HOME}/excerpts")).json()["items"]
    assert (listed["quotable"], listed["text"], listed["speakers"]) == (False, None, [])


@pytest.mark.parametrize("body", [{"ids": [], "use": "quote"}, {"ids": ["exc_1"], "use": "sell"}, {"ids": ["x"], "use": "quote"}])
async def test_texts_are_asked_for_by_id_and_use(local: Qual, body: dict[str, Any]) -> None:
    refused = await local.client.post(f"{HOME}/excerpts/texts", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_viewers_read_quotations_and_words_for_no_other_use(local: Qual) -> None:
    viewer = TOKENS.headers(STUDY, role="viewer")
    quoted, archived = [
        await local.client.post(f"{HOME}/excerpts/texts", json={"ids": ["exc_1"], "use": use}, headers=viewer)
        for use in ("quote", "archive")
    ]
    assert (quoted.status_code, quoted.json()["withheld"]) == (200, [{"id": "exc_1", "reason": "not_found"}])
    assert (archived.status_code, archived.json()["code"]) == (403, "forbidden")


async def test_excerpts_by_code_stance_and_group(qual: Qual) -> None:
    session, *_ = await bound_group(qual)
    asked, flagged = await qual.code("asked"), await qual.code("flagged", "harm")
    first = await qual.coding(session, asked, (2, 0), (2, 7), stance="conditional", memo="key")
    second = await qual.coding(session, flagged, (3, 0), (3, 4), stance="reject")
    third = await qual.coding(session, asked, (3, 0), (4, 6), stance="reject")

    async def ids(**wanted: str | list[str]) -> list[str]:
        return [one["id"] for one in (await qual.client.get(f"{HOME}/excerpts", params=wanted)).json()["items"]]

    assert await ids() == [first, second, third]
    assert await ids(code=asked) == [first, third]
    assert await ids(stance="reject") == [second, third]
    assert await ids(group="lone_parent:yes") == [first, third]
    assert await ids(group="lone_parent:no", code=flagged) == [second]
    assert await ids(group="lone_parent:unheard") == []
    assert await ids(group=["lone_parent:unheard", "lone_parent:no"], code=flagged) == [second]
    assert (await qual.client.get(f"{HOME}/excerpts?group=lone")).status_code == 422
    shown = (await qual.client.get(f"{HOME}/excerpts", params={"code": asked})).json()["items"][0]
    assert (shown["text"], shown["memo"], shown["quotable"]) == ("I would", "key", True)
    assert shown["speakers"][0]["groups"] == {"lone_parent": "yes"}
    assert "Ash" not in str(shown)
    weaker = (await qual.client.get(f"{HOME}/excerpts", headers=TOKENS.headers(STUDY, role="analyst"))).json()["items"]
    assert [(one["text"], one["memo"]) for one in weaker] == [(None, None)] * 3


async def test_no_event_holds_talk_names_or_memos(qual: Qual) -> None:
    session, *_ = await bound_group(qual)
    await qual.coding(session, await qual.code(), (2, 0), (4, 6), memo="Janes Erinnerung")
    topics = ("participants", "cohorts", "sessions", "excerpts", "codebooks")
    said = str([qual.events(f"assent.qual.{topic}") for topic in topics])
    for secret in ("asked first.", "flagged", "O'Dell", "Samira", "Ruth", "Ash", "Birch", "Erinnerung", "Group 1"):
        assert secret not in said
