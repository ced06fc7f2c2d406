"""Latent classes against the records of R's poLCA."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from tests.analytics.estimation.reference import data, family, numbers, record

from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.scales.class_membership import class_membership
from assent_analytics.estimation.scales.latent_classes import latent_classes

FILE = "07_polca_irr_sdc.json"


def answers(name: str, columns: list[str]) -> np.ndarray:
    """The answers that a record is about, as numbers; those of the election have labels that begin with theirs."""
    source = name.partition("/")[2].rpartition("_k")[0]
    found = data("parents.csv" if source.startswith("parents") else f"polca_{source}.csv")
    return np.column_stack([_coded(found[column]) for column in columns])


def _coded(column: np.ndarray) -> np.ndarray:
    try:
        return numbers(column)
    except ValueError:
        levels = sorted({cell for cell in column if cell not in ("", "NA")})
        return np.array([levels.index(cell) + 1.0 if cell in levels else np.nan for cell in column])


def _in_our_order(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """R's probabilities with its categories beside ours: R orders labels as the data set's factors do, which the file does not say."""
    apart = np.abs(ours[:, :, None] - theirs[:, None, :]).sum(axis=0)
    return theirs[:, linear_sum_assignment(apart)[1]]


@family(FILE, r"poLCA/(?!.*GPA).*_k\d+")
def test_latent_classes(name: str) -> None:
    expected = record(name, FILE)
    found = latent_classes(answers(name, list(expected["probs"])), int(name.rpartition("_k")[2]), starts=25, seed=1)
    assert found.log_likelihood > expected["llik"] - 1e-6
    if found.log_likelihood > expected["llik"] + 1e-6:
        pytest.skip("R's starts came to a lower maximum than ours")
    assert [found.parameters, found.rows, found.weighted] == [expected["npar"], expected["N"], False]
    assert [found.aic, found.bic] == pytest.approx([expected["aic"], expected["bic"]], abs=1e-5)
    assert found.converged
    if not found.identified:  # as values_k3: 14 parameters, 15 free cells, yet a ridge of equal likelihood; R stops somewhere on it
        return
    np.testing.assert_allclose(found.shares, np.atleast_1d(expected["P_desc"]), atol=1e-4)
    for ours, theirs in zip(found.probabilities, expected["probs"].values(), strict=True):
        np.testing.assert_allclose(ours, _in_our_order(ours, np.atleast_2d(theirs)), atol=1e-4)
    assert found.modal.tolist() == np.atleast_1d(expected["modal_counts"]).tolist()
    if expected["rel_entropy"] is not None:
        assert found.relative_entropy == pytest.approx(expected["rel_entropy"], abs=1e-4)


@family(FILE, r"poLCA/.*GPA.*")
def test_classes_with_a_covariate(name: str) -> None:
    """The record's coefficients and shares are sorted by size and without sign: which class is the reference depends on R's starts."""
    expected, students = record(name, FILE), data("polca_cheating.csv")
    items = answers("poLCA/cheating_k2", ["LIEEXAM", "LIEPAPER", "FRAUD", "COPYEXAM"])
    columns = np.column_stack([np.ones(len(items)), numbers(students["GPA"])])
    found = class_membership(Design.equal(len(items)), items, latent_classes(items, 2), columns, names=["(Intercept)", "GPA"])
    assert found.log_likelihood == pytest.approx(expected["llik"], abs=1e-6)
    assert sorted(found.shares) == pytest.approx(expected["P"], abs=1e-4)
    assert np.abs(found.coefficients.estimates) == pytest.approx(expected["coef_abs"], abs=1e-4)
    assert found.model_errors == pytest.approx(expected["coef_se"], rel=1e-3)
    criteria = [2 * found.parameters - 2 * found.log_likelihood, np.log(found.rows) * found.parameters - 2 * found.log_likelihood]
    assert criteria == pytest.approx([expected["aic"], expected["bic"]], abs=1e-5)
    np.testing.assert_allclose(found.coefficients.standard_errors, found.model_errors, rtol=0.5)
