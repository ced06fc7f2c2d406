"""Who tends to belong to which latent class: shares of classes that depend on covariates, fitted together with the classes.

P(class | x) is a multinomial logit with the largest class as reference (Dayton and Macready 1988; Bandeen-Roche, Miglioretti, Zeger and
Rathouz 1997). Fitting both at once avoids the bias of explaining classes to which people were assigned first. The fit begins with the
classes found without covariates. Errors come from the design, with the outer product of scores as information.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, logsumexp

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan
from assent_analytics.estimation.scales.latent_class_steps import SMALLEST, Patterns, patterns
from assent_analytics.estimation.scales.latent_classes import MOST_STEPS, LatentClasses

EDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Membership:
    """Coefficients of the columns for each class against the first, class by class, with the design's covariance; `model_errors` are
    those of a simple random sample, as poLCA reports them. `shares` are the mean memberships (m,)."""

    coefficients: Estimate
    model_errors: Floats
    shares: Floats
    log_likelihood: float
    parameters: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """Patterns of answers, the columns of covariates (r, q), and where these rows stand in the design (n,)."""

    found: Patterns
    columns: Floats
    used: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _State:
    """Answer probabilities (m, c) and coefficients (m, q), the first class's all nought."""

    probabilities: Floats
    coefficients: Floats


def class_membership(
    plan: Plan, answers: ArrayLike, classes: LatentClasses, columns: ArrayLike, *, names: Sequence[str]
) -> Membership:
    """Membership by `columns` (n, q), the intercept among them, of the rows that have every answer and every column.

    R: `poLCA(cbind(a, b) ~ x, data, nclass)`; its `coeff.se` are `model_errors`. Raises CannotEstimate: `bad_shape`; `bad_setting` for a
    single class; `no_rows`; `singular`; `no_convergence`.
    """
    given, covariates = np.asarray(answers, dtype=float), np.asarray(columns, dtype=float)
    rows = _usable(plan, given, covariates, classes, names)
    number, width = len(classes.shares), covariates.shape[1]
    logits = np.log(np.maximum(classes.shares / classes.shares[0], SMALLEST))
    start, *_ = np.linalg.lstsq(rows.columns, np.tile(logits, (len(rows.columns), 1)), rcond=None)
    weights = plan.weights[rows.used]
    scale = len(weights) / weights.sum()
    first, height = _fitted(rows, weights * scale, _State(classes.model.probabilities, start.T))

    def statistic(replicate: Floats) -> Linearised:
        heavy = replicate[rows.used]
        heavy = heavy * len(heavy) / heavy.sum()
        same = np.array_equal(heavy, weights * scale)
        state = first if same else _fitted(rows, heavy, first)[0]

        def influence() -> Floats:
            scores, inverse = _information(rows, heavy, state)
            spread = np.zeros((plan.rows, (number - 1) * width))
            spread[rows.used] = (scores * heavy[:, None]) @ inverse[:, : (number - 1) * width]
            return spread

        return Linearised(state.coefficients[1:].ravel(), influence)

    titles = [f"class {place + 1}: {name}" for place in range(1, number) for name in names]
    inverse = _information(rows, weights * scale, first)[1]
    posterior = np.exp(_memberships(rows, first)[0])
    return Membership(
        coefficients=plan.estimate(statistic, titles),
        model_errors=np.sqrt(np.diag(inverse)[: (number - 1) * width]),
        shares=(weights * scale) @ posterior / len(weights),
        log_likelihood=height,
        parameters=(number - 1) * width + number * (first.probabilities.shape[1] - given.shape[1]),
        rows=len(weights),
    )


def _usable(plan: Plan, given: Floats, covariates: Floats, classes: LatentClasses, names: Sequence[str]) -> _Rows:
    if given.ndim != 2 or covariates.ndim != 2 or {len(given), len(covariates)} != {plan.rows} or covariates.shape[1] != len(names):
        raise CannotEstimate("bad_shape", f"answers {given.shape} and columns {covariates.shape} for {plan.rows} weights")
    if len(classes.shares) < 2 or given.shape[1] != len(classes.categories):
        raise CannotEstimate("bad_setting", "membership needs two classes or more, of the same items")
    used = (plan.weights > 0) & ~np.isnan(given).any(axis=1) & np.isfinite(covariates).all(axis=1)
    if not used.any():
        raise CannotEstimate("no_rows", "nobody has every answer and every column")
    columns = covariates[used]
    if np.linalg.matrix_rank(columns.T @ columns, hermitian=True) < columns.shape[1]:
        raise CannotEstimate("singular", "one column follows from the others")
    codes = np.column_stack(
        [np.searchsorted(levels, column) for levels, column in zip(classes.categories, given[used].T, strict=True)]
    )
    return _Rows(patterns(codes, np.array([len(levels) for levels in classes.categories])), columns, used)


