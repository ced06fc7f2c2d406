"""Log-linear models of a table of any number of ways, and whether a larger one fits better. R: `svyloglin` and its `anova`.

The models are fitted to the weighted shares as if of so many people; the deviance between them and Pearson's (score) statistic are
then weighted sums of chi-squares, with the generalised design effects of what the larger model adds (Rao and Scott 1984, Annals of
Statistics 12). Not here: standard errors of the models' coefficients.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc, xlogy

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes, Floats
from assent_analytics.estimation.columns import code_column, domain_of
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.hypothesis_tests.cells import cell_shares, compressed, degrees_of_freedom, estimated, require_table
from assent_analytics.estimation.hypothesis_tests.chi_square_sums import integrated, saddlepoint

Term = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A statistic with the matrix whose eigenvalues are the generalised design effects, in terms of sum contrasts.

    `statistic_over_all_rows` is R's, which counts the rows with unknown codes too.

    Trap: R 4.1-1 of `survey` treats that matrix as symmetric, which it is not: where its F needs the trace of the square it sums
    the squared elements, and for the score statistic's saddlepoint it reads the lower triangle alone. So R's p-values depend on how
    factors are coded and named where more than one degree of freedom is tested. `as_r=True` gives them, by sum contrasts as R codes
    them.
    """

    statistic: float
    statistic_over_all_rows: float
    effects: Floats
    design_df: int
    is_score: bool

    @property
    def design_effects(self) -> Floats:
        """The generalised design effects: the weights of the sum of chi-squares that the statistic is."""
        return np.asarray(np.linalg.eigvals(self.effects).real, dtype=float)

    @property
    def p_first_order(self) -> float:
        """By the mean design effect and a chi-square. R: `print(anova, pval = "chisq")`."""
        return float(chdtrc(len(self.effects), self.statistic * len(self.effects) / np.trace(self.effects)))

    def p_second_order(self, *, as_r: bool = False) -> float:
        """By Satterthwaite's degrees of freedom and F. R: `pval = "F"`, its default."""
        total = float(np.trace(self.effects))
        squares = (self.effects if as_r else self.design_effects) ** 2
        numerator = float(total**2 / squares.sum())
        return float(fdtrc(numerator, numerator * self.design_df, self.statistic / total))

    def p_saddlepoint(self, *, as_r: bool = False) -> float:
        """By the weighted sum's saddlepoint. R: `pval = "saddlepoint"`."""
        return saddlepoint(self.statistic, np.linalg.eigvalsh(self.effects) if as_r and self.is_score else self.design_effects)

    def p_exact(self) -> float:
        """By the weighted sum itself. R: `pval = "lincom"` with CompQuadForm."""
        return integrated(self.statistic, self.design_effects)


@dataclass(frozen=True, slots=True)
class LogLinearComparison:
    """The larger against the smaller model by the deviance between them and by Pearson's statistic."""

    deviance: Comparison
    score: Comparison


def compare_log_linear(
    plan: Plan, factors: ArrayLike, *, smaller: Sequence[Term], larger: Sequence[Term], within: ArrayLike | None = None
) -> LogLinearComparison:
    """Two nested models of codes (n, k), negative where unknown.

    A model is the terms that generate it: `[(0,), (1,)]` is independence. R: `anova(svyloglin(~a + b, design), svyloglin(~a * b,
    design))`. Raises CannotEstimate: `bad_shape`, `bad_value`, `all_missing`, `one_category`; `not_nested` when the larger adds
    nothing or lacks a term; `too_many_cells`; `empty_cell` when a margin that a model fits is empty, or when the larger
    model is saturated and any cell is (for two ways, `tables` has no such need); `no_variation`.
    """
    domain = domain_of(within, plan)
    columns = _code_columns(factors, plan.rows)
    base, full = _subterms(smaller), _subterms(larger)
    if not set(base) < set(full) or not set(chain.from_iterable(full)) <= set(range(len(columns))):
        raise CannotEstimate("not_nested", "the larger model holds every term of the smaller one, and more")
    kept = domain & np.all([column >= 0 for column in columns], axis=0)
    if not kept.any():
        raise CannotEstimate("all_missing", "nobody in the domain has all codes")
    cell, shape = _cells(columns, kept)
    found = estimated(plan, cell_shares(cell, int(np.prod(shape))))
    people, shares = int(kept.sum()), found.estimates
    start, added = _columns(base, shape), _columns([term for term in full if term not in base], shape)
    counts = shares * int(domain.sum())
    small, large = _fit(counts, start), _fit(counts, np.hstack([start, added]))
    effects = _design_effects(shares, found.covariance, large, start[:, 1:], added) * people
    freedom = degrees_of_freedom(plan, domain)

    def comparison(discrepancy: float, *, is_score: bool) -> Comparison:
        return Comparison(people * discrepancy, int(domain.sum()) * discrepancy, effects, freedom, is_score)

    return LogLinearComparison(
        deviance=comparison(2.0 * float((xlogy(shares, large / small) + small - large).sum()), is_score=False),
        score=comparison(float(((large - small) ** 2 / small).sum()), is_score=True),
    )


