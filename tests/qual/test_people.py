"""Participants, consent, cohorts and sessions over HTTP."""

import pytest
from tests.qual.study import ALL_USES, HOME, STUDY, Qual
from tests.support import TOKENS


async def test_a_participant_is_a_pseudonym_with_groups(qual: Qual) -> None:
    made = await qual.client.post(f"{HOME}/participants", json={"pseudonym": "Ash", "attributes": {"lone_parent": "yes"}})
    assert made.status_code == 201
    address = made.headers["location"]
    assert made.json()["consent"] == {"form_version": None, "uses": dict.fromkeys(ALL_USES, False)}
    changed = await qual.client.patch(
        address,
        json={"attributes": {"lone_parent": None, "ethnicity": "Black African"}},
        headers={"If-Match": made.headers["etag"]},
    )
    assert changed.json()["attributes"] == {"ethnicity": "Black African"}
    assert changed.json()["pseudonym"] == "Ash"
    assert (await qual.client.patch(address, json={"pseudonym": None}, headers={"If-Match": "*"})).status_code == 422
    assert (await qual.client.get(address)).headers["etag"] == changed.headers["etag"]
    listed = (await qual.client.get(f"{HOME}/participants")).json()["items"]
    assert [one["id"] for one in listed] == [made.json()["id"]]


async def test_nothing_is_said_of_a_participant_before_consent_and_never_a_pseudonym(qual: Qual) -> None:
    made = await qual.made("participants", {"pseudonym": "Ash", "attributes": {"lone_parent": "yes"}})
    assert qual.events("assent.qual.participants") == []
    given = await qual.consent(made["id"], {"take_part": True, "quote": True, "archive": False})
    assert given.status_code == 201
    ((key, version, state),) = qual.events("assent.qual.participants")
    assert (key, version) == (made["id"], 2)
    assert state == {
        "study": STUDY,
        "participant": made["id"],
        "groups": {"lone_parent": "yes"},
        "uses": ["take_part", "quote"],
        "form_version": "v2",
    }


async def test_the_ledger_only_grows_and_folds_into_present_consent(qual: Qual) -> None:
    id = await qual.participant()
    entry = await qual.consent(id, {"quote": True}, "withdrawn")
    assert entry.status_code == 201
    assert (await qual.client.get(entry.headers["location"])).json()["decision"] == "withdrawn"
    shown = (await qual.client.get(f"{HOME}/participants/{id}")).json()["consent"]
    assert shown["uses"]["quote"] is False
    assert shown["uses"]["publish_online"] is True
    ledger = (await qual.client.get(f"{HOME}/participants/{id}/consents")).json()["items"]
    assert [one["decision"] for one in ledger] == ["given", "withdrawn"]
    assert (await qual.client.delete(entry.headers["location"])).status_code == 405


@pytest.mark.parametrize(
    ("uses", "decision", "more", "code"),
    [
        ({"quote": False}, "withdrawn", {}, "consent_unclear"),
        ({"take_part": False}, "given", {}, "consent_unclear"),
        ({"take_part": True}, "given", {"form_version": None}, "consent_unclear"),
        ({"take_part": True}, "given", {"at": "2999-01-01T00:00:00Z"}, "consent_in_future"),
        ({"quote": True}, "withdrawn", {"at": "2001-01-01T00:00:00Z"}, "consent_overtaken"),
        ({"take_part": True}, "withdrawn", {"at": "2001-01-01T00:00:00Z"}, "consent_overtaken"),
        ({}, "given", {}, "invalid_request"),
        ({"sell": True}, "given", {}, "invalid_request"),
        ({"quote": "yes"}, "given", {}, "invalid_request"),
        ({"quote": True}, "given", {"at": "2026-01-01T00:00:00"}, "invalid_request"),
        ({"quote": True}, "given", {"at": "0001-01-01T00:00:00+14:00"}, "invalid_request"),
    ],
)
async def test_an_entry_that_decides_nothing_is_refused(
    local: Qual, uses: dict[str, bool], decision: str, more: dict[str, str], code: str
) -> None:
    id = await local.participant()
    refused = await local.consent(id, uses, decision, **more)
    assert (refused.json()["code"], refused.status_code // 100) == (code, 4)
    assert len((await local.client.get(f"{HOME}/participants/{id}/consents")).json()["items"]) == 1


async def test_cohorts_and_sessions(qual: Qual) -> None:
    cohort = await qual.made(
        "cohorts",
        {"composition": [{"variable": "lone_parent", "group": "yes"}], "chosen_because": "lowest in the survey", "target_size": 6},
    )
    session = await qual.client.post(
        f"{HOME}/sessions",
        json={
            "kind": "interview",
            "title": "Interview 3",
            "held_on": "2026-05-04",
            "cohort": cohort["id"],
            "contact": [{"service": "children's social work", "basis": "statutory"}],
        },
    )
    assert session.json()["cohort"] == cohort["id"]
    assert session.json()["transcript"] is None
    assert (await qual.client.get(session.headers["location"])).json() == session.json()
    assert [state["composition"] for _, _, state in qual.events("assent.qual.cohorts") if state] == [cohort["composition"]]
    assert qual.events("assent.qual.sessions") == []
    unknown = await qual.client.post(f"{HOME}/sessions", json={"kind": "interview", "title": "x", "cohort": "coh_1"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "cohort_unknown")


async def test_other_studies_and_weaker_roles_see_nothing(qual: Qual) -> None:
    id = await qual.participant()
    address = f"{HOME}/participants/{id}"
    other = TOKENS.headers("stu_b")
    assert (await qual.client.get(address, headers=other)).status_code == 404
    assert (await qual.client.get(address.replace("stu_a", "stu_b"), headers=other)).status_code == 404
    for role in ("analyst", "viewer", "platform"):
        assert (await qual.client.get(address, headers=TOKENS.headers(STUDY, role=role))).status_code == 403
    coder = TOKENS.headers(STUDY, role="coder")
    assert (await qual.client.get(address, headers=coder)).status_code == 200
    assert (await qual.client.post(f"{HOME}/participants", json={"pseudonym": "x"}, headers=coder)).status_code == 403


async def test_the_same_key_registers_once(qual: Qual) -> None:
    key = {"Idempotency-Key": "k"}
    first = await qual.client.post(f"{HOME}/participants", json={"pseudonym": "Ash"}, headers=key)
    again = await qual.client.post(f"{HOME}/participants", json={"pseudonym": "Ash"}, headers=key)
    assert again.headers["location"] == first.headers["location"]
    assert len((await qual.client.get(f"{HOME}/participants")).json()["items"]) == 1
