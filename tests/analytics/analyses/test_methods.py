"""Every method over HTTP: it answers, tells no small count, and R gives the same numbers where it has the method."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.analyses.asking import figure
from tests.analytics.analyses.running_r import same_in_r
from tests.analytics.analyses.survey import ACCEPT, AGE, BEFORE, CHILDREN, LEVELS, NOW, TRUST, responses, whole_survey
from tests.analytics.conftest import Analytics

from assent_analytics.app import SERVICE
from assent_analytics.service.analyses.methods import METHODS
from assent_contracts import registry

YES = ["acceptable", "acceptable_if"]

IN_R: dict[str, dict[str, Any]] = {
    "distribution": {"items": [ACCEPT], "by": ["family_form", "place"]},
    "support": {"items": [ACCEPT], "by": ["family_form", "place"]},
    "mean": {"items": [AGE, TRUST[0]], "by": ["family_form"]},
    "total": {"item": CHILDREN, "by": ["place"]},
    "total of people": {"item": ACCEPT, "options": YES, "by": ["place"]},
    "ratio": {"numerator": CHILDREN, "denominator": AGE, "by": ["gender"]},
    "quantile": {"item": AGE, "probabilities": [0.25, 0.5, 0.9], "by": ["gender"]},
    "proportion": {"item": ACCEPT, "options": YES, "by": ["place"]},
    "proportion by beta": {"item": ACCEPT, "options": ["dont_know"], "interval": "beta"},
    "difference": {"item": AGE, "variable": "family_form", "group": "lone_parent"},
    "difference between two": {"item": ACCEPT, "options": YES, "variable": "place", "group": "town", "versus": "island"},
    "association": {"item": ACCEPT, "variable": "place"},
    "association of items": {"item": ACCEPT, "with_item": TRUST[0], "test": "adjWald"},
    "rank_test": {"item": TRUST[1], "variable": "family_form"},
    "rank_test of three": {"item": AGE, "variable": "place", "scores": "vanderWaerden"},
    "pairwise": {"item": AGE, "variable": "place"},
    "regression": {"model": "logit", "outcome": ACCEPT, "options": YES, "groups": ["family_form", "place"], "covariates": [AGE]},
    "regression of a number": {"model": "linear", "outcome": AGE, "groups": ["gender"], "covariates": [CHILDREN]},
    "regression of a count": {"model": "poisson", "outcome": CHILDREN, "groups": ["gender"]},
    "consensus": {"items": [TRUST[0]], "by": ["family_form"]},
    "reliability": {"items": list(TRUST)},
    "table": {"items": [ACCEPT, AGE], "by": "family_form", "difference": True},
}

JACKKNIFE = {"replicates": {"method": "jackknife"}}

IN_R |= {
    "mean by jackknife": {"items": [AGE], "by": ["family_form"], "design": JACKKNIFE},
    "distribution by jackknife": {"items": [ACCEPT], "design": JACKKNIFE},
    "regression by jackknife": {"model": "linear", "outcome": AGE, "groups": ["gender"], "design": JACKKNIFE},
}

BY_OURSELVES: dict[str, dict[str, Any]] = {
    "scale": {"items": list(TRUST), "by": ["family_form"]},
    "factors": {"items": list(TRUST), "number": 1},
    "latent_classes": {"items": list(TRUST), "classes": 2, "starts": 3, "replicates": 20},
    "vignettes": {
        "vignettes": [
            {
                "judgement": f"ins_b.1.judgement_{n}",
                "features": {"recipient": f"ins_b.1.recipient_{n}", "purpose": f"ins_b.1.purpose_{n}"},
            }
            for n in (1, 2)
        ],
        "by": "family_form",
    },
    "mrp": {
        "item": ACCEPT,
        "options": YES,
        "groups": ["place", "family_form"],
        "area": "place",
        "population": [
            {"groups": {"place": place, "family_form": form}, "people": 1000}
            for place in ("town", "village", "island")
            for form in ("lone_parent", "couple")
        ],
        "draws": 200,
    },
    "path_model": {
        "antecedents": {"fairness": [TRUST[0]], "contact": [TRUST[1]]},
        "trust": [TRUST[2], TRUST[3]],
        "acceptance": [ACCEPT],
    },
    "trend": {"earlier": BEFORE, "items": [ACCEPT]},
    "consensus by bootstrap": {"items": [TRUST[0]], "design": {"replicates": {"method": "bootstrap", "count": 40}}},
    "quantile by jackknife": {"item": AGE, "design": JACKKNIFE},
    "reliability by jackknife": {"items": list(TRUST), "design": JACKKNIFE},
    "regression in order": {"model": "ordinal", "outcome": ACCEPT, "groups": ["family_form"]},
}


@pytest.fixture
async def surveyed(analytics: Analytics) -> Analytics:
    """Analytics that has heard the survey too."""
    analytics.hear(*whole_survey())
    return analytics


async def made(analytics: Analytics, name: str, request: dict[str, Any]) -> Any:
    """An analysis, whether it is quick or a job."""
    answer = await analytics.ask("POST", "/analyses", json={"method": name.split(" ")[0], "collection": NOW, **request})
    assert answer.status_code in (201, 202), answer.text
    if answer.status_code == 202:
        (worker,) = [worker for worker in SERVICE.workers if worker.name == "jobs"]
        await asyncio.to_thread(worker.run_once, analytics.database, analytics.app.state.settings)
    found = await analytics.get(f"/analyses/{answer.json()['id']}")
    job = await analytics.get(found["job"].partition("/stu_parents")[2]) if found["job"] else None
    assert found["state"] == "ready", job
    return found


IN_R_TOO = ("vignettes", "path_model")
"""Of whose figures R gives the most important."""


@pytest.mark.parametrize("name", [*IN_R, *IN_R_TOO])
async def test_r_gives_the_same(surveyed: Analytics, tmp_path: Path, name: str) -> None:
    analysis = await made(surveyed, name, {**IN_R, **BY_OURSELVES}[name])
    await same_in_r(surveyed, tmp_path, analysis, least=1)


@pytest.mark.parametrize("name", [*IN_R, *BY_OURSELVES])
async def test_it_can_be_had_in_every_form_that_it_has(surveyed: Analytics, name: str) -> None:
    analysis = await made(surveyed, name, {**IN_R, **BY_OURSELVES}[name])
    assert any(len(one) > 1 for one in (*analysis["result"]["figures"], *analysis["result"]["tests"]))
    for form in ("table", "html", "csv", "docx"):
        answer = await surveyed.ask("GET", f"/analyses/{analysis['id']}?as={form}")
        assert answer.status_code == 200, answer.text
        assert answer.content
    for form in ("vega", "r"):
        answer = await surveyed.ask("GET", f"/analyses/{analysis['id']}?as={form}")
        assert answer.status_code in (200, 406), answer.text


def test_every_method_is_tried() -> None:
    tried = {name.split(" ")[0] for name in (*IN_R, *BY_OURSELVES)}
    known = {kind.model_fields["method"].annotation.__args__[0] for kind in METHODS}  # type: ignore[union-attr]
    assert tried == known


async def test_what_was_put_into_the_survey_comes_out(surveyed: Analytics) -> None:
    vignettes = await made(surveyed, "vignettes", BY_OURSELVES["vignettes"])
    effects = {one["level"]: one["estimate"] for one in vignettes["result"]["figures"] if one["term"] == "effect"}
    assert effects["police"] == pytest.approx(-1.5, abs=0.4)
    assert effects["control"] == pytest.approx(-1.0, abs=0.4)
    trend = await made(surveyed, "trend", BY_OURSELVES["trend"])
    assert figure(trend)["respondents"] == "independent"
    modelled = await made(surveyed, "mrp", BY_OURSELVES["mrp"])
    assert all(one["kind"] == "modelled" for one in modelled["result"]["figures"])
    assert any(note.startswith("Modelled") for note in modelled["result"]["notes"])


@pytest.mark.parametrize(
    "method", ["mean", "support", "proportion", "difference", "association", "pairwise", "rank_test", "ratio", "total", "table"]
)
async def test_replicate_weights_give_nearly_the_same_errors(surveyed: Analytics, method: str) -> None:
    name = next(name for name in IN_R if name.split(" ")[0] == method)
    plain = await made(surveyed, name, IN_R[name])
    left_out = await made(surveyed, name, {**IN_R[name], "design": JACKKNIFE})
    assert left_out["job"] is not None
    assert "replicates" in left_out["result"]["design"]
    pairs = zip(plain["result"]["figures"], left_out["result"]["figures"], strict=True)
    errors = [(one["standard_error"], other["standard_error"]) for one, other in pairs if "standard_error" in one]
    assert all(other == pytest.approx(one, rel=0.1) for one, other in errors)


async def test_a_bootstrap_says_its_seed_and_has_no_r_code(surveyed: Analytics) -> None:
    analysis = await made(
        surveyed, "mean", {"items": [AGE], "design": {"replicates": {"method": "bootstrap", "count": 50, "seed": 7}}}
    )
    assert analysis["recipe"]["request"]["design"]["replicates"] == {"method": "bootstrap", "count": 50, "seed": 7}
    answer = await surveyed.ask("GET", f"/analyses/{analysis['id']}?as=r")
    assert (answer.status_code, answer.json()["code"]) == (406, "no_such_form")


async def test_a_scale_that_means_the_same_to_all_is_compared(surveyed: Analytics) -> None:
    found = await made(surveyed, "scale", {"items": list(TRUST), "by": ["family_form"]})
    assert found["result"]["comparable"] == {"family_form": "comparable"}
    lone, couple = (figure(found, variable="family_form", group=group) for group in ("lone_parent", "couple"))
    assert lone["high"] < couple["low"]
    assert {test["item"] for test in found["result"]["tests"]} == set(TRUST)


async def test_a_scale_that_means_something_else_to_some_is_not_compared_across_them(surveyed: Analytics) -> None:
    """Mothers answer half of the items upside down."""
    for response in responses(NOW, 500, seed=1):
        if response.groups["gender"] == "mother":
            turned = {f"trust_{n}": LEVELS[4 - LEVELS.index(str(response.answers[f"trust_{n}"]))] for n in (1, 2)}
            response = response.model_copy(update={"answers": {**response.answers, **turned}})
        surveyed.hear((registry.RESPONSE_CORRECTED, response), version=2)
    found = await made(surveyed, "scale", {"items": list(TRUST), "by": ["gender"]})
    assert found["result"]["comparable"] == {"gender": "not_comparable"}
    assert [one for one in found["result"]["figures"] if one.get("variable")] == []
    assert any("functions differently" in note for note in found["result"]["notes"])


async def test_too_small_a_group_is_not_compared_and_its_size_is_not_told(surveyed: Analytics) -> None:
    found = await made(surveyed, "scale", {"items": list(TRUST), "by": ["place"], "within": {"family_form": ["lone_parent"]}})
    assert found["result"]["comparable"]["place"] in ("comparable", "cannot_tell")
    few = await made(surveyed, "scale", {"items": list(TRUST[:3]), "by": ["gender"]})
    assert few["result"]["comparable"] == {"gender": "cannot_tell"}
    assert [one for one in few["result"]["figures"] if one.get("variable")] == []
    assert not any("respondents:" in note for note in (*found["result"]["notes"], *few["result"]["notes"]))
