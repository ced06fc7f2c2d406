"""A second opinion beside R's: the package svy (MIT), which is never there at run time and in CI only (requirements/second-opinion.in)."""

import numpy as np
import pytest
from tests.analytics.beside_r.made import made
from tests.support import IN_CI

from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.shares.proportion_intervals import proportions

if IN_CI:
    import polars
    import svy
else:
    polars = pytest.importorskip("polars", reason="the package svy, a second opinion, is not installed here")
    svy = pytest.importorskip("svy", reason="the package svy, a second opinion, is not installed here")

DESIGNS = {"weights": {}, "strata": {"stratum": "stratum"}, "strata and clusters": {"stratum": "stratum", "psu": "unit"}}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", DESIGNS)
def test_the_same_figures(name: str, seed: int) -> None:
    survey = made(name, seed)
    columns = {key: survey[key] for key in ("w", "stratum", "y", "x", "yes", "group")}
    columns["unit"] = np.char.add(survey["stratum"], survey["psu"])
    theirs = svy.Sample(polars.DataFrame(columns), svy.Design(wgt="w", **DESIGNS[name])).estimation

    def same(ours: Estimate, found: object) -> None:
        figures = [(one.est, one.se) for one in found.estimates]  # type: ignore[attr-defined]
        np.testing.assert_allclose(np.column_stack([ours.estimates, ours.standard_errors]), figures, rtol=1e-9)

    same(mean(survey.plan, survey["y"]), theirs.mean("y"))
    same(total(survey.plan, survey["y"]), theirs.total("y"))
    same(ratio(survey.plan, survey["y"], survey["x"]), theirs.ratio(y="y", x="x"))
    groups = np.unique(survey["group"])
    by_group = sorted(theirs.mean("y", by="group").estimates, key=lambda one: str(one.by_level))
    ours = mean(survey.plan, survey["y"], survey["group"][:, None] == groups)
    np.testing.assert_allclose(ours.estimates, [one.est for one in by_group], rtol=1e-9)
    np.testing.assert_allclose(ours.standard_errors, [one.se for one in by_group], rtol=1e-9)
    yes = theirs.prop("yes").estimates[-1]
    np.testing.assert_allclose(proportions(survey.plan, survey["yes"], method="xlogit").intervals[0], [yes.lci, yes.uci], rtol=1e-9)
