"""Analyses over HTTP: asked, answered once for the same data, done as jobs, listed, deleted, refused."""

import asyncio
from typing import Any

import pytest
from tests.analytics.analyses.asking import ITEM, OTHER, analyse, asked, figure
from tests.analytics.conftest import Analytics
from tests.analytics.parents import STUDY, collection, parent
from tests.analytics.test_proposals import make

from assent_analytics.app import SERVICE
from assent_contracts import registry


async def work(analytics: Analytics) -> None:
    """Do the jobs that wait."""
    (worker,) = [worker for worker in SERVICE.workers if worker.name == "jobs"]
    while await asyncio.to_thread(worker.run_once, analytics.database, analytics.app.state.settings):
        pass


async def test_an_analysis_answers_numbers_with_their_design_and_recipe(analytics: Analytics) -> None:
    made = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]))
    assert made.status_code == 201
    body = made.json()
    assert made.headers["location"] == f"/v1/studies/{STUDY}/analyses/{body['id']}"
    assert (body["state"], body["stale"]) == ("ready", False)
    assert body["result"]["base"] == 600
    assert body["result"]["design"]["strata"] == 6
    assert figure(body, outcome="acceptable")["base"] == 600
    assert sum(one["share"] for one in body["result"]["figures"] if "share" in one) == pytest.approx(1.0)
    assert body["recipe"]["request"]["design"]["weights"] == "declared"
    assert set(body["recipe"]["columns"]) == {"weight", "stratum", "item_flagging"}
    assert "assent-analytics" in body["recipe"]["software"]
    again = await analytics.ask("GET", f"/analyses/{body['id']}", headers={"If-None-Match": made.headers["etag"]})
    assert again.status_code == 304


async def test_the_same_question_on_the_same_data_is_answered_once(analytics: Analytics) -> None:
    first = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]))
    again = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM], level=0.95))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM], level=0.9))
    assert (other.status_code, other.json()["id"] == first.json()["id"]) == (201, False)


async def test_the_same_key_answers_the_same_location(analytics: Analytics) -> None:
    key = {"Idempotency-Key": "one"}
    first = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]), headers=key)
    analytics.hear((registry.RESPONSE_CORRECTED, parent(0, answers={"flagging": "acceptable"})), version=2)
    again = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]), headers=key)
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])
    assert again.json()["stale"] is True
    other = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[OTHER]), headers=key)
    assert other.json()["code"] == "idempotency_conflict"


async def test_an_analysis_is_stale_once_its_data_change_and_can_be_asked_for_again(analytics: Analytics) -> None:
    first = await analyse(analytics, "distribution", items=[ITEM])
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    assert (await analytics.get(f"/analyses/{first['id']}"))["stale"] is True
    second = await analyse(analytics, "distribution", items=[ITEM])
    assert (second["id"] != first["id"], second["stale"], second["result"]["base"]) == (True, False, 599)
    listed = (await analytics.get("/analyses"))["items"]
    assert [(one["id"], one["stale"]) for one in listed] == [(first["id"], True), (second["id"], False)]


async def test_what_takes_long_is_a_job(analytics: Analytics) -> None:
    made = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]), headers={"Prefer": "respond-async"})
    assert made.status_code == 202
    job = made.headers["location"]
    assert job.startswith(f"/v1/studies/{STUDY}/jobs/job_ana_")
    assert (made.json()["state"], made.json()["result"], made.json()["job"]) == ("pending", None, job)
    path = f"/analyses/{made.json()['id']}"
    assert (await analytics.ask("GET", f"{path}?as=table")).json()["code"] == "not_ready"
    same = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]))
    assert (same.status_code, same.headers["location"]) == (202, job)
    await work(analytics)
    done = await analytics.get(job.removeprefix(f"/v1/studies/{STUDY}"))
    assert (done["state"], done["result"]) == ("done", f"/v1/studies/{STUDY}{path}")
    found = await analytics.get(path)
    assert found["result"]["base"] == 600
    assert (await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]))).status_code == 200


async def test_a_job_that_was_cancelled_can_be_asked_for_again(analytics: Analytics) -> None:
    later = {"Prefer": "respond-async"}
    made = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]), headers=later)
    await analytics.ask("DELETE", made.headers["location"].removeprefix(f"/v1/studies/{STUDY}"))
    assert (await analytics.get(f"/analyses/{made.json()['id']}"))["state"] == "failed"
    again = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]), headers=later)
    assert again.status_code == 202
    assert again.json()["id"] != made.json()["id"]
    await work(analytics)
    assert (await analytics.get(f"/analyses/{again.json()['id']}"))["state"] == "ready"


