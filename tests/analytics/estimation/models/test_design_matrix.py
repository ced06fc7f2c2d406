"""From columns to a matrix: R's names and codings, and what is said of columns that cannot be used.

The expected names are those of `colnames(model.matrix(~ terms, d))` in R 4.2.2
with `d <- expand.grid(a = c("p", "q", "r"), b = c("u", "v"), x = 1:2)`.
"""

import numpy as np
import pytest

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.models.design_matrix import Columns, design_matrix
from assent_analytics.estimation.models.factors import Factor

COLUMNS: Columns = {
    "a": np.tile(["p", "q", "r"], 4),
    "b": np.tile(np.repeat(["u", "v"], 3), 2),
    "x": np.repeat([1.0, 2.0], 6),
}


@pytest.mark.parametrize(
    ("terms", "intercept", "names"),
    [
        (["a", "b"], True, "(Intercept) aq ar bv"),
        (["a", "b"], False, "ap aq ar bv"),
        (["x", "a"], False, "x ap aq ar"),
        (["a", "b", "a:b"], True, "(Intercept) aq ar bv aq:bv ar:bv"),
        (["a", "a:b"], True, "(Intercept) aq ar ap:bv aq:bv ar:bv"),
        (["a:b"], True, "(Intercept) ap:bu aq:bu ar:bu ap:bv aq:bv ar:bv"),
        (["x", "a:x"], True, "(Intercept) x x:aq x:ar"),
        (["a:x"], True, "(Intercept) ap:x aq:x ar:x"),
        (["a:x", "b"], True, "(Intercept) bv ap:x aq:x ar:x"),
        ([], True, "(Intercept)"),
    ],
)
def test_names_are_those_of_r(terms: list[str], intercept: bool, names: str) -> None:
    found = design_matrix(terms, COLUMNS, intercept=intercept)
    assert list(found.names) == names.split()
    assert found.values.shape == (12, len(found.names))


def test_a_product_is_the_product_of_its_parts() -> None:
    found = design_matrix(["a", "x", "a:x"], COLUMNS)
    values = dict(zip(found.names, found.values.T, strict=True))
    np.testing.assert_array_equal(values["aq:x"], values["aq"] * values["x"])
    assert found.columns_of("x:a") == found.columns_of("a:x") == [4, 5]


def test_incomplete_rows_hold_noughts() -> None:
    found = design_matrix(["a", "x"], {"a": ["p", "", "q"], "x": [1.0, 2.0, np.nan]})
    np.testing.assert_array_equal(found.complete, [True, False, False])
    assert not found.values[1:].any()


def test_truth_values_are_a_factor_as_in_r() -> None:
    assert design_matrix(["yes"], {"yes": np.array([True, False])}).names == ("(Intercept)", "yesTRUE")


def test_factors_know_their_reference_and_what_is_missing() -> None:
    factor = Factor.of(np.array(["b", None, "a", ""], dtype=object), reference="b")
    assert factor.levels == ("b", "a")
    np.testing.assert_array_equal(factor.codes, [0, -1, 1, -1])
    np.testing.assert_array_equal(Factor.of(["a", "z"], ["a", "b"]).codes, [0, -1])
    assert design_matrix(["f"], {"f": factor.held_at("a")}).values[:, 1].tolist() == [1.0] * 4


@pytest.mark.parametrize(
    ("code", "terms", "columns"),
    [
        ("bad_setting", ["z"], {"a": ["p"]}),
        ("bad_shape", ["a", "x"], {"a": ["p"], "x": [1.0, 2.0]}),
        ("bad_shape", ["x"], {"x": [[1.0]]}),
        ("bad_value", ["x"], {"x": [1.0, np.inf]}),
    ],
)
def test_columns_that_cannot_be_used(code: str, terms: list[str], columns: Columns) -> None:
    with pytest.raises(CannotEstimate) as caught:
        design_matrix(terms, columns)
    assert caught.value.code == code


def test_settings_that_make_no_model() -> None:
    for act in (
        lambda: design_matrix([], {"a": ["p"]}, intercept=False),
        lambda: Factor.of(["a"], reference="b"),
        lambda: Factor.of(["a"]).held_at("b"),
        lambda: design_matrix(["a"], COLUMNS).columns_of("b"),
    ):
        with pytest.raises(CannotEstimate, match="bad_setting"):
            act()
    with pytest.raises(CannotEstimate, match="bad_value"):
        Factor(np.array([2]), ("a", "b"))
