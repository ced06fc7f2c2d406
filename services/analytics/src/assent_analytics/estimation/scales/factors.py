"""Principal components and factors of a correlation matrix, and how well they reproduce it.

All work on the matrix alone, so weights enter where the matrix is made (`correlations.weighted_covariance`, `polychoric` with weights)
and missing answers too. scikit-learn takes rows of data, not matrices; components and likelihood factors depend on the data only through
their correlations, so it is given a small set of made rows that has exactly the correlations asked for.

scikit-learn is imported when it is first needed: starting the service does not pay for it. Not here: rotation, omega.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.scales.adequacy import eigenvalues
from assent_analytics.estimation.scales.correlations import squared_multiple_correlations

SMALLEST_UNIQUENESS = 0.005


@dataclass(frozen=True, slots=True)
class Components:
    """Eigenvalues, largest first (k,), loadings (k, m) of the first m components, and the share of variance of each (m,)."""

    eigenvalues: Floats
    loadings: Floats
    explained: Floats


@dataclass(frozen=True, slots=True)
class Factors:
    """Unrotated loadings (k, m), communalities (k,), eigenvalues of the matrix with communalities on its diagonal (k,).

    `heywood` says that a communality sits at its upper bound: the number of factors is doubtful.
    """

    loadings: Floats
    communalities: Floats
    eigenvalues: Floats
    residual: float
    degrees_of_freedom: int
    heywood: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """The likelihood-ratio statistic of a factor model with Bartlett's correction, and the root mean square error of approximation."""

    statistic: float
    degrees_of_freedom: int
    approximation_error: float


def principal_components(correlations: Floats, number: int) -> Components:
    """The first components, through scikit-learn's PCA; loadings are signed so that each sums to a positive number.

    R: `psych::principal(R, m, rotate = "none")`. Raises CannotEstimate `bad_setting`, `singular_correlations`.
    """
    from sklearn.decomposition import PCA

    _check_number(correlations, number)
    fitted = PCA(svd_solver="full").fit(_rows_with(correlations))
    values = fitted.explained_variance_ * (2 * len(correlations) - 1) / (2 * len(correlations))
    loadings = fitted.components_[:number].T * np.sqrt(values[:number])
    return Components(values, _signed(loadings), values[:number] / values.sum())


def likelihood_factors(correlations: Floats, number: int) -> Factors:
    """Maximum likelihood factors, through scikit-learn's FactorAnalysis. R: `factanal(covmat = R, factors = m, rotation = "none")`.

    Raises CannotEstimate `bad_setting`, `too_many_factors`, `singular_correlations`, `no_convergence`.
    """
    from sklearn.decomposition import FactorAnalysis

    _check_number(correlations, number)
    most = 20_000
    model = FactorAnalysis(n_components=number, tol=1e-12, max_iter=most, svd_method="lapack")
    fitted = model.fit(_rows_with(correlations))
    if fitted.n_iter_ >= most:
        raise CannotEstimate("no_convergence", f"the likelihood still rose after {most} steps: try fewer factors")
    return _described(correlations, _signed(fitted.components_.T))


def minimum_residual_factors(correlations: Floats, number: int) -> Factors:
    """Factors with the smallest sum of squared residual correlations (Harman and Jones 1966), uniquenesses within [0.005, 1].

    R: `psych::fa(R, m, fm = "minres", rotate = "none")`, whose optimiser stops at 1e-4 or so of the loadings.
    Raises CannotEstimate `bad_setting`, `too_many_factors`, `singular_correlations`, `no_convergence`.
    """
    _check_number(correlations, number)

    def misfit(uniquenesses: Floats) -> tuple[float, Floats]:
        loadings = _leading(correlations - np.diag(uniquenesses), number)
        rest = correlations - loadings @ loadings.T - np.diag(uniquenesses)
        return float((rest**2).sum() / 2), -np.diag(rest)

    start = 1 - np.clip(squared_multiple_correlations(correlations), 0.0, 1 - SMALLEST_UNIQUENESS)
    found = minimize(
        misfit, start, jac=True, method="L-BFGS-B", bounds=[(SMALLEST_UNIQUENESS, 1.0)] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000},
    )  # fmt: skip
    if not found.success and np.abs(found.jac[(found.x > SMALLEST_UNIQUENESS) & (found.x < 1)]).max(initial=0.0) > 1e-6:
        raise CannotEstimate("no_convergence", f"residuals did not settle: {found.message}")
    return _described(correlations, _signed(_leading(correlations - np.diag(found.x), number)))


def fit(correlations: Floats, factors: Factors, *, rows: int) -> Fit:
    """How well factors reproduce the correlations of `rows` respondents. R: `STATISTIC`, `dof` and `RMSEA` of `psych::fa`.

    Raises CannotEstimate `singular_correlations`, `too_many_factors` when no degree of freedom is left.
    """
    number = len(correlations)
    if factors.degrees_of_freedom < 1:
        raise CannotEstimate("too_many_factors", "a model with as many parameters as correlations fits anything")
    implied = factors.loadings @ factors.loadings.T
    np.fill_diagonal(implied, 1.0)
    ratio = np.linalg.solve(implied, correlations)
    sign, logarithm = np.linalg.slogdet(ratio)
    if sign <= 0:
        raise CannotEstimate("singular_correlations", "these correlations do not fit together: use complete rows")
    discrepancy = float(np.trace(ratio) - logarithm - number)
    statistic = discrepancy * (rows - 1 - (2 * number + 5) / 6 - 2 * factors.loadings.shape[1] / 3)
    error = np.sqrt(max(discrepancy / factors.degrees_of_freedom - 1 / (rows - 1), 0.0))
    return Fit(statistic, factors.degrees_of_freedom, float(error))


def _described(correlations: Floats, loadings: Floats) -> Factors:
    items, number = loadings.shape
    communalities = (loadings**2).sum(axis=1)
    rest = correlations - loadings @ loadings.T
    np.fill_diagonal(rest, 0.0)
    reduced = correlations - np.diag(1 - communalities)
    return Factors(
        loadings=loadings,
        communalities=communalities,
        eigenvalues=eigenvalues(reduced),
        residual=float(np.sqrt((rest**2).sum() / (items * (items - 1)))),
        degrees_of_freedom=_freedom(items, number),
        heywood=bool((communalities > 1 - SMALLEST_UNIQUENESS - 1e-6).any()),
    )


def _freedom(items: int, factors: int) -> int:
    return ((items - factors) ** 2 - items - factors) // 2


def _leading(matrix: Floats, number: int) -> Floats:
    """Loadings on the largest eigenvalues, largest first; a negative eigenvalue gives a factor of noughts."""
    values, vectors = np.linalg.eigh(matrix)
    found: Floats = (vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0.0)))[:, :number]
    return found


def _signed(loadings: Floats) -> Floats:
    return loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)


def _rows_with(correlations: Floats) -> Floats:
    """2k rows of mean nought whose covariance, divided by 2k, is the matrix: its Cholesky factor up and down."""
    try:
        root = np.linalg.cholesky(correlations)
    except np.linalg.LinAlgError as error:
        raise CannotEstimate("singular_correlations", "these correlations do not fit together: use complete rows") from error
    found: Floats = np.vstack([root.T, -root.T]) * np.sqrt(len(correlations))
    return found


def _check_number(correlations: Floats, number: int) -> None:
    if not 1 <= number < len(correlations):
        raise CannotEstimate("bad_setting", f"{number} factors of {len(correlations)} items")
