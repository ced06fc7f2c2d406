"""Proposals, matches and settings over HTTP."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.analytics.conftest import Analytics, make_tables
from tests.analytics.parents import FLAGGING, ITEM, LONE_PARENT

PRACTICE = FLAGGING.model_dump(mode="json", exclude_defaults=True)
TARGET = {"group": LONE_PARENT.model_dump(), "basis": "eligibility"}


def body(**changes: Any) -> dict[str, Any]:
    """A proposal as it is sent."""
    return {"title": "Flag families", "practice": PRACTICE, "operator": "A council", "targets": [TARGET], **changes}


async def make(analytics: Analytics, **changes: Any) -> str:
    """A proposal's id."""
    made = await analytics.ask("POST", "/proposals", json=body(**changes))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_create_read_change_delete(empty: Analytics) -> None:
    made = await empty.ask("POST", "/proposals", json=body())
    assert made.status_code == 201
    assert made.headers["location"].endswith(f"/proposals/{made.json()['id']}")
    assert made.json()["targets"] == [{**TARGET, "post_hoc": False}]
    path = f"/proposals/{made.json()['id']}"
    assert (await empty.get("/proposals"))["items"] == [made.json()]
    etag = made.headers["etag"]
    assert (await empty.ask("GET", path, headers={"If-None-Match": etag})).status_code == 304
    changed = await empty.ask(
        "PATCH",
        path,
        headers={"If-Match": etag},
        json={"description": "More", "practice": {"operation": None, "setting": "research"}},
    )
    assert changed.status_code == 200
    assert changed.json()["description"] == "More"
    assert "operation" not in changed.json()["practice"] or changed.json()["practice"]["operation"] is None
    assert changed.json()["practice"]["setting"] == "research"
    assert changed.json()["practice"]["purpose"] == "early_help"
    assert (await empty.ask("PATCH", path, headers={"If-Match": etag}, json={})).status_code == 412
    assert (await empty.ask("DELETE", path)).status_code == 428
    assert (await empty.ask("DELETE", path, headers={"If-Match": changed.headers["etag"]})).status_code == 204
    assert (await empty.ask("GET", path)).status_code == 404


async def test_the_same_key_proposes_once(empty: Analytics) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await empty.ask("POST", "/proposals", json=body(), headers=key)
    again = await empty.ask("POST", "/proposals", json=body(), headers=key)
    assert first.headers["location"] == again.headers["location"]
    assert len((await empty.get("/proposals"))["items"]) == 1
    other = await empty.ask("POST", "/proposals", json=body(title="Another"), headers=key)
    assert other.json()["code"] == "idempotency_conflict"


