"""Analyses that are released: viewers see those and no others, and what would give a few people away does not leave."""

from typing import Any

from tests.analytics.analyses.asking import ITEM, analyse, asked
from tests.analytics.conftest import Analytics
from tests.analytics.parents import collection, parent

from assent_contracts import registry


async def release(analytics: Analytics, analysis: str, **changes: Any) -> Any:
    """The answer to a steward who releases an analysis."""
    return await analytics.ask("POST", f"/analyses/{analysis}/releases", role="steward", json={"note": "for the panel", **changes})


async def test_viewers_see_what_was_released_as_it_was(analytics: Analytics) -> None:
    made = await analyse(analytics, "support", items=[ITEM], by=["family_form"])
    other = await analyse(analytics, "mean", items=[ITEM])
    assert (await analytics.get("/analyses", role="viewer"))["items"] == []
    released = await release(analytics, made["id"])
    assert released.status_code == 201, released.text
    assert released.headers["location"].endswith(f"/analyses/{made['id']}/releases/1")
    assert released.json()["manifest"]["statbarn"] == "frequencies"
    listed = (await analytics.get("/analyses", role="viewer"))["items"]
    assert [one["id"] for one in listed] == [made["id"]]
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    seen = await analytics.get(f"/analyses/{made['id']}", role="viewer")
    assert (seen["result"], seen["stale"]) == (made["result"], False)
    assert (await analytics.get(f"/analyses/{made['id']}/releases/1", role="viewer"))["result"] == made["result"]
    (version,) = (await analytics.get(f"/analyses/{made['id']}/releases", role="viewer"))["items"]
    assert version["version"] == 1
    page = await analytics.ask("GET", f"/analyses/{made['id']}?as=html", role="viewer")
    assert page.status_code == 200
    refused = await analytics.ask("GET", f"/analyses/{other['id']}", role="viewer")
    assert refused.json()["code"] == "nothing_released"
    assert (await analytics.ask("GET", f"/analyses/{made['id']}/data", role="viewer")).status_code == 403


async def test_only_stewards_release_and_only_what_is_fresh_and_closed(analytics: Analytics) -> None:
    made = await analyse(analytics, "distribution", items=[ITEM])
    body = {"note": "n"}
    assert (await analytics.ask("POST", f"/analyses/{made['id']}/releases", role="researcher", json=body)).status_code == 403
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    assert (await release(analytics, made["id"])).json()["code"] == "stale_analysis"
    analytics.hear((registry.COLLECTION_OPENED, collection(state="open")), version=3)
    again = await analyse(analytics, "distribution", items=[ITEM])
    assert (await release(analytics, again["id"])).json()["code"] == "still_open"
    assert (await release(analytics, "ana_none")).status_code == 404


async def test_a_few_people_who_moved_are_not_given_away(analytics: Analytics) -> None:
    first = await analyse(analytics, "distribution", items=[ITEM], by=["family_form"])
    assert (await release(analytics, first["id"])).status_code == 201
    analytics.hear((registry.RESPONSE_CORRECTED, parent(1, answers={"flagging": "unacceptable"})), version=2)
    second = await analyse(analytics, "distribution", items=[ITEM], by=["family_form"])
    assert second["result"] != first["result"]
    repeated = await release(analytics, second["id"])
    assert repeated.status_code == 201, repeated.text
    assert (await analytics.get(f"/analyses/{second['id']}", role="viewer"))["result"] == first["result"]
    other = await analyse(analytics, "support", items=[ITEM], by=["family_form"])
    assert (await release(analytics, other["id"])).json()["code"] == "differencing"


async def test_a_filter_that_leaves_a_few_people_out_is_refused(analytics: Analytics) -> None:
    whole = await analyse(analytics, "mean", items=[ITEM])
    assert (await release(analytics, whole["id"])).status_code == 201
    most = await analyse(analytics, "mean", items=[ITEM], within={"place": ["town", "village"]})
    assert (await release(analytics, most["id"])).json()["code"] == "differencing"


async def test_what_was_released_is_not_deleted(analytics: Analytics) -> None:
    made = await analytics.ask("POST", "/analyses", json=asked("distribution", items=[ITEM]))
    await release(analytics, made.json()["id"])
    answer = await analytics.ask("DELETE", f"/analyses/{made.json()['id']}", headers={"If-Match": made.headers["etag"]})
    assert answer.json()["code"] == "released"