def _code_columns(factors: ArrayLike, rows: int) -> list[Codes]:
    found = np.asarray(factors)
    if found.ndim != 2:
        raise CannotEstimate("bad_shape", f"factors of shape {found.shape} for {rows} rows")
    return [code_column(column, rows, "factors") for column in found.T]


def _subterms(terms: Iterable[Term]) -> list[Term]:
    """All terms that a hierarchical model holds, the constant among them, the smaller first."""
    found = {part for term in terms for size in range(len(term) + 1) for part in combinations(sorted(set(term)), size)}
    return sorted(found, key=lambda term: (len(term), term))


def _cells(columns: Sequence[Codes], kept: np.ndarray) -> tuple[Codes, tuple[int, ...]]:
    """Each row's cell, -1 where it has none, and the numbers of categories."""
    numbered = [compressed(column, kept) for column in columns]
    shape = tuple(len(names) for _, names in numbered)
    require_table(shape)
    cell = np.ravel_multi_index([np.maximum(codes, 0) for codes, _ in numbered], shape)
    return np.where(kept, cell, -1).astype(np.int64), shape


def _columns(terms: Sequence[Term], shape: tuple[int, ...]) -> Floats:
    """The model matrix (cells, columns) of terms, by sum contrasts, whose first factor varies fastest among a term's columns."""

    def block(term: Term) -> Floats:
        found = np.ones((1, 1))
        for place, size in enumerate(shape):
            found = np.asarray(np.kron(found, _contrasts(size) if place in term else np.ones((size, 1))))
        sizes = [shape[place] - 1 for place in term]
        return found.reshape(-1, *sizes).transpose(0, *range(len(sizes), 0, -1)).reshape(len(found), -1)

    return np.hstack([block(term) for term in terms])


def _contrasts(size: int) -> Floats:
    return np.vstack([np.eye(size - 1), -np.ones((1, size - 1))])


def _fit(counts: Floats, matrix: Floats) -> Floats:
    """The fitted shares of a Poisson model of counts, which need not be whole, by iteratively reweighted least squares.

    It starts and stops as R's `glm` does, so that the last digits are the same. A saturated model fits what is there, empty cells
    too.
    """
    if matrix.shape[0] == matrix.shape[1]:
        return np.asarray(counts / counts.sum())
    predictor, fitted = np.log(counts + 0.1), counts + 0.1
    deviance = _deviance(counts, fitted)
    for _ in range(50):
        root = np.sqrt(fitted)
        working = predictor + (counts - fitted) / fitted
        predictor = matrix @ np.linalg.lstsq(root[:, None] * matrix, root * working, rcond=None)[0]
        fitted = np.exp(np.clip(predictor, -700.0, 700.0))
        before, deviance = deviance, _deviance(counts, fitted)
        if abs(deviance - before) < 1e-8 * (abs(deviance) + 0.1):
            if fitted.min() < 1e-7:
                break
            return np.asarray(fitted / counts.sum())
    raise CannotEstimate("empty_cell", "the model cannot be fitted, because a margin that it fits is empty")


def _deviance(counts: Floats, fitted: Floats) -> float:
    return 2.0 * float((xlogy(counts, counts / fitted) - (counts - fitted)).sum())


def _design_effects(shares: Floats, covariance: Floats, fitted: Floats, base: Floats, added: Floats) -> Floats:
    """Per person: the covariance of what is added, made orthogonal to the smaller model, over the multinomial one."""
    base, added = base - base.mean(axis=0), added - added.mean(axis=0)
    under_model = np.diag(fitted) - np.outer(fitted, fitted)
    multinomial = np.diag(shares) - np.outer(shares, shares)
    within_base = base.T @ under_model @ base
    if len(within_base):
        _require_rank(within_base)
        added = added - base @ np.linalg.solve(within_base, base.T @ under_model @ added)
    expected = added.T @ multinomial @ added
    _require_rank(expected)
    effects = np.asarray(np.linalg.solve(expected, added.T @ covariance @ added), dtype=float)
    if not np.trace(effects) * 1e12 > 1.0 / len(shares):
        raise CannotEstimate("no_variation", "the design shows no variance of the table's cells")
    return effects


def _require_rank(matrix: Floats) -> None:
    if np.linalg.matrix_rank(matrix) < len(matrix):
        raise CannotEstimate("empty_cell", "too few cells are filled to tell the models apart: merge categories")
