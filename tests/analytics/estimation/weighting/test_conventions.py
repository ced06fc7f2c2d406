"""R's less usual ways to fit weights, on data made for this test: weights of two rows, a mean, and its standard error.

The data in R, where the numbers come from (`show` prints `weights(g)[c(1, 8)]`, `svymean(~y, g)` and its SE):

    i <- 1:60
    s <- data.frame(h = c("p", "q", "r")[i %% 3 + 1], k = (i - 1) %/% 4, w = 10 + (i * 7) %% 11,
                    u = c("a", "b", "c")[(i * i) %% 3 %% 2 + (i %% 5 == 0) + 1], v = c("x", "y")[(i %/% 2) %% 2 + 1],
                    x = ((i * 37) %% 50) / 5 + 1, y = ((i * 37) %% 50) / 5 + ((i * 13) %% 17) / 4)
    d <- svydesign(id = ~1, strata = ~h, weights = ~w, data = s); cl <- svydesign(id = ~k, weights = ~w, data = s)
    pu <- data.frame(u = c("a", "b", "c"), Freq = c(300, 400, 200)); pv <- data.frame(v = c("x", "y"), Freq = c(500, 400))
    tx <- c(`(Intercept)` = 900, x = 5600); ctl <- list(maxit = 1000, epsilon = 1e-13)
"""

from collections.abc import Callable

import numpy as np
import pytest

from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.weighting.auxiliaries import auxiliaries
from assent_analytics.estimation.weighting.calibration import calibrate
from assent_analytics.estimation.weighting.margins import margin
from assent_analytics.estimation.weighting.post_stratification import post_stratify
from assent_analytics.estimation.weighting.raking import rake
from assent_analytics.estimation.weighting.trimming import trim

