"""The errors of indices: those of replicate weights, and of linearisation where these will not do."""

import numpy as np
import pytest
from tests.analytics.estimation import reference
from tests.analytics.estimation.reference import numbers

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.indices import DISPLAYED, INDICES, VAN_DER_EIJK, Index
from assent_analytics.estimation.consensus.intervals import Indexed, indexed
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import Stage
from assent_analytics.estimation.replicates.bootstrap import rao_wu
from assent_analytics.estimation.replicates.jackknife import jkn

ALL = tuple(INDICES.values())
PSU = np.repeat(np.arange(60), 8)
STRATUM = PSU // 15


def survey(seed: int = 7) -> tuple[Floats, np.ndarray]:
    """Weights and answers 0 to 4 of 480 people in 60 sampling units that lean together, away from the kinks of the indices."""
    random = np.random.default_rng(seed)
    leaning = random.normal(0.0, 0.4, 60)[PSU]
    answers = np.clip(np.round(random.normal(2.9 + leaning, 1.1)), 0, 4).astype(int)
    return random.uniform(0.5, 2.0, 480), answers


def design(weights: Floats) -> Design:
    return Design(weights, strata=STRATUM, clusters=PSU)


@pytest.mark.parametrize("index", ALL, ids=lambda index: index.name)
def test_the_error_is_the_jackknifes_done_by_hand(index: Index) -> None:
    """Leave out one unit after the other, and weight up the rest of its stratum."""
    weights, answers = survey()

    def value(weighted: Floats) -> float:
        return float(index.of(np.bincount(answers, weighted, 5)))

    without = [
        value(np.where(left_out == PSU, 0.0, np.where(left_out // 15 == STRATUM, weights * 15 / 14, weights)))
        for left_out in range(60)
    ]
    error = np.sqrt(14 / 15 * ((np.array(without) - np.mean(without)) ** 2).sum())
    found = indexed(design(weights), answers, 5, [index])
    assert found.values[0, 0] == pytest.approx(value(weights))
    assert found.standard_errors[0, 0] == pytest.approx(error, rel=1e-9)
    assert found.method == "jackknife (JKn)"
    assert found.degrees_of_freedom[0] == 56


# R: withReplicates(as.svrepdesign(svydesign(~psu, strata = ~stratum, weights = ~basew, data = parents)), function(w, d) ...), the
# indices written out in R: coef and SE for everybody, the North and London.
ON_PARENTS = {
    "leik": [
        (0.428178630775312, 0.01039145435773259),
        (0.3967756401695131, 0.02146239727851376),
        (0.431784741143860, 0.0329825775170046),
    ],
    "berry_mielke": [
        (0.594175751819578, 0.01139066852962719),
        (0.5673244381355879, 0.02307319558822523),
        (0.584423336794761, 0.0274623686276518),
    ],
    "esteban_ray": [
        (0.267884301293509, 0.00204170283278100),
        (0.2679944194323524, 0.00450165493539763),
        (0.288085930069175, 0.0117566061802824),
    ],
    "pci2_d1": [
        (0.216456101514940, 0.01092757231759843),
        (0.2009253446044759, 0.02052759115381676),
        (0.245278871507244, 0.0278265286069789),
    ],
    "net_agreement": [
        (0.162638631926253, 0.02556812395322412),
        (0.0463380383920047, 0.06585721611040676),
        (0.317604916517852, 0.0652390727016215),
    ],
    "tastle_wierman": [
        (0.604702335647568, 0.00918740184647352),
        (0.6368478871497540, 0.02207039867653813),
        (0.596097838943280, 0.0214103452792260),
    ],
}


@pytest.mark.parametrize(("name", "expected"), ON_PARENTS.items())
def test_errors_of_indices_are_rs_by_replicates(name: str, expected: list[tuple[float, float]]) -> None:
    columns, plan = reference.design("parents")
    answers = numbers(columns["q01"])
    codes = np.where(np.isnan(answers), 0, answers).astype(int) - 1
    groups = np.column_stack([np.ones(len(codes), dtype=bool), columns["region"] == "North", columns["region"] == "London"])
    found = indexed(plan, codes, 5, [INDICES[name]], groups)
    assert found.values[:, 0] == pytest.approx([value for value, _ in expected], rel=1e-9)
    assert found.standard_errors[:, 0] == pytest.approx([error for _, error in expected], rel=1e-9)


@pytest.mark.parametrize("index", ALL, ids=lambda index: index.name)
def test_linearisation_and_the_bootstrap_agree_with_it(index: Index) -> None:
    weights, answers = survey()
    plan = design(weights)
    jackknifed = indexed(plan, answers, 5, [index]).standard_errors[0, 0]
    linearised = indexed(plan, answers, 5, [index], errors="linearised").standard_errors[0, 0]
    bootstrap = rao_wu(plan, replicates=1000, random=np.random.default_rng(1))
    bootstrapped = indexed(bootstrap, answers, 5, [index]).standard_errors[0, 0]
    assert linearised == pytest.approx(jackknifed, rel=0.05)
    assert bootstrapped == pytest.approx(jackknifed, rel=0.15)


def test_numerical_slopes_are_those_of_the_formula() -> None:
    """Net agreement is a difference of shares, and so its linearised error that of a mean of -1, 0, 1."""
    weights, answers = survey()
    plan = design(weights)
    leaning = np.sign(answers - 2.0)
    mean = weights @ leaning / weights.sum()
    expected = np.sqrt(plan.variances((weights * (leaning - mean) / weights.sum())[:, None])[0])
    found = indexed(plan, answers, 5, [INDICES["net_agreement"]], errors="linearised")
    assert found.standard_errors[0, 0] == pytest.approx(expected, rel=1e-8)


def both(first: Indexed, second: Indexed) -> None:
    assert second.values == pytest.approx(first.values, rel=1e-9)
    assert second.standard_errors == pytest.approx(first.standard_errors, rel=1e-7)
    assert second.intervals == pytest.approx(first.intervals, rel=1e-7)


def test_scaled_weights_shuffled_rows_and_other_names_change_nothing() -> None:
    weights, answers = survey()
    groups = np.column_stack([np.arange(480) % 3 == 0, np.arange(480) % 2 == 0])
    first = indexed(design(weights), answers, 5, ALL, groups)
    both(first, indexed(design(weights * 1e4), answers, 5, ALL, groups))
    order = np.random.default_rng(2).permutation(480)
    shuffled = Design(weights[order], strata=STRATUM[order], clusters=PSU[order])
    both(first, indexed(shuffled, answers[order], 5, ALL, groups[order]))
    renamed = Design(weights, strata=np.array(["d", "c", "b", "a"])[STRATUM], clusters=999 - PSU)
    both(first, indexed(renamed, answers, 5, ALL, groups))


def test_people_of_one_unit_counted_once_with_twice_the_weight_or_twice() -> None:
    weights, answers = survey()
    twice = np.repeat(np.arange(480), np.where(np.arange(480) % 5 == 0, 2, 1))
    repeated = Design(weights[twice], strata=STRATUM[twice], clusters=PSU[twice])
    heavier = design(np.where(np.arange(480) % 5 == 0, 2.0, 1.0) * weights)
    both(indexed(heavier, answers, 5, ALL), indexed(repeated, answers[twice], 5, ALL))


def test_groups_covary_and_can_be_compared() -> None:
    """Both halves of every unit lean the same way, and so their difference is better known than each."""
    weights, answers = survey()
    halves = np.column_stack([np.arange(480) % 2 == 0, np.arange(480) % 2 == 1])
    found = indexed(design(weights), answers, 5, [INDICES["net_agreement"]], halves)
    assert found.joint is not None
    assert found.joint.names == ("0:net_agreement", "1:net_agreement")
    difference = found.joint.contrast([[1.0, -1.0]])
    assert difference.standard_errors[0] < np.sqrt((found.joint.standard_errors**2).sum())
    assert difference.estimates[0] == pytest.approx(found.values[0, 0] - found.values[1, 0])


def test_what_has_no_error_is_marked() -> None:
    """Nobody; people of one sampling unit; people who all say the same."""
    weights, answers = survey()
    groups = np.column_stack([np.zeros(480, dtype=bool), PSU == 3, answers == 2, np.ones(480, dtype=bool)])
    found = indexed(design(weights), answers, 5, [VAN_DER_EIJK], groups)
    assert found.bases.tolist() == [0, 8, int((answers == 2).sum()), 480]
    assert found.measured[:, 0].tolist() == [False, False, False, True]
    assert np.isnan(found.values[:, 0]).tolist() == [True, False, False, False]
    assert found.values[2, 0] == 1.0


def drawn(random: np.random.Generator, units: int) -> tuple[Design, np.ndarray]:
    """Ten people in each of some units, which lean together, in four strata of which two are drawn more thinly."""
    unit = np.repeat(np.arange(units), 10)
    stratum = unit // (units // 4)
    leaning = random.normal(0.0, 0.5, units)[unit] + 0.3 * stratum
    answers = np.clip(np.round(random.normal(1.8 + leaning, 1.1)), 0, 4).astype(int)
    return Design(np.where(stratum < 2, 1.0, 2.5), strata=stratum, clusters=unit), answers


def test_intervals_hold_the_truth_in_about_nineteen_samples_of_twenty() -> None:
    """Of 64 units; the truth is that of 20,000. In 300 samples 95 % varies by 1.3 points."""
    random = np.random.default_rng(4)
    whole, answers = drawn(random, 20_000)
    truth = np.array([float(index.of(np.bincount(answers, whole.weights, 5))) for index in DISPLAYED])
    held = np.zeros(len(DISPLAYED))
    for _ in range(300):
        plan, answers = drawn(random, 64)
        low, high = indexed(plan, answers, 5, DISPLAYED).intervals[0].T
        held += (low <= truth) & (truth <= high)
    assert (held / 300 > 0.90).all()
    assert (held / 300 < 0.99).all()


def test_intervals_keep_to_the_range_of_the_index() -> None:
    answers = np.array([2] * 19 + [3])
    found = indexed(Design.equal(20), answers, 5, [VAN_DER_EIJK])
    low, high = found.intervals[0, 0]
    assert low < found.values[0, 0] < high <= 1.0


def test_designs_whose_errors_are_linearised() -> None:
    weights, answers = survey()
    fitted = design(weights).reweighted(weights, _Nothing())
    assert indexed(fitted, answers, 5, DISPLAYED).method == "linearised: weights are fitted to known totals"
    staged = Design(
        weights, strata=STRATUM, clusters=PSU, population=np.full(480, 100.0), later=[Stage(population=np.full(480, 50.0))]
    )
    assert indexed(staged, answers, 5, DISPLAYED).method == "linearised: later stages count"
    census = Design(weights, clusters=PSU, population=np.full(480, 60.0))
    assert "every unit was taken" in indexed(census, answers, 5, DISPLAYED).method
    with pytest.raises(CannotEstimate, match="census"):
        indexed(census, answers, 5, DISPLAYED, errors="replicates")


class _Nothing:
    """Known totals that explain nothing."""

    def residual(self, influence: Floats) -> Floats:
        return influence


def test_many_units_are_linearised(monkeypatch: pytest.MonkeyPatch) -> None:
    weights, answers = survey()
    monkeypatch.setattr("assent_analytics.estimation.consensus.intervals.MANY_UNITS", 50)
    assert indexed(design(weights), answers, 5, DISPLAYED).method.startswith("linearised: more than")
    assert indexed(design(weights), answers, 5, DISPLAYED, errors="replicates").method == "jackknife (JKn)"


def test_what_cannot_be_asked() -> None:
    weights, answers = survey()
    plan = design(weights)
    for ask, code in [
        (lambda: indexed(plan, answers[:5], 5, DISPLAYED), "bad_shape"),
        (lambda: indexed(plan, answers, 4, DISPLAYED), "bad_value"),
        (lambda: indexed(plan, answers / 2.0, 5, DISPLAYED), "bad_value"),
        (lambda: indexed(plan, np.minimum(answers, 1), 2, DISPLAYED), "bad_setting"),
        (lambda: indexed(plan, answers, 5, DISPLAYED, np.ones((3, 2))), "bad_shape"),
        (lambda: indexed(jkn(plan), answers, 5, DISPLAYED, errors="linearised"), "bad_setting"),
    ]:
        with pytest.raises(CannotEstimate, match=code):
            ask()
