"""Every record of R's quantiles: twelve rules, five kinds of interval, and the quantiles of older versions."""

from typing import cast

import numpy as np
from tests.analytics.estimation.reference import close, design, family, numbers, record

from assent_analytics.estimation.quantiles.interpolated import interpolated_quantiles
from assent_analytics.estimation.quantiles.rules import RULES
from assent_analytics.estimation.quantiles.woodruff import IntervalType, quantiles

FILE = "01_estimates.json"


@family(FILE, ".+/quantile_.+")
def test_quantiles_by_every_rule_and_interval(name: str) -> None:
    head, what = name.split("/")
    data, plan = design(head)
    expected = record(name)
    parts = what.split("_")
    rule = parts[2] if len(parts) > 2 else "math"
    interval = cast(IntervalType, parts[3] if len(parts) > 3 else "mean")
    assert rule in RULES
    found = quantiles(plan, numbers(data[parts[1]]), expected["probs"], rule=rule, interval=interval)
    close(found.estimates, expected["q"])
    close(found.standard_errors, np.array(expected["se"], dtype=float))
    if "lo" in expected:
        ends = np.column_stack([np.array(expected[end], dtype=float) for end in ("lo", "hi")])
        close(found.intervals, ends)
        np.testing.assert_array_equal(found.bounded, ~np.isnan(ends))


@family(FILE, ".+/oldquantile_.+")
def test_quantiles_of_older_versions(name: str) -> None:
    head, what = name.split("/")
    data, plan = design(head)
    expected = record(name)
    found = interpolated_quantiles(plan, numbers(data[what.removeprefix("oldquantile_")]), expected["probs"])
    close(found.estimates, expected["q"])
    close(found.intervals.ravel(), expected["ci"])
