"""Whether two ways of sorting people are associated: the chi-square family on a two-way table under a complex design.

Rao and Scott (1981, JASA 76; 1984, Annals of Statistics 12): Pearson's statistic is a weighted sum of chi-squares whose weights are
the generalised design effects of the table's interactions. R: `svychisq(~rows + columns, design, statistic = …)`, whose names are:

- `F` second-order correction, referred to F (the default); `Chisq` first-order correction, referred to chi-square;
- `saddlepoint` the weighted sum's tail by saddlepoint; `lincom` the same, which is what R falls back to without CompQuadForm;
- `exact` that tail by integration: R's `lincom` with CompQuadForm;
- `Wald` on the cells' departures from independence, as totals; `adjWald` with the denominator's degrees of freedom corrected.

Rows where either code is unknown are left out, but the degrees of freedom stay the whole design's, as in R; name a domain by
`within`. Not here: tables of more than two ways (log_linear), and which groups differ (pairwise).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import null_space
from scipy.special import chdtrc, fdtrc

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.columns import code_column, domain_of
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate, Plan, Statistic
from assent_analytics.estimation.hypothesis_tests.cells import (
    cell_shares,
    cell_totals,
    compressed,
    degrees_of_freedom,
    estimated,
    require_table,
    wald_statistic,
)
from assent_analytics.estimation.hypothesis_tests.chi_square_sums import integrated, saddlepoint

AssociationTest = Literal["F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint", "exact"]


@dataclass(frozen=True, slots=True)
class Association:
    """A test of independence. `denominator_df` is infinite for a chi-square; both are None where the tail is not of either kind.

    `statistic_over_all_rows` is what R prints for Pearson's statistic: it multiplies by the number of rows including those that are
    left out. `statistic` multiplies by those that are used. The p-value is the same, because R's design effects carry the same
    factor.
    """

    test: AssociationTest
    statistic: float
    numerator_df: float | None
    denominator_df: float | None
    p: float
    statistic_over_all_rows: float


@dataclass(frozen=True, slots=True)
class TwoWayTable:
    """The shares of a table's cells (rows, columns) with their covariance, and what every test of it needs.

    `sum_df` is by how many degrees of freedom the weighted sums of chi-squares are judged: the design's, but without bound for
    replicate weights, as R has it. `departures` estimates observed less expected totals, without the first row and column.
    """

    shares: Floats
    covariance: Floats
    people: int
    rows_in_domain: int
    design_df: int
    sum_df: float
    departures: Callable[[], Estimate]

    @property
    def pearson(self) -> float:
        """Pearson's statistic of the weighted shares, as if of so many people."""
        expected = np.outer(self.shares.sum(axis=1), self.shares.sum(axis=0))
        return float(self.people * ((self.shares - expected) ** 2 / expected).sum())

    @property
    def design_effects(self) -> Floats:
        """The generalised design effects, ((rows - 1)(columns - 1),): how the interactions vary, over how multinomial ones would.

        Taken at the observed shares, as in R. Raises CannotEstimate `empty_cell` when too few cells are filled, `no_variation`.
        """
        contrasts = _interactions(*self.shares.shape)
        cells = self.shares.ravel()
        inverse = np.divide(1.0, cells, out=np.zeros_like(cells), where=cells > 0)
        multinomial = contrasts.T @ (inverse[:, None] / self.people * contrasts)
        if np.linalg.matrix_rank(multinomial) < len(multinomial):
            raise CannotEstimate("empty_cell", f"{int((cells == 0).sum())} of {len(cells)} cells are empty: merge categories")
        scaled = inverse[:, None] * contrasts
        effects = np.linalg.eigvals(np.linalg.solve(multinomial, scaled.T @ self.covariance @ scaled)).real
        if not effects.max() > 1e-12:
            raise CannotEstimate("no_variation", "the design shows no variance of the table's cells")
        return effects

    def test(self, test: AssociationTest = "F") -> Association:
        """One of the family.

        Raises CannotEstimate `empty_cell`, `no_variation`, `singular_covariance`, `no_degrees_of_freedom`.
        """
        return self._wald(test) if test in ("Wald", "adjWald") else self._rao_scott(test)

    def _rao_scott(self, test: AssociationTest) -> Association:
        effects, pearson = self.design_effects, self.pearson
        of_all_rows = pearson * self.rows_in_domain / self.people
        numerator = float(effects.sum() ** 2 / (effects**2).sum())
        denominator = numerator * self.design_df
        if test == "F":
            statistic = pearson / float(effects.sum())
            return Association(test, statistic, numerator, denominator, float(fdtrc(numerator, denominator, statistic)), statistic)
        if test == "Chisq":
            p = float(chdtrc(len(effects), pearson / effects.mean()))
            return Association(test, pearson, len(effects), np.inf, p, of_all_rows)
        tail = integrated if test == "exact" else saddlepoint
        return Association(test, pearson, None, None, tail(pearson, effects, numerator * self.sum_df), of_all_rows)

    def _wald(self, test: AssociationTest) -> Association:
        found = self.departures()
        numerator = len(found.estimates)
        statistic = wald_statistic(found.estimates, found.covariance) / numerator
        denominator = self.design_df
        if test == "adjWald":
            denominator = self.design_df - numerator + 1
            statistic *= denominator / self.design_df
        if denominator < 1:
            raise CannotEstimate("no_degrees_of_freedom", f"{numerator} contrasts from {self.design_df} degrees of freedom")
        return Association(test, statistic, numerator, denominator, float(fdtrc(numerator, denominator, statistic)), statistic)


