"""Every estimator with data and designs that allow no estimate: it says so by a code, or gives numbers, and never a silent not-a-number.

Warnings of NumPy are errors here as everywhere. Not looked at: quantiles' intervals without an end and groups without people, which say so
themselves (`bounded`, `measured`, `bases`).
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.comparisons.contrasts import gaps_to_rest, omnibus
from assent_analytics.estimation.comparisons.equivalence import across_groups
from assent_analytics.estimation.comparisons.pairwise import means_by_group, pairwise
from assent_analytics.estimation.comparisons.rank_sets import rank_set
from assent_analytics.estimation.consensus.display import consensus_by_group
from assent_analytics.estimation.descriptive.by_groups import by, groups_of
from assent_analytics.estimation.descriptive.design_effects import mean_effects
from assent_analytics.estimation.descriptive.means import mean, mean_statistic
from assent_analytics.estimation.descriptive.spread import variance
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.hypothesis_tests.goodness_of_fit import goodness_of_fit
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import one_sample, two_groups
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.estimation.models.design_matrix import DesignMatrix, design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import GAUSSIAN, LOGIT, POISSON, PROBIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.models.predictive_margins import balanced_margins, predictive_margins
from assent_analytics.estimation.models.term_tests import coefficient_tests, likelihood_ratio_test, term_test
from assent_analytics.estimation.multilevel.mixed_linear import mixed_linear
from assent_analytics.estimation.multilevel.mixed_logit import mixed_logit
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.estimation.raters.survey_kappa import kappa
from assent_analytics.estimation.replicates.jackknife import jackknife
from assent_analytics.estimation.scales.polychoric import polychoric
from assent_analytics.estimation.scales.reliability import cronbach_alpha, design_alpha
from assent_analytics.estimation.shares.proportion_intervals import proportions
from assent_analytics.estimation.shares.proportions import shares
from assent_analytics.estimation.weighting.auxiliaries import Auxiliaries, auxiliaries_of
from assent_analytics.estimation.weighting.calibration import calibrate
from assent_analytics.estimation.weighting.margins import Margin, margin
from assent_analytics.estimation.weighting.post_stratification import post_stratify
from assent_analytics.estimation.weighting.raking import rake
from assent_analytics.estimation.weighting.trimming import rake_and_trim, trim

Data = dict[str, np.ndarray]
PARTS_LEFT_OUT = {"specification", "matrix", "ordered", "adjustment", "replicates"}


def surveys(rows: int) -> dict[str, Data]:
    """Sound answers, and each way in which they are not."""
    chance = np.random.default_rng(rows)
    sound: Data = {
        "y": chance.normal(50, 9, rows),
        "x": chance.uniform(1, 9, rows),
        "yes": (chance.uniform(size=rows) < 0.4).astype(float),
        "answer": chance.integers(0, 5, rows),
        "group": chance.integers(0, 3, rows),
        "two": chance.integers(0, 2, rows),
    }
    missing = sound["group"] == 1
    changed: dict[str, Data] = {
        "sound": {},
        "constant": {"y": np.full(rows, 7.0), "answer": np.zeros(rows, int)},
        "everybody": {"yes": np.ones(rows)},
        "nobody": {"yes": np.zeros(rows)},
        "one group": {"group": np.zeros(rows, int), "two": np.zeros(rows, int)},
        "one in a group": {"group": (np.arange(rows) == 0).astype(int), "two": (np.arange(rows) == 0).astype(int)},
        "a group all missing": {"y": np.where(missing, np.nan, sound["y"]), "answer": np.where(missing, -1, sound["answer"])},
        "all missing": {
            "y": np.full(rows, np.nan),
            "answer": np.full(rows, -1),
            "group": np.full(rows, -1),
            "two": np.full(rows, -1),
        },
        "infinite": {"y": np.full(rows, np.inf)},
        "huge": {"y": sound["y"] * 1e300, "x": sound["x"] * 1e150},
        "tiny": {"y": sound["y"] * 1e-200, "x": sound["x"] * 1e-200},
        "separated": {"yes": (sound["x"] > 5).astype(float), "answer": np.digitize(sound["x"], [2, 4, 6, 8])},
        "the group is the answer": {"yes": sound["two"].astype(float), "answer": sound["group"], "y": sound["group"] * 1.0},
        "a covariate that is nought": {"x": np.zeros(rows)},
    }
    return {name: sound | change for name, change in changed.items()}


def plans(rows: int) -> Iterator[Plan]:
    """Designs, those left out that are refused at once."""
    weights, place = np.random.default_rng(1).uniform(0.5, 4.0, rows), np.arange(rows)
    makers: list[Callable[[], Plan]] = [
        lambda: Design(weights, strata=place % 2, clusters=(place // 2) % 4),
        lambda: Design(weights, strata=place),
        lambda: Design(weights, strata=place > 0, lonely="average"),
        lambda: Design(weights, clusters=place % 2),
        lambda: Design(np.where(place % 2 == 0, 0.0, weights)),
        lambda: Design((place == 0) * 1.0),
        lambda: Design(np.where(place == 0, 1e15, weights)),
        lambda: Design(population=np.full(rows, float(rows))),
        lambda: jackknife(Design(weights, clusters=place % 5)),
    ]
    for make in makers:
        try:
            yield make()
        except CannotEstimate:
            continue


def columns(data: Data) -> dict[str, Any]:
    return {"x": data["x"], "group": Factor.of(np.where(data["group"] < 0, None, data["group"].astype(str)))}


def matrix(data: Data) -> DesignMatrix:
    return design_matrix(["x", "group"], columns(data))


def fitted(plan: Plan, data: Data, outcome: str, family: Any) -> Any:
    model = generalised_linear(plan, data[outcome], matrix(data), family)
    return model, coefficient_tests(model.coefficients), term_test(model, "group"), likelihood_ratio_test(model, "group")


def items(data: Data) -> np.ndarray:
    return np.column_stack([data["answer"], (data["answer"] + data["two"]) % 5, data["group"]]).astype(float)


def members(data: Data) -> np.ndarray:
    return data["group"][:, None] == np.arange(4)


ESTIMATORS: dict[str, Callable[[Plan, Data], Any]] = {
    "mean": lambda plan, of: mean(plan, of["y"]),
    "total": lambda plan, of: total(plan, of["y"]),
    "ratio": lambda plan, of: ratio(plan, of["y"], of["x"]),
    "variance": lambda plan, of: variance(plan, of["y"]),
    "means by group": lambda plan, of: by(plan, lambda who: mean_statistic(of["y"], who, plan.rows), groups_of(of["group"])),
    "design effect": lambda plan, of: mean_effects(plan, of["y"], replace=True),
    "quantiles": lambda plan, of: quantiles(plan, of["y"], [0.1, 0.5]).estimates,
    "shares": lambda plan, of: [(one, one.interval(), one.above(0.5)) for one in shares(plan, of["yes"], members(of)) if one],
    "gaps": lambda plan, of: [(one, one.p, one.low) for one in gaps_to_rest(plan, of["yes"], members(of)) if one],
    "omnibus": lambda plan, of: omnibus(plan, of["answer"], of["group"]),
    "goodness of fit": lambda plan, of: goodness_of_fit(plan, of["answer"], np.full(5, 0.2)),
    "one sample": lambda plan, of: (one_sample(plan, of["y"]).p, one_sample(plan, of["y"]).interval()),
    "two groups": lambda plan, of: (two_groups(plan, of["y"], of["two"]).p, two_groups(plan, of["y"], of["two"]).interval()),
    "pairs": lambda plan, of: (pairwise(plan, of["y"], of["group"]), pairwise(plan, of["y"], of["group"]).p_values()),
    "rank set": lambda plan, of: rank_set(means_by_group(plan, of["y"], of["group"])[0]),
    "equivalence": lambda plan, of: across_groups(plan, of["yes"], of["group"]),
    "kappa": lambda plan, of: kappa(plan, of["answer"], of["group"]),
    "consensus": lambda plan, of: consensus_by_group(plan, of["answer"], 5, of["group"]),
    "alpha": lambda plan, of: design_alpha(plan, items(of)),
    "linear": lambda plan, of: fitted(plan, of, "y", GAUSSIAN),
    "logit": lambda plan, of: fitted(plan, of, "yes", LOGIT),
    "probit": lambda plan, of: fitted(plan, of, "yes", PROBIT),
    "poisson": lambda plan, of: fitted(plan, of, "x", POISSON),
    "ordinal": lambda plan, of: ordinal(plan, Factor(of["answer"], tuple("abcde")), matrix(of)),
    "predictive margins": lambda plan, of: predictive_margins(plan, of["yes"], "group", ["x"], columns(of)).margins,
    "balanced margins": lambda plan, of: balanced_margins(plan, of["yes"], "group", ["x"], columns(of)).margins,
}
for method in ("logit", "likelihood", "asin", "beta", "mean", "xlogit"):
    ESTIMATORS[f"share, {method}"] = lambda plan, of, m=method: proportions(plan, of["yes"], method=m)  # type: ignore[misc]
for test in ("F", "Chisq", "Wald", "adjWald", "saddlepoint", "exact"):
    ESTIMATORS[f"association, {test}"] = lambda plan, of, t=test: association(plan, of["answer"], of["group"], t)  # type: ignore[misc]
for scores in ("wilcoxon", "vanderWaerden", "median"):
    ESTIMATORS[f"ranks, {scores}"] = lambda plan, of, s=scores: rank_test(plan, of["y"], of["group"], s)  # type: ignore[misc]


def known(data: Data, name: str) -> Margin:
    labels = data[name].astype(str)
    return margin(name, labels, dict.fromkeys(np.unique(labels).tolist(), 100.0))


def totals(data: Data) -> Auxiliaries:
    return auxiliaries_of([known(data, "group")], {"x": data["x"]}, {"x": 1500.0})


WEIGHING: dict[str, Callable[[np.ndarray, Data], Any]] = {
    "raking": lambda weights, of: rake(weights, [known(of, "group"), known(of, "two")]),
    "post-stratification": lambda weights, of: post_stratify(weights, known(of, "group")),
    "calibration": lambda weights, of: calibrate(weights, totals(of)),
    "raking distance": lambda weights, of: calibrate(weights, totals(of), distance="raking"),
    "logit distance": lambda weights, of: calibrate(weights, totals(of), distance="logit", bounds=(0.2, 4.0)),
    "sinh distance": lambda weights, of: calibrate(weights, totals(of), distance="sinh"),
    "trimming": lambda weights, of: trim(weights, upper=2.0, strict=True),
    "raking and trimming": lambda weights, of: rake_and_trim(weights, [known(of, "group"), known(of, "two")], upper=9.0),
    "Cronbach's alpha": lambda _, of: cronbach_alpha(items(of)),
    "polychoric": lambda _, of: polychoric(items(of)),
    "mixed linear": lambda _, of: mixed_linear(of["y"], np.column_stack([np.ones_like(of["x"]), of["x"]]), {"group": of["group"]}),
    "mixed logit": lambda _, of: (
        mixed_logit(of["yes"], np.column_stack([np.ones_like(of["x"]), of["x"]]), {"group": of["group"]}).covariance
    ),
}


def numbers_that_are_none(found: Any, path: str = "") -> list[str]:
    """Where in an answer a number is not one."""
    if is_dataclass(found) and not isinstance(found, type):
        parts = {field.name: getattr(found, field.name) for field in fields(found) if field.name not in PARTS_LEFT_OUT}
    elif isinstance(found, list | tuple):
        parts = {str(place): part for place, part in enumerate(found)}
    else:
        is_number = isinstance(found, float | np.floating) or (isinstance(found, np.ndarray) and found.dtype.kind == "f")
        return [path] if is_number and bool(np.isnan(found).any()) else []
    return [where for name, part in parts.items() for where in numbers_that_are_none(part, f"{path}.{name}")]


def silent(use: Callable[[], Any]) -> list[str]:
    """The numbers that are none in what an estimator answers; none when it refuses."""
    try:
        return numbers_that_are_none(use())
    except CannotEstimate:
        return []


@pytest.mark.parametrize("rows", [1, 2, 3, 40])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_refuses_or_gives_numbers(name: str, rows: int) -> None:
    designs = list(plans(rows))
    for condition, data in surveys(rows).items():
        for place, plan in enumerate(designs):
            assert not silent(lambda: ESTIMATORS[name](plan, data)), (condition, place)  # noqa: B023


@pytest.mark.parametrize("rows", [1, 2, 3, 40])
@pytest.mark.parametrize("name", WEIGHING)
def test_a_fit_refuses_or_gives_numbers(name: str, rows: int) -> None:
    drawn = np.random.default_rng(1).uniform(0.5, 4.0, rows)
    for condition, data in surveys(rows).items():
        for weights in (drawn, -drawn, drawn * np.nan, drawn * 0.0, drawn * 1e200, drawn * 1e-200):
            assert not silent(lambda: WEIGHING[name](weights, data)), (condition, weights[0])  # noqa: B023


@pytest.mark.parametrize(
    ("weights", "code"),
    [([1.0, -1.0, 2.0], "negative_weight"), ([1.0, np.nan, 2.0], "no_weights"), ([0.0, 0.0], "no_weights"), ([], "no_rows"),
     ([1e200, 1.0], "bad_value"), ([1e-200, 1e-200], "bad_value"), ([1.0], "one_psu")],
)  # fmt: skip
def test_weights_that_no_design_can_have(weights: list[float], code: str) -> None:
    with pytest.raises(CannotEstimate, match=code):
        Design(weights)
