"""Replicate weights as agencies publish them: the scale follows from the kind."""

from typing import Any

import numpy as np
import pytest

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.descriptive.totals import total
from assent_analytics.estimation.replicates.published import published

WEIGHTS = np.array([2.0, 3.0, 4.0, 5.0])
TABLE = np.array([[1.0, 3.0, 2.0], [4.0, 2.0, 3.0], [3.0, 5.0, 4.0], [5.0, 6.0, 4.0]])
VALUES = np.array([1.0, 0.0, 2.0, 1.0])


# R: svrepdesign(data = d, weights = ~w, repweights = t, type = ..., combined.weights = TRUE); coef, SE of svytotal(~y)
@pytest.mark.parametrize(
    ("kind", "options", "scale"),
    [
        ("brr", {}, 1 / 3),
        ("fay", {"rho": 0.5}, 4 / 3),
        ("jk1", {}, 2 / 3),
        ("jk1", {"scale": 0.9}, 0.9),
        ("jk2", {}, 1.0),
        ("jkn", {"rscales": [0.5, 0.5, 0.75]}, 1.0),
        ("bootstrap", {}, 1 / 2),
        ("bootstrap", {"scale": 1 / 3}, 1 / 3),
        ("successive_difference", {}, 4 / 3),
        ("other", {"scale": 0.1}, 0.1),
    ],
)
def test_the_scale_follows_from_the_kind(kind: Any, options: dict[str, Any], scale: float) -> None:
    plan = published(WEIGHTS, TABLE, kind, **options)
    assert plan.scale == pytest.approx(scale)
    totals = VALUES @ TABLE
    spread = (plan.rscales * (totals - totals.mean()) ** 2).sum()
    assert total(plan, VALUES).covariance[0, 0] == pytest.approx(scale * spread)
    factors = published(WEIGHTS, TABLE / WEIGHTS[:, None], kind, combined=False, **options)
    assert total(factors, VALUES).covariance == pytest.approx(total(plan, VALUES).covariance)


def test_sampling_fractions_shrink_a_jackknife() -> None:
    whole, half = (published(WEIGHTS, TABLE, "jk1", population=population) for population in (None, [0.5, 0.5, 0.5]))
    assert total(half, VALUES).covariance == pytest.approx(total(whole, VALUES).covariance / 2)


@pytest.mark.parametrize(
    ("kind", "options", "code"),
    [
        ("jkn", {}, "bad_scale"),
        ("other", {}, "bad_scale"),
        ("fay", {}, "bad_scale"),
        ("fay", {"rho": 1.0}, "bad_scale"),
        ("brr", {"scale": 1.0}, "bad_scale"),
        ("brr", {"population": [0.1, 0.1, 0.1]}, "bad_scale"),
        ("jk1", {"population": [2.0, 0.1, 0.1]}, "bad_scale"),
        ("jkn", {"rscales": [0.5, 0.5]}, "bad_scale"),
    ],
)
def test_what_is_missing_or_out_of_place(kind: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        published(WEIGHTS, TABLE, kind, **options)
    assert refused.value.code == code
    with pytest.raises(CannotEstimate, match="bad_shape"):
        published(WEIGHTS, TABLE[:, 0], "brr")
