"""Reliability, polychoric correlations and factors against the records of R's psych and lavaan."""

import re
from typing import Any

import numpy as np
import pytest
from tests.analytics.estimation.reference import data, family, numbers, record

from assent_analytics.estimation.scales import omega as omegas
from assent_analytics.estimation.scales.adequacy import eigenvalues, sampling_adequacy, sphericity
from assent_analytics.estimation.scales.confirmatory import FitMeasures, confirmatory
from assent_analytics.estimation.scales.correlations import correlation, covariance, pairwise_correlation
from assent_analytics.estimation.scales.factors import fit, likelihood_factors, minimum_residual_factors, principal_components
from assent_analytics.estimation.scales.polychoric import polychoric
from assent_analytics.estimation.scales.reliability import alpha_of_covariance, cronbach_alpha
from assent_analytics.estimation.scales.rotation import oblimin, varimax
from assent_analytics.estimation.scales.split_half import every_half, reliabilities, split_half

FILE = "06_psych.json"
PARENTS = ("q01", "q02", "q04", "q05", "q06", "q07", "q08", "q10")


def items(name: str, columns: list[str] | None = None) -> np.ndarray:
    """The answers that a record is about: `bfi_A` are the five items A, `bfi25` all five fives, `parents` eight items."""
    source, _, rest = name.partition("/")[2].partition("_")
    if columns is None and source == "parents":
        columns = list(PARENTS)
    if columns is None:
        columns = [f"{letter}{item}" for letter in ("ACENO" if source == "bfi25" else rest[0]) for item in range(1, 6)]
    found = data("parents.csv" if source == "parents" else "bfi.csv")
    return np.column_stack([numbers(found[column]) for column in columns])


def complete(answers: np.ndarray) -> np.ndarray:
    return answers[~np.isnan(answers).any(axis=1)]


def close(found: Any, expected: Any, *, relative: float = 1e-8) -> None:
    np.testing.assert_allclose(
        np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=relative, atol=relative * 1e-3
    )


@family(FILE, r"alpha/(?!.*polychoric).*")
def test_alpha(name: str) -> None:
    expected = record(name, FILE)
    answers = items(name, [column.lstrip("-") for column in expected["items"]])
    found = cronbach_alpha(
        answers, reverse="none" if "nokeys" in name else "check", use="complete" if "complete" in name else "pairwise"
    )
    whole, without, statistics = found.coefficients, found.without, found.items
    ours = [
        whole.raw, whole.standardised, whole.guttman_6, whole.average_correlation, whole.signal_to_noise,
        found.standard_error, found.mean, found.standard_deviation, whole.median_correlation,
    ]  # fmt: skip
    keys = ("raw_alpha", "std.alpha", "G6(smc)", "average_r", "S/N", "ase", "mean", "sd", "median_r")
    close(ours, [expected["total"][key] for key in keys])
    close([found.lower, found.upper], [expected["feldt"]["lower.ci"], expected["feldt"]["upper.ci"]])
    assert without is not None
    close([one.raw for one in without], expected["drop_raw_alpha"])
    close([one.standardised for one in without], expected["drop_std_alpha"])
    close(statistics.corrected_correlation, expected["r_cor"])
    close(statistics.correlation_with_rest, expected["r_drop"])
    close(statistics.correlation_with_total, expected["raw_r"])
    close(statistics.means, expected["mean"])
    close(statistics.standard_deviations, expected["sd"])
    assert statistics.answers.tolist() == expected["n"]


@family(FILE, r"alpha/.*polychoric.*")
def test_ordinal_alpha(name: str) -> None:
    found = alpha_of_covariance(polychoric(items(name)).correlations)
    close([found.standardised, found.raw], [record(name, FILE)["std_alpha"], record(name, FILE)["raw_alpha"]])


@family(FILE, r"polychoric/.*")
def test_polychoric(name: str) -> None:
    expected, answers = record(name, FILE), items(name)
    found = polychoric(answers)
    close(found.correlations, expected["rho"])
    close(np.vstack(found.thresholds), expected["tau"])
    exact = polychoric(answers, tolerance=1e-10)  # R's search stops some 1e-5 short
    close(exact.correlations, expected["rho"], relative=1e-4)