def _memberships(rows: _Rows, state: _State) -> tuple[Floats, Floats, Floats]:
    """The log probability of each class given answers and columns, that given the columns (r, m), and that of the answers (r,)."""
    answers = rows.found.marks @ np.log(np.maximum(state.probabilities, SMALLEST)).T
    prior: Floats = log_softmax(rows.columns @ state.coefficients.T, axis=1)
    joint = prior + answers[rows.found.of_row]
    together: Floats = logsumexp(joint, axis=1)
    return joint - together[:, None], prior, together


def _fitted(rows: _Rows, weights: Floats, state: _State) -> tuple[_State, float]:
    """Steps of expectation and maximisation until the log-likelihood stays. Raises CannotEstimate `no_convergence`, `singular`."""
    before = -np.inf
    for _ in range(MOST_STEPS):
        log_posterior, _, together = _memberships(rows, state)
        now = float(weights @ together)
        if now - before < 1e-10:
            return state, now
        before = now
        heavy = np.exp(log_posterior) * weights[:, None]
        by_pattern = np.column_stack([rows.found.totals(column) for column in heavy.T])
        counts = by_pattern.T @ rows.found.marks
        answered = np.add.reduceat(counts, np.flatnonzero(np.diff(rows.found.items, prepend=-1)), axis=1)[:, rows.found.items]
        state = _State(counts / np.maximum(answered, SMALLEST), _multinomial(rows.columns, heavy, weights, state.coefficients))
    raise CannotEstimate("no_convergence", "the classes and their covariates did not settle together")


def _multinomial(columns: Floats, heavy: Floats, weights: Floats, coefficients: Floats) -> Floats:
    """Newton steps of a multinomial logit of weighted memberships (r, m), from coefficients (m, q) that are near."""
    number, width = coefficients.shape
    for _ in range(20):
        chances = np.exp(log_softmax(columns @ coefficients.T, axis=1))
        gradient = ((heavy - chances * weights[:, None]).T @ columns)[1:].ravel()
        curvature = np.zeros((number - 1, width, number - 1, width))
        for one in range(1, number):
            for other in range(1, number):
                working = weights * chances[:, one] * ((one == other) - chances[:, other])
                curvature[one - 1, :, other - 1, :] = (columns.T * working) @ columns
        try:
            step = np.linalg.solve(curvature.reshape(len(gradient), -1), gradient)
        except np.linalg.LinAlgError as error:
            raise CannotEstimate("singular", "a class is settled by the columns") from error
        coefficients = coefficients + np.vstack([np.zeros(width), step.reshape(number - 1, width)])
        if np.abs(step).max() < 1e-9:
            break
    return coefficients


def _information(rows: _Rows, weights: Floats, state: _State) -> tuple[Floats, Floats]:
    """Scores (r, k) of the coefficients and of the probabilities' logits, and the inverse of their outer product (k, k).

    A probability at 0 or 1 has no score, and neither has an item's last category, which the others leave; their places are noughts.
    """
    log_posterior, prior, _ = _memberships(rows, state)
    posterior = np.exp(log_posterior)
    away = posterior - np.exp(prior)
    scores = [(away[:, place, None] * rows.columns) for place in range(1, posterior.shape[1])]
    last = np.diff(rows.found.items, append=-1) != 0
    marks = rows.found.marks[rows.found.of_row]
    for place, probabilities in enumerate(state.probabilities):
        free = ~last & (probabilities > EDGE) & (probabilities < 1 - EDGE)
        scores.append(posterior[:, place, None] * (marks - probabilities)[:, free])
    together = np.hstack(scores)
    return together, np.linalg.pinv((together.T * weights) @ together, hermitian=True).astype(np.float64)