ROW = np.arange(1, 61)
W = 10.0 + ROW * 7 % 11
U = np.array(["a", "b", "c"])[ROW * ROW % 3 % 2 + (ROW % 5 == 0)]
X = ROW * 37 % 50 / 5 + 1
Y = X - 1 + ROW * 13 % 17 / 4
KNOWN = auxiliaries(np.column_stack([np.ones(60), X]), {"everybody": 900.0, "x": 5600.0})
MARGINS = [
    margin("u", U, {"a": 300, "b": 400, "c": 200}),
    margin("v", np.array(["x", "y"])[ROW // 2 % 2], {"x": 500, "y": 400}),
]
STRATIFIED = Design(W, strata=np.array(["p", "q", "r"])[ROW % 3])
CLUSTERED = Design(W, clusters=(ROW - 1) // 4)
FAR = Design(W / 900)


def three_steps() -> Design:
    """R: trimWeights(rake(calibrate(d, ~x, tx), list(~u, ~v), list(pu, pv), ctl), upper = 20, strict = TRUE)"""
    first = calibrate(W, KNOWN).of(STRATIFIED)
    second = rake(first.weights, MARGINS, residual="alternating").of(first)
    return trim(second.weights, upper=20.0, strict=True).of(second)


def fits() -> dict[str, Callable[[], Design]]:
    """By R's call."""
    return {
        "calibrate(d, ~x, tx, variance = s$x)": lambda: calibrate(W, KNOWN, variance=X).of(STRATIFIED),
        "calibrate(d, ~x, tx, variance = c(1, .5))": lambda: calibrate(W, KNOWN, variance=[1.0, 0.5]).of(STRATIFIED),
        'calibrate(d, ~x, tx, variance = s$x / 5, calfun = "raking")': lambda: calibrate(
            W, KNOWN, variance=X / 5, distance="raking"
        ).of(STRATIFIED),
        "calibrate(d, ~x, tx, bounds = c(9.9, 20.3), bounds.const = TRUE)": lambda: calibrate(
            W, KNOWN, weight_bounds=(9.9, 20.3)
        ).of(STRATIFIED),
        'calibrate(d, ~x, tx, bounds = c(.9, 1.09), calfun = "raking")': lambda: calibrate(
            W, KNOWN, bounds=(0.9, 1.09), distance="raking"
        ).of(STRATIFIED),
        'calibrate(cl, ~x, tx, aggregate.stage = 1, calfun = "raking")': lambda: calibrate(
            W, KNOWN, clusters=(ROW - 1) // 4, distance="raking"
        ).of(CLUSTERED),
        "calibrate(svydesign(id = ~1, weights = ~I(w / 900), data = s), ~x, tx, bounds = c(.5, 2))": lambda: calibrate(
            W / 900, KNOWN, bounds=(0.5, 2.0)
        ).of(FAR),
        "rake(d, list(~u, ~v), list(pu, pv), ctl)": lambda: rake(W, MARGINS, residual="alternating").of(STRATIFIED),
        "three steps": three_steps,
    }


EXPECTED = {
    "calibrate(d, ~x, tx, variance = s$x)": (17.58205495345, 11.44965601869, 7.232541801789, 0.1666437053746),
    "calibrate(d, ~x, tx, variance = c(1, .5))": (17.62724106332, 11.53451591524, 7.22987701758, 0.1659133918431),
    'calibrate(d, ~x, tx, variance = s$x / 5, calfun = "raking")': (
        17.58969292698,
        11.46104131375,
        7.232162802193,
        0.1657947271031,
    ),
    "calibrate(d, ~x, tx, bounds = c(9.9, 20.3), bounds.const = TRUE)": (
        17.69716794858,
        11.82044437827,
        7.225111406563,
        0.1654050721799,
    ),
    'calibrate(d, ~x, tx, bounds = c(.9, 1.09), calfun = "raking")': (
        17.61904195787,
        11.76299381135,
        7.225068765128,
        0.1654471332051,
    ),
    'calibrate(cl, ~x, tx, aggregate.stage = 1, calfun = "raking")': (
        22.5091563582,
        12.76647073493,
        7.245445875769,
        0.1368097969858,
    ),
    "calibrate(svydesign(id = ~1, weights = ~I(w / 900), data = s), ~x, tx, bounds = c(.5, 2))": (
        17.62532270569,
        11.74699561315,
        7.225312662058,
        0.162989917645,
    ),
    "rake(d, list(~u, ~v), list(pu, pv), ctl)": (14.38428372997, 9.30747770763, 7.228709482014, 0.4276844281506),
    "three steps": (16.21700696294, 11.25238051793, 7.296919135941, 0.1831146152961),
}


@pytest.mark.parametrize("call", EXPECTED)
def test_the_same_as_r(call: str) -> None:
    plan = fits()[call]()
    found = mean(plan, Y)
    assert (plan.weights[0], plan.weights[7], found.estimates[0], found.standard_errors[0]) == pytest.approx(
        EXPECTED[call], rel=1e-9
    )


def test_bounds_from_afar_are_on_what_comes_after_the_rescaling() -> None:
    facts = calibrate(W / 900, KNOWN, bounds=(0.5, 2.0)).diagnostics
    assert facts.rescaled == pytest.approx(907.0, rel=1e-3)
    assert calibrate(W, KNOWN, bounds=(0.5, 2.0)).diagnostics.rescaled == 1.0


def test_a_domain_of_a_raked_design() -> None:
    """R: svymean(~y, subset(rake(d, ...), u == "b")): the people outside it stay in the design, and in the residuals."""
    found = mean(rake(W, MARGINS, residual="alternating").of(STRATIFIED), Y, U == "b")
    assert (found.estimates[0], found.standard_errors[0]) == pytest.approx((6.866417882841, 0.533286766935), rel=1e-9)


def test_cells_that_nobody_belongs_to_can_be_left_out() -> None:
    """R: postStratify(subset(d, u != "c"), ~u, pu, partial = TRUE)."""
    kept = U != "c"
    labels = margin("u", U, {"a": 300, "b": 400, "c": 200})
    plan = post_stratify(np.where(kept, W, 0.0), labels, partial=True).of(STRATIFIED)
    found = mean(plan, Y)
    assert (plan.weights[0], found.estimates[0], found.standard_errors[0]) == pytest.approx(
        (12.85444234405, 7.139326835735, 0.4716976586641), rel=1e-9
    )
