"""Every method over HTTP: it answers, tells no small count, and R gives the same numbers where it has the method."""

import pytest
from tests.analytics.analyses.answering import Answered, made
from tests.analytics.analyses.asking import figure
from tests.analytics.analyses.requests import BY_OURSELVES, IN_R, IN_R_TOO, JACKKNIFE
from tests.analytics.analyses.running_r import compare, need_r
from tests.analytics.analyses.survey import AGE, LEVELS, NOW, TRUST, responses
from tests.analytics.conftest import Analytics

from assent_analytics.estimation.descriptive.grouped import Grouping
from assent_analytics.service.analyses.methods import METHODS
from assent_contracts import registry

TOLERANCES = {"regression in order": 1e-6}
"""Where R's own iterations stop earlier than at 1e-8."""


@pytest.mark.parametrize("name", [*IN_R, *IN_R_TOO])
def test_r_gives_the_same(answered: Answered, name: str) -> None:
    need_r()
    compare(answered.in_r[name], answered.analyses[name], least=1, tolerance=TOLERANCES.get(name, 1e-8))


@pytest.mark.parametrize("name", [*IN_R, *BY_OURSELVES])
def test_it_can_be_had_in_every_form_that_it_has(answered: Answered, name: str) -> None:
    analysis, forms = answered.analyses[name], answered.forms[name]
    assert any(len(one) > 1 for one in (*analysis["result"]["figures"], *analysis["result"]["tests"]))
    for form in ("table", "html", "csv", "docx"):
        assert forms[form].status_code == 200, forms[form].text
        assert forms[form].content
    for form in ("vega", "r"):
        assert forms[form].status_code in (200, 406), forms[form].text


def test_every_method_is_tried() -> None:
    tried = {name.split(" ")[0] for name in (*IN_R, *BY_OURSELVES)}
    known = {kind.model_fields["method"].annotation.__args__[0] for kind in METHODS}  # type: ignore[union-attr]
    assert tried == known


def test_what_was_put_into_the_survey_comes_out(answered: Answered) -> None:
    vignettes = answered.analyses["vignettes"]
    effects = {one["level"]: one["estimate"] for one in vignettes["result"]["figures"] if one["term"] == "effect"}
    assert effects["police"] == pytest.approx(-1.5, abs=0.4)
    assert effects["control"] == pytest.approx(-1.0, abs=0.4)
    assert figure(answered.analyses["trend"])["respondents"] == "independent"
    modelled = answered.analyses["mrp"]
    assert all(one["kind"] == "modelled" for one in modelled["result"]["figures"])
    assert any(note.startswith("Modelled") for note in modelled["result"]["notes"])


@pytest.mark.parametrize(
    "method", ["mean", "support", "proportion", "difference", "association", "pairwise", "rank_test", "ratio", "total", "table"]
)
async def test_replicate_weights_give_nearly_the_same_errors(surveyed: Analytics, answered: Answered, method: str) -> None:
    name = next(name for name in IN_R if name.split(" ")[0] == method)
    plain = answered.analyses[name]
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


@pytest.mark.parametrize("method", ["mean", "distribution"])
async def test_groups_together_are_as_each_alone(surveyed: Analytics, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    request = {"items": [TRUST[0]], "by": ["family_form", "place", "gender"], "within": {"place": ["town", "village"]}}
    together = await made(surveyed, method, request)
    monkeypatch.setattr(Grouping, "direct", False)
    alone = await made(surveyed, method, {**request, "level": 0.9})
    pairs = list(zip(together["result"]["figures"], alone["result"]["figures"], strict=True))
    for one, other in pairs:
        assert one.keys() == other.keys()
        for name in one.keys() - {"low", "high"}:
            same = pytest.approx(other[name], rel=1e-12, abs=1e-12) if isinstance(other[name], float) else other[name]
            assert one[name] == same, (name, one, other)
    assert any("standard_error" in one for one, _ in pairs)