@family(FILE, r"omega/.*")
def test_omega(name: str) -> None:
    expected = record(name, FILE)
    found = omegas.omega(pairwise_correlation(items(name)), factors=expected["nfactors"])
    relative = 1e-6 if expected["nfactors"] == 1 else 1e-3  # R's minimum and its rotation stop early
    close(
        [found.total, found.hierarchical, found.limit],
        [expected[key] for key in ("omega_t", "omega_h", "omega_lim")],
        relative=relative,
    )
    close([found.alpha.raw, found.alpha.guttman_6], [expected["alpha"], expected["G6"]])
    close(found.general_loadings, expected["g_loadings"], relative=10 * relative)


@family(FILE, r"cfa/(bfi|parents_q).*")
def test_one_factor_by_maximum_likelihood(name: str) -> None:
    expected = record(name, FILE)
    answers = complete(items(name))
    matrix = covariance(answers) * (len(answers) - 1) / len(answers)
    scale = np.sqrt(np.diag(matrix))
    found = likelihood_factors(correlation(matrix), 1)
    close(found.loadings[:, 0], expected["std_loadings"], relative=1e-5)
    close(found.loadings[:, 0] * scale, expected["loadings"], relative=1e-5)
    close((1 - found.communalities) * scale**2, expected["theta"], relative=1e-5)
    close(omegas.likelihood_omega(matrix), expected["omega_cfa"], relative=1e-6)
    confirmed = confirmatory(answers, [0] * answers.shape[1], scaling="factor_variance")
    close(confirmed.loadings, expected["loadings"], relative=1e-5)
    close(confirmed.loading_errors, expected["se"], relative=1e-5)
    close(confirmed.residual_variances, expected["theta"], relative=1e-5)
    _check_fit(confirmed.fit, expected["fit"])


@family(FILE, r"cfa/HolzingerSwineford", may_be_absent=True)
def test_three_correlated_factors(name: str) -> None:
    expected, pupils = record(name, FILE), data("HolzingerSwineford1939.csv")
    found = confirmatory(np.column_stack([numbers(pupils[f"x{item}"]) for item in range(1, 10)]), [0, 0, 0, 1, 1, 1, 2, 2, 2])
    factors = ("visual", "textual", "speed")
    for left, kind, right, estimate, error in zip(*(expected[key] for key in ("lhs", "op", "rhs", "est", "se")), strict=True):
        if left in factors and right in factors:
            place = (factors.index(left), factors.index(right))
            close([found.factor_covariance[place], found.factor_errors[place]], [estimate, error], relative=1e-4)
        else:
            item = int(right[1:]) - 1
            ours = (found.loadings, found.loading_errors) if kind == "=~" else (found.residual_variances, found.residual_errors)
            close([ours[0][item], ours[1][item]], [estimate, error], relative=1e-4)
    _check_fit(found.fit, expected["fit"])


def _check_fit(found: FitMeasures, expected: dict[str, float]) -> None:
    names = {
        "chisq": "statistic", "df": "degrees_of_freedom", "pvalue": "p_value", "cfi": "comparative", "tli": "tucker_lewis",
        "rmsea": "approximation_error", "rmsea.ci.lower": "approximation_lower", "rmsea.ci.upper": "approximation_upper",
        "srmr": "residual", "aic": "aic", "bic": "bic", "logl": "log_likelihood",
    }  # fmt: skip
    close([getattr(found, names[key]) for key in expected], list(expected.values()), relative=1e-5)


@family(FILE, r"fa/.*_none", may_be_absent=True)
def test_minimum_residual_factors(name: str) -> None:
    expected, answers = record(name, FILE), complete(items(name))
    matrix, number = correlation(covariance(answers)), _factors_in(name)
    found = minimum_residual_factors(matrix, number)
    fitted = fit(matrix, found, rows=len(answers))
    close(found.communalities, expected["communality"], relative=1e-5)
    close(found.eigenvalues, expected["values"], relative=1e-4)
    close([found.residual, fitted.statistic], [expected["rms"], expected["chi"]], relative=1e-6)
    assert fitted.degrees_of_freedom == expected["dof"]
    close(np.abs(found.loadings), expected["absload"], relative=1e-4)