@pytest.mark.parametrize(
    "wrong",
    [
        {"practice": {}},
        {"practice": {**PRACTICE, "sender": "Not A Term"}},
        {"title": ""},
        {"status": "approved"},
        {"colour": "red"},
        {"targets": [{"basis": "judgement"}]},
        {"targets": [{**TARGET, "basis": "hearsay"}]},
        {"targets": [TARGET, {**TARGET, "basis": "judgement"}]},
        {"targets": [{"intersection": [LONE_PARENT.model_dump(), LONE_PARENT.model_dump()], "basis": "judgement"}]},
    ],
)
async def test_what_makes_no_sense_is_refused(empty: Analytics, wrong: dict[str, Any]) -> None:
    answer = await empty.ask("POST", "/proposals", json=body(**wrong))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_patch_is_refused_as_the_whole_would_be(empty: Analytics) -> None:
    made = await empty.ask("POST", "/proposals", json=body())
    answer = await empty.ask(
        "PATCH", f"/proposals/{made.json()['id']}", headers={"If-Match": made.headers["etag"]}, json={"status": "approved"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/status"


async def test_a_target_declared_after_the_evidence_was_shown_is_post_hoc(analytics: Analytics) -> None:
    proposal = await make(analytics)
    first = await analytics.get(f"/proposals/{proposal}/evidence")
    assert first["profile"]["preregistered"] is True
    before = await analytics.ask("GET", f"/proposals/{proposal}")
    assert "evidence_first_shown_at" in before.json()
    fathers = {"group": {"variable": "gender", "group": "father"}, "basis": "judgement"}
    changed = await analytics.ask(
        "PATCH", f"/proposals/{proposal}", headers={"If-Match": before.headers["etag"]}, json={"targets": [TARGET, fathers]}
    )
    assert [target["post_hoc"] for target in changed.json()["targets"]] == [False, True]
    shown = await analytics.get(f"/proposals/{proposal}/evidence")
    assert [target["post_hoc"] for target in shown["targets"]] == [False, True]
    assert shown["profile"]["preregistered"] is False


@pytest.mark.parametrize("item", [ITEM, "ins_a.1.describing"])
async def test_a_proposal_made_after_its_estimates_were_seen_is_not_preregistered(analytics: Analytics, item: str) -> None:
    await analytics.get(f"/estimates?item={item}&by=family_form")
    proposal = await make(analytics)
    shown = await analytics.get(f"/proposals/{proposal}/evidence")
    assert [target["post_hoc"] for target in shown["targets"]] == [True]
    assert shown["profile"]["preregistered"] is False


async def test_nor_is_one_made_after_the_evidence_on_another_was_seen(analytics: Analytics) -> None:
    before, first = await make(analytics), await make(analytics)
    await analytics.get(f"/proposals/{first}/evidence")
    after = await make(analytics, targets=[])
    registered = [await analytics.get(f"/proposals/{proposal}/evidence") for proposal in (before, first, after)]
    assert [shown["profile"]["preregistered"] for shown in registered] == [True, True, False]


async def test_estimates_that_decide_nothing_about_it_may_be_seen_before(analytics: Analytics) -> None:
    await analytics.get("/estimates?item=ins_a.1.migration")
    await analytics.get("/estimates?item=ins_a.1.intervening")
    shown = await analytics.get(f"/proposals/{await make(analytics)}/evidence")
    assert shown["profile"]["preregistered"] is True


async def test_a_target_taken_back_after_the_evidence_was_shown_is_not_forgotten(analytics: Analytics) -> None:
    proposal = await make(analytics)
    await analytics.get(f"/proposals/{proposal}/evidence")
    before = await analytics.ask("GET", f"/proposals/{proposal}")
    await analytics.ask("PATCH", f"/proposals/{proposal}", headers={"If-Match": before.headers["etag"]}, json={"targets": []})
    shown = await analytics.get(f"/proposals/{proposal}/evidence")
    assert "1 of the targets were taken back after the evidence had been seen" in [one["what"] for one in shown["missing"]]


async def test_a_steward_confirms_and_corrects_a_match(analytics: Analytics) -> None:
    proposal = await make(analytics)
    path = f"/proposals/{proposal}/matches/{ITEM}"
    said = await analytics.ask("PUT", path, json={"level": "exact"}, role="steward")
    assert said.json()["decided_by"] == "tester"
    assert "decided_at" in said.json()
    items = (await analytics.get(f"/proposals/{proposal}/evidence"))["items"]
    match = next(item["match"] for item in items if item["item"] == ITEM)
    assert (match["level"], match["confirmed_by"]) == ("exact", "tester")
    assert "corrected" not in match
    await analytics.ask("PUT", path, json={"level": "proxy", "direction": "milder", "note": "Other words"})
    items = (await analytics.get(f"/proposals/{proposal}/evidence"))["items"]
    match = next(item["match"] for item in items if item["item"] == ITEM)
    assert (match["level"], match["direction"], match["corrected"]) == ("proxy", "milder", True)
    await analytics.ask("PUT", path, json={"level": "none"})
    shown = await analytics.get(f"/proposals/{proposal}/evidence")
    assert ITEM not in [item["item"] for item in shown["items"]]
    assert "“flagging” was set aside by tester, although the comparison finds a match" in [one["what"] for one in shown["missing"]]


async def test_a_match_corrected_after_the_evidence_was_shown_is_not_preregistered(analytics: Analytics) -> None:
    async def preregistered() -> bool:
        return bool((await analytics.get(f"/proposals/{proposal}/evidence"))["profile"]["preregistered"])

    proposal = await make(analytics)
    path = f"/proposals/{proposal}/matches/{ITEM}"
    assert await preregistered()
    await analytics.ask("PUT", path, json={"level": "exact"})
    assert await preregistered(), "a match that is confirmed changes nothing"
    await analytics.ask("PUT", path, json={"level": "proxy"})
    assert not await preregistered()


async def test_only_a_steward_decides_on_an_item_that_exists(analytics: Analytics) -> None:
    proposal = await make(analytics)
    refused = await analytics.ask("PUT", f"/proposals/{proposal}/matches/{ITEM}", json={"level": "exact"}, role="researcher")
    assert refused.status_code == 403
    unknown = await analytics.ask("PUT", f"/proposals/{proposal}/matches/ins_a.1.nothing", json={"level": "exact"})
    assert unknown.json()["code"] == "unknown_item"


async def test_settings_have_defaults_and_are_set_whole(empty: Analytics) -> None:
    defaults = await empty.ask("GET", "/evidence-settings")
    assert defaults.json()["majority"] == 0.5
    assert "changed_at" not in defaults.json()
    changed = await empty.ask("PUT", "/evidence-settings", json={"majority": 0.6, "name_base": 40}, role="steward")
    assert changed.json()["majority"] == 0.6
    assert changed.json()["changed_by"] == "tester"
    assert (await empty.get("/evidence-settings"))["name_base"] == 40
    stale = await empty.ask("PUT", "/evidence-settings", json={}, headers={"If-Match": defaults.headers["etag"]})
    assert stale.status_code == 412


@pytest.mark.postgres
async def test_of_several_who_set_one_version_in_two_pods_one_does(new_database: Callable[[], str]) -> None:
    url = new_database()
    make_tables(url)
    pods = [Analytics(url) for _ in range(2)]
    first = await pods[0].ask("PUT", "/evidence-settings", json={"majority": 0.6}, role="steward")
    held = {"If-Match": first.headers["etag"]}
    wanted = [({"majority": 0.5 + number / 100}, pod) for number in range(1, 9) for pod in pods]
    answers = await asyncio.gather(
        *(pod.ask("PUT", "/evidence-settings", json=settings, headers=held, role="steward") for settings, pod in wanted)
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 15}
    for pod in pods:
        pod.database.close()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"majority": 1.5}, "invalid_request"),
        ({"alpha": 0.7}, "unacceptable_settings"),
        ({"name_base": 3}, "unacceptable_settings"),
        ({"threshold": 1}, "invalid_request"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(empty: Analytics, wrong: dict[str, Any], code: str) -> None:
    answer = await empty.ask("PUT", "/evidence-settings", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_only_a_steward_sets_the_thresholds(empty: Analytics) -> None:
    assert (await empty.ask("PUT", "/evidence-settings", json={}, role="analyst")).status_code == 403


async def test_another_study_has_none_of_its_proposals(empty: Analytics) -> None:
    proposal = await make(empty)
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/evidence")):
        answer = await empty.ask(method, f"/proposals/{proposal}{path}", study="stu_other", headers={"If-Match": "*"})
        assert answer.status_code == 404
