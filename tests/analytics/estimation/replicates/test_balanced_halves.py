"""Hadamard matrices, and balanced replicates against R on data made here.

R reads its matrices of orders 28 and 36 from a table, and so has other half-samples there: the variance of a total is the same.
"""

import numpy as np
import pytest

from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.replicates.balanced import brr, fay
from assent_analytics.estimation.replicates.hadamard import hadamard


@pytest.mark.parametrize("least", [*range(1, 60), 90, 113, 186, 200])
def test_columns_are_orthogonal_and_the_order_is_small(least: int) -> None:
    matrix = hadamard(least)
    order = len(matrix)
    assert (matrix.T @ matrix == order * np.eye(order)).all()
    assert (matrix[0] == 1).all()
    assert (matrix[:, 0] == 1).all()
    assert least <= order <= least + 12


def survey(strata: int) -> tuple[Design, np.ndarray, np.ndarray]:
    """Two units in each stratum, of one row each: numbers that a few primes make."""
    rows = np.arange(2 * strata)
    above, below = 1.0 + rows * 7 % 11, 2.0 + rows * 5 % 13
    return Design(1.0 + rows % 3, strata=100 + rows // 2, clusters=rows % 2), above, below


# For n strata R's SE of svyratio(~y, ~x), with r <- 0:(2*n-1) and the data frame d of
# y = 1 + (r*7)%%11, x = 2 + (r*5)%%13, w = 1 + r%%3, h = 100 + r%/%2, p = r%%2, on the design
# as.svrepdesign(svydesign(~p, strata = ~h, weights = ~w, nest = TRUE, data = d), type = "BRR"), and with type = "Fay", fay.rho = .3.
FROM_R = {
    2: (0.677496000744603, 0.474188283928608),
    5: (0.233388302046306, 0.209566674865987),
    9: (0.144018162597936, 0.142725173669301),
    15: (0.0962675868801099, 0.0961954531336505),
    17: (0.0831445899053782, 0.0838963360171384),
    22: (0.0847884981526828, 0.0845944244751052),
    38: (0.0731503243524459, 0.0721117051251833),
    46: (0.0711113630453059, 0.0699937328520634),
    59: (0.0578159967563553, 0.0576889657321763),
}


@pytest.mark.parametrize(("strata", "errors"), FROM_R.items())
def test_a_ratio_has_rs_error(strata: int, errors: tuple[float, float]) -> None:
    """A ratio tells half-samples apart: their order of strata and which unit of a pair comes first."""
    plan, above, below = survey(strata)
    assert ratio(brr(plan), above, below).standard_errors[0] == pytest.approx(errors[0], rel=1e-9)
    assert ratio(fay(plan, 0.3), above, below).standard_errors[0] == pytest.approx(errors[1], rel=1e-9)


@pytest.mark.parametrize("strata", [3, 26, 33])
def test_a_total_has_its_linearised_error(strata: int) -> None:
    plan, above, _ = survey(strata)
    assert total(brr(plan), above).standard_errors == pytest.approx(total(plan, above).standard_errors, rel=1e-9)


def test_larger_strata_are_split_into_pairs() -> None:
    plan = Design(np.ones(12), strata=np.repeat([1, 2], 6), clusters=np.tile(np.arange(6), 2))
    replicates = brr(plan)
    table = np.column_stack([replicates.replicate(number) for number in range(replicates.replicates)])
    pairs = table.reshape(6, 2, -1)
    assert (pairs.sum(axis=1) == 2.0).all()
    assert replicates.degrees_of_freedom == 6