async def test_list_in_pages_by_method_and_delete(analytics: Analytics) -> None:
    ids = [(await analyse(analytics, "distribution", items=[ITEM], level=level))["id"] for level in (0.8, 0.9, 0.95)]
    first = await analytics.get("/analyses?limit=2")
    second = await analytics.get(f"/analyses?limit=2&cursor={first['next']}")
    assert [one["id"] for one in (*first["items"], *second["items"])] == ids
    assert "result" not in first["items"][0]
    assert (await analytics.get("/analyses?method=mean"))["items"] == []
    found = await analytics.ask("GET", f"/analyses/{ids[0]}")
    assert (await analytics.ask("DELETE", f"/analyses/{ids[0]}")).status_code == 428
    gone = await analytics.ask("DELETE", f"/analyses/{ids[0]}", headers={"If-Match": found.headers["etag"]})
    assert gone.status_code == 204
    assert (await analytics.ask("GET", f"/analyses/{ids[0]}")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"collection": "col_none"}, "unknown_collection"),
        ({"items": ["ins_a.1.nothing"]}, "item_not_asked"),
        ({"items": ["ins_a.1.form"]}, "not_suited"),
        ({"by": ["shoe_size"]}, "unknown_variable"),
        ({"within": {"place": ["moon"]}}, "unknown_group"),
        ({"within": {"shoe_size": ["big"]}}, "unknown_variable"),
        ({"method": "alchemy"}, "invalid_request"),
        ({"colour": "red"}, "invalid_request"),
        ({"items": []}, "invalid_request"),
        ({"items": [ITEM, ITEM]}, "invalid_request"),
        ({"by": ["place", "place"]}, "invalid_request"),
        ({"within": {"place": []}}, "invalid_request"),
        ({"level": 95}, "invalid_request"),
        ({"design": {"weights": "golden"}}, "invalid_request"),
        ({"design": {"lonely": "fail"}, "within": {"place": ["island"]}, "items": ["ins_a.1.nothing"]}, "item_not_asked"),
    ],
)
async def test_what_cannot_be_done_is_a_problem_with_a_remedy(analytics: Analytics, changes: dict[str, Any], code: str) -> None:
    answer = await analytics.ask("POST", "/analyses", json=asked(**{"method": "distribution", "items": [ITEM], **changes}))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["remedy"]
    assert (await analytics.get("/analyses"))["items"] == []


async def test_a_viewer_sees_no_live_analysis_and_an_analyst_no_single_answers(analytics: Analytics) -> None:
    made = await analyse(analytics, "distribution", items=[ITEM])
    for method, path in (("GET", f"/analyses/{made['id']}"), ("POST", "/analyses")):
        answer = await analytics.ask(method, path, role="viewer", json=asked("distribution", items=[ITEM]))
        assert (answer.status_code, answer.json()["code"]) == (403, "nothing_released")
    assert (await analytics.ask("GET", f"/analyses/{made['id']}/data", role="analyst")).status_code == 403
    assert (await analytics.ask("GET", f"/analyses/{made['id']}", study="stu_other")).status_code == 404


async def test_small_groups_are_suppressed_with_what_would_give_them_away(analytics: Analytics) -> None:
    made = await analyse(analytics, "distribution", items=[ITEM], by=["place"])
    island = [one for one in made["result"]["figures"] if one.get("group") == "island"]
    assert island
    assert all(one.get("suppressed") or one.get("base") == 0 for one in island)
    assert all("share" not in one and "base" not in one for one in island if one.get("suppressed"))
    others = [one for one in made["result"]["figures"] if one.get("group") in ("town", "village") and one.get("suppressed")]
    assert others, "one hidden group alone could be worked out from the total"
    assert any("suppressed" in note for note in made["result"]["notes"])
    support = await analyse(analytics, "support", items=[ITEM], by=["place", "family_form"])
    assert figure(support, group="island", variable="place", outcome="support")["suppressed"] is True
    lone = figure(support, group="lone_parent", variable="family_form", outcome="support")
    assert lone["difference"] < -0.3
    assert lone["p_holm"] >= lone["p"]
    (test,) = support["result"]["tests"]
    assert test["variable"] == "family_form"


async def test_only_some_people_and_other_weights(analytics: Analytics) -> None:
    everyone = await analyse(analytics, "mean", items=[ITEM], by=["gender"])
    fathers = await analyse(analytics, "mean", items=[ITEM], within={"gender": ["father"]})
    assert figure(fathers)["mean"] == figure(everyone, variable="gender", group="father")["mean"]
    plain = await analyse(analytics, "mean", items=[ITEM], design={"weights": "none"})
    assert figure(plain)["mean"] != figure(everyone)["mean"]


async def test_a_sample_that_was_not_drawn_says_so(analytics: Analytics) -> None:
    analytics.hear((registry.COLLECTION_CLOSED, collection(sampling="quota")), version=2)
    made = await analyse(analytics, "distribution", items=[ITEM])
    assert any(note.startswith("A quota sample") for note in made["result"]["notes"])


async def test_a_proposal_made_after_an_analysis_of_its_items_is_not_preregistered(analytics: Analytics) -> None:
    await analyse(analytics, "support", items=[ITEM], by=["family_form"])
    proposal = await make(analytics)
    shown = await analytics.get(f"/proposals/{proposal}/evidence")
    assert shown["profile"]["preregistered"] is False


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"level": 2}, "/level"),
        ({"items": [ITEM, ""]}, "/items/1"),
        ({"items": None}, "/items"),
        ({"design": {"lonely": "x"}}, "/design/lonely"),
    ],
)
async def test_a_problem_points_into_the_body_that_was_sent(analytics: Analytics, changes: dict[str, Any], pointer: str) -> None:
    answer = await analytics.ask("POST", "/analyses", json=asked(**{"method": "distribution", "items": [ITEM], **changes}))
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    missing = await analytics.ask("POST", "/analyses", json=asked("distribution"))
    assert [error["pointer"] for error in missing.json()["errors"]] == ["/items"]
