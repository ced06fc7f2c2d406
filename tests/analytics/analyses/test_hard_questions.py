"""Questions that have no good answer: they get a problem with a code and a remedy, or marks where numbers would be; never a failure."""

import asyncio
from typing import Any

import pytest
from tests.analytics.analyses.requests import BY_OURSELVES, IN_R, YES
from tests.analytics.analyses.survey import ACCEPT, AGE, NOW, TRUST
from tests.analytics.conftest import Analytics

from assent_analytics.app import SERVICE

EVERY = {name: request for name, request in {**IN_R, **BY_OURSELVES}.items() if "jackknife" not in name and "bootstrap" not in name}


async def outcome(analytics: Analytics, name: str, request: dict[str, Any]) -> Any:
    """What comes of an analysis: the analysis, or the problem that its request or its job ends with."""
    asked = await analytics.ask("POST", "/analyses", json={"method": name.split(" ")[0], "collection": NOW, **request})
    assert asked.status_code in (200, 201, 202, 422), asked.text
    if asked.status_code == 422:
        return asked.json()
    if asked.status_code == 202:
        (worker,) = [worker for worker in SERVICE.workers if worker.name == "jobs"]
        await asyncio.to_thread(worker.run_once, analytics.database, analytics.app.state.settings)
        job = await analytics.get(asked.headers["location"].partition("/stu_parents")[2])
        if job["state"] == "failed":
            return job["problem"]
    return await analytics.get(f"/analyses/{asked.json()['id']}")


@pytest.mark.parametrize(
    ("name", "request_", "code"),
    [
        ("mean", {"items": ["ins_b.1.none"]}, "item_not_asked"),
        ("support", {"items": [TRUST[0]]}, "not_suited"),
        ("proportion", {"item": ACCEPT, "options": ["perhaps"]}, "not_suited"),
        ("proportion", {"item": AGE, "options": ["1"]}, "not_suited"),
        ("proportion", {"item": ACCEPT, "options": YES, "interval": "wald"}, "invalid_request"),
        ("quantile", {"item": AGE, "probabilities": [1.0]}, "invalid_request"),
        ("difference", {"item": AGE, "variable": "place", "group": "town", "versus": "town"}, "not_suited"),
        ("difference", {"item": AGE, "variable": "place", "group": "moon"}, "unknown_group"),
        ("association", {"item": ACCEPT}, "not_suited"),
        ("association", {"item": ACCEPT, "variable": "place", "with_item": TRUST[0]}, "not_suited"),
        ("association", {"item": AGE, "variable": "place"}, "not_suited"),
        ("regression", {"model": "logit", "outcome": ACCEPT, "groups": ["place"]}, "not_suited"),
        ("regression", {"model": "linear", "outcome": AGE}, "not_suited"),
        ("regression", {"model": "linear", "outcome": AGE, "covariates": [AGE]}, "cannot_estimate"),
        ("regression", {"model": "ordinal", "outcome": AGE, "groups": ["place"]}, "not_suited"),
        ("reliability", {"items": [TRUST[0]]}, "invalid_request"),
        ("factors", {"items": list(TRUST), "number": 4}, "cannot_estimate"),
        ("mrp", {**BY_OURSELVES["mrp"], "area": "gender"}, "not_suited"),
        ("mrp", {**BY_OURSELVES["mrp"], "population": [{"groups": {"place": "town"}, "people": 1}]}, "not_suited"),
        ("trend", {"earlier": NOW, "items": [ACCEPT]}, "not_suited"),
        ("trend", {"earlier": "col_panel", "items": [ACCEPT]}, "not_suited"),
        ("trend", {"earlier": "col_none", "items": [ACCEPT]}, "unknown_collection"),
        ("table", {"items": [AGE], "by": "place", "difference": True}, "not_suited"),
        ("mean", {"items": [AGE], "design": {"weights": "raked"}}, "not_suited"),
        ("mean", {"items": [AGE], "design": {"replicates": {"method": "guessing"}}}, "invalid_request"),
        ("latent_classes", {"items": list(TRUST), "classes": 1}, "invalid_request"),
    ],
)
@pytest.mark.parametrize("hard", ["small"], indirect=True)
async def test_a_bad_question_is_a_problem(hard: Analytics, name: str, request_: dict[str, Any], code: str) -> None:
    found = await outcome(hard, name, request_)
    assert found.get("code") == code, found
    assert found["remedy"]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("hard", ["few"], indirect=True)
async def test_few_people_are_never_told_of(hard: Analytics, name: str) -> None:
    found = await outcome(hard, name, EVERY[name])
    if "code" in found:
        assert found["code"] in ("cannot_estimate", "not_suited")
        return
    numbers = [one for one in (*found["result"]["figures"], *found["result"]["tests"]) if not one.get("suppressed")]
    told = [one for one in numbers if one.get("base") != 0 and any(isinstance(value, (int, float)) for value in one.values())]
    assert not told, told


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("hard", ["nobody"], indirect=True)
async def test_nobody_at_all_is_no_failure(hard: Analytics, name: str) -> None:
    found = await outcome(hard, name, EVERY[name])
    assert found.get("code") in ("cannot_estimate", "not_suited") or all(
        one.get("suppressed") or not one.get("base") for one in found["result"]["figures"]
    )


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("hard", ["lopsided"], indirect=True)
async def test_a_group_of_nobody_and_one_of_few_are_no_failure(hard: Analytics, name: str) -> None:
    found = await outcome(hard, name, EVERY[name])
    if "code" in found:
        assert found["code"] in ("cannot_estimate", "not_suited"), found
        return
    few = [one for one in found["result"]["figures"] if one.get("group") == "village" and not one.get("suppressed")]
    assert not few or name == "mrp", few