def two_way_table(plan: Plan, rows: ArrayLike, columns: ArrayLike, within: ArrayLike | None = None) -> TwoWayTable:
    """The table of two codes (n,), whole numbers, negative where unknown, over the people of `within` (n,).

    Raises CannotEstimate: `bad_shape`, `bad_value`; `all_missing` when nobody has both codes; `one_category` when a code has only
    one value among those who have both; `too_many_cells`; `no_degrees_of_freedom`.
    """
    domain = domain_of(within, plan)
    design_df = degrees_of_freedom(plan, domain)
    row_codes, column_codes = code_column(rows, plan.rows, "rows"), code_column(columns, plan.rows, "columns")
    kept = domain & (row_codes >= 0) & (column_codes >= 0)
    if not kept.any():
        raise CannotEstimate("all_missing", "nobody in the domain has both codes")
    row, row_names = compressed(row_codes, kept)
    column, column_names = compressed(column_codes, kept)
    shape = len(row_names), len(column_names)
    require_table(shape)
    cell = np.where(kept, row * shape[1] + column, -1)
    shares = estimated(plan, cell_shares(cell, shape[0] * shape[1]))
    return TwoWayTable(
        shares=shares.estimates.reshape(shape),
        covariance=shares.covariance,
        people=int(kept.sum()),
        rows_in_domain=int(domain.sum()),
        design_df=design_df,
        sum_df=design_df if isinstance(plan, Design) else np.inf,
        departures=lambda: _departures(plan, cell_totals(cell, shape[0] * shape[1]), shape),
    )


def association(
    plan: Plan, rows: ArrayLike, columns: ArrayLike, test: AssociationTest = "F", *, within: ArrayLike | None = None
) -> Association:
    """One test of the family. R: `svychisq(~rows + columns, design, statistic = test)`. Raises as `two_way_table` and `test` do."""
    return two_way_table(plan, rows, columns, within).test(test)


def _departures(plan: Plan, totals: Statistic, shape: tuple[int, int]) -> Estimate:
    """Observed less expected totals by the delta method, N_ij - N_i. N_.j / N; the first row and column follow from the others."""
    found = estimated(plan, totals)
    table = found.estimates.reshape(shape)
    of_rows, of_columns, everyone = table.sum(axis=1), table.sum(axis=0), table.sum()
    expected = np.outer(of_rows, of_columns) / everyone
    same_row = np.kron(np.eye(shape[0]), np.ones((shape[1], shape[1])))
    same_column = np.kron(np.ones((shape[0], shape[0])), np.eye(shape[1]))
    row_share, column_share = np.repeat(of_rows, shape[1]) / everyone, np.tile(of_columns, shape[0]) / everyone
    slope = np.eye(table.size) - same_row * column_share[:, None] - same_column * row_share[:, None]
    slope += (expected.ravel() / everyone)[:, None]
    inner = np.arange(table.size).reshape(shape)[1:, 1:].ravel()
    departures = (table - expected).ravel()[inner]
    return Estimate(departures, slope[inner] @ found.covariance @ slope[inner].T, found.degrees_of_freedom)


def _interactions(rows: int, columns: int) -> Floats:
    """Contrasts of cells that are orthogonal to rows and to columns, (rows columns, (rows - 1)(columns - 1))."""
    found: Floats = np.kron(null_space(np.ones((1, rows))), null_space(np.ones((1, columns))))
    return found