@family(FILE, r"fa/.*_varimax", may_be_absent=True)
def test_varimax(name: str) -> None:
    loadings = minimum_residual_factors(correlation(covariance(complete(items(name)))), _factors_in(name)).loadings
    found = np.abs(varimax(loadings, tolerance=1e-5).loadings)  # R stops at a relative change of 1e-5
    expected = np.array(record(name, FILE)["absload"])
    np.testing.assert_allclose(found[:, _by_size(found)], expected[:, _by_size(expected)], atol=1e-5)


@family(FILE, r"fa/.*_oblimin", may_be_absent=True)
def test_oblimin(name: str) -> None:
    loadings = minimum_residual_factors(correlation(covariance(complete(items(name)))), _factors_in(name)).loadings
    turned, expected = oblimin(loadings), record(name, FILE)
    found, theirs = np.abs(turned.loadings), np.array(expected["absload"])
    ours, order = _by_size(found), _by_size(theirs)
    np.testing.assert_allclose(found[:, ours], theirs[:, order], atol=1e-4)  # R stops at a gradient of 1e-5
    correlations = np.abs(turned.factor_correlations)
    np.testing.assert_allclose(correlations[np.ix_(ours, ours)], np.array(expected["absphi"])[np.ix_(order, order)], atol=1e-4)


@family(FILE, r"kmo/.*", may_be_absent=True)
def test_sampling_adequacy(name: str) -> None:
    found = sampling_adequacy(correlation(covariance(complete(items(name)))))
    close([found.overall, *found.items], [record(name, FILE)["MSA"], *record(name, FILE)["MSAi"]])


@family(FILE, r"bartlett/.*", may_be_absent=True)
def test_sphericity(name: str) -> None:
    answers, expected = complete(items(name)), record(name, FILE)
    found = sphericity(correlation(covariance(answers)), rows=len(answers))
    close([found.statistic, found.degrees_of_freedom, found.p_value], [expected["chisq"], expected["df"], expected["p"]])


@family(FILE, r"eigen/.*", may_be_absent=True)
def test_eigenvalues(name: str) -> None:
    matrix = correlation(covariance(complete(items(name))))
    close(eigenvalues(matrix), record(name, FILE)["values"])
    close(principal_components(matrix, 2).eigenvalues, record(name, FILE)["values"])


@family(FILE, r"splithalf/.*", may_be_absent=True)
def test_split_halves(name: str) -> None:
    expected, answers = record(name, FILE), complete(items(name))
    found = split_half(answers)
    splits = reliabilities(correlation(covariance(answers)), every_half(answers.shape[1]))
    if answers.shape[1] % 2:  # R looks at the first half of the splits only
        splits = splits[: len(splits) // 2]
    else:
        close([found.worst, found.mean], [expected["minrb"], expected["meanr"]])
    close([splits.max(), splits.min(), splits.mean(), found.alpha], [expected[key] for key in ("maxrb", "minrb", "meanr", "alpha")])


@family(FILE, r"glb/.*", may_be_absent=True)
def test_lower_bound(name: str) -> None:
    found = omegas.lower_bound(correlation(covariance(complete(items(name)))))
    assert found == pytest.approx(record(name, FILE)["glb"], rel=1e-5)  # as far as R's optimiser goes


def _factors_in(name: str) -> int:
    found = re.search(r"_(\d+)_", name)
    assert found
    return int(found.group(1))


def _by_size(loadings: np.ndarray) -> np.ndarray:
    return np.argsort(-(loadings**2).sum(axis=0))


@pytest.mark.parametrize("factors", [1, 2])
def test_likelihood_factors_equal_r(factors: int) -> None:
    """A made correlation matrix; R: `1 - factanal(covmat = R, factors = m)$uniquenesses`."""
    loadings = np.array([[0.8, 0.1], [0.7, 0.2], [0.6, 0.0], [0.1, 0.7], [0.2, 0.6], [0.0, 0.5], [0.4, 0.4]])
    matrix = loadings @ loadings.T
    np.fill_diagonal(matrix, 1.0)
    matrix[0, 1] = matrix[1, 0] = matrix[0, 1] + 0.05
    close(likelihood_factors(matrix, factors).communalities, FACTANAL[factors], relative=1e-4)


FACTANAL = {
    1: [0.60796764, 0.60669981, 0.29591867, 0.09146290, 0.13404685, 0.02697784, 0.24777586],
    2: [0.70487045, 0.57296119, 0.33138216, 0.50085300, 0.39956283, 0.24916806, 0.31238313],
}
