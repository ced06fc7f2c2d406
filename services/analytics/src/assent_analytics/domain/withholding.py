"""The cheapest set of facts to withhold, so that a reader of the rest cannot place any secret too closely: a mixed-integer programme.

Every fact that may be withheld has a switch with a cost. A master programme throws switches; attack programmes find the least and the
greatest value that the facts still shown allow for each secret; where these lie too close together, the attack's dual values say which
facts pin the secret down, and that becomes a cut: of those facts enough must go (Fischetti and Salazar 2001, Management Science 47,
1008-1027). The two take turns until no attack succeeds. The work is bounded by rounds and nodes and never by a clock, so the
same table always gets the same answer.

Not here: which sums are secret, and what a fact is worth (answer_table, suppression, disclosure). Whoever uses this audits the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, kron

from assent_analytics.domain.audit import AT_A_TIME

Row = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_ROUNDS = 60
MOST_NODES = 5_000
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Fact:
    """What a reader is told of the counts: that `row` (n,) of them equals `value`, or is at most it; not if its switch is thrown."""

    row: Row
    value: float
    exact: bool = True
    switch: int | None = None


@dataclass(frozen=True, slots=True)
class Guarded:
    """A sum of counts, `row` (n,), that must be left a range of `width`; if it has a switch, only when that is thrown."""

    row: Row
    width: float
    switch: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be withheld: the cost of each switch (k,), those thrown in any case, those never, and pairs (a, b): a takes b along.

    `people` is a bound on the sum of all counts.
    """

    facts: Sequence[Fact]
    guarded: Sequence[Guarded]
    costs: Sequence[float]
    people: float
    forced: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()
    implied: Sequence[tuple[int, int]] = ()


def cheapest(choice: Choice) -> Bools | None:
    """Which switches to throw, (k,), at the least cost; None where nothing helps or the search takes too long."""
    thrown = np.zeros(len(choice.costs), dtype=bool)
    thrown[list(choice.forced)] = True
    cuts: list[Row] = []
    least: list[float] = []
    for _ in range(MOST_ROUNDS):
        try:
            found = _attack(choice, thrown)
        except ArithmeticError:
            return None  # the solver gave up; whoever asks has another way
        if not found:
            return thrown
        for coefficients, bound in found:
            cuts.append(coefficients)
            least.append(bound)
        solved = _master(choice, cuts, least)
        if solved is None:
            return None
        thrown = solved
    return None


def _master(choice: Choice, cuts: Sequence[Row], least: Sequence[float]) -> Bools | None:
    """The cheapest switches that satisfy every cut found so far; None where there are none, or more nodes would be needed."""
    switches = len(choice.costs)
    lower, upper = np.zeros(switches), np.ones(switches)
    lower[list(choice.forced)] = 1.0
    upper[list(choice.barred - choice.forced)] = 0.0
    pairs = np.zeros((len(choice.implied), switches))
    for at, (one, other) in enumerate(choice.implied):
        pairs[at, one], pairs[at, other] = -1.0, 1.0
    rows = np.vstack([*cuts, *pairs])
    solved = milp(
        np.asarray(choice.costs, dtype=float),
        constraints=LinearConstraint(rows, lb=np.concatenate([least, np.zeros(len(pairs))])),
        integrality=np.ones(switches),
        bounds=Bounds(lower, upper),
        options={"node_limit": MOST_NODES},
    )
    if solved.status != 0 or solved.x is None:
        return None
    thrown: Bools = solved.x > 0.5
    return thrown


def _attack(choice: Choice, thrown: Bools) -> list[tuple[Row, float]]:
    """A cut for every secret that the facts still shown place too closely: (coefficients of the switches (k,), their least sum)."""
    guarded = [one for one in choice.guarded if one.switch is None or thrown[one.switch]]
    shown = [fact for fact in choice.facts if fact.switch is None or not thrown[fact.switch]]
    found: list[tuple[Row, float]] = []
    for first in range(0, len(guarded), AT_A_TIME):
        found += _cuts(choice, shown, guarded[first : first + AT_A_TIME])
    return found


def _cuts(choice: Choice, shown: Sequence[Fact], guarded: Sequence[Guarded]) -> list[tuple[Row, float]]:
    """The same for some of the secrets."""
    equal, at_most = [fact for fact in shown if fact.exact], [fact for fact in shown if not fact.exact]
    # In one copy of the counts each secret is made least, in another greatest; the copies are solved as one programme.
    secrets = np.array([one.row for one in guarded])
    aims = np.concatenate([secrets, -secrets])
    solved = linprog(
        aims.ravel(), **_copies("eq", equal, len(aims)), **_copies("ub", at_most, len(aims)), bounds=(0, None), method="highs"
    )
    if not solved.success:
        raise ArithmeticError(f"the attack on a table failed: {solved.message}")
    reached = -(aims * solved.x.reshape(aims.shape)).sum(axis=1)
    widths = reached.reshape(2, -1).sum(axis=0)
    gains = _gains(choice, equal, solved.eqlin.marginals, len(aims)) + _gains(choice, at_most, solved.ineqlin.marginals, len(aims))
    return [
        _cut(one, width, gain) for one, width, gain in zip(guarded, widths, gains, strict=True) if width < one.width - TOLERANCE
    ]


def _gains(choice: Choice, facts: Sequence[Fact], marginals: NDArray[np.float64], copies: int) -> NDArray[np.float64]:
    """By how much at most each secret's range grows with each switch, (secrets, k): dual value times how far the fact can give way."""
    gains = np.zeros((copies // 2, len(choice.costs)))
    duals = np.asarray(marginals).reshape(copies, len(facts))
    for at, fact in enumerate(facts):
        if fact.switch is None:
            continue
        up = max(0.0, float(fact.row.max())) * choice.people - fact.value
        down = fact.value - min(0.0, float(fact.row.min())) * choice.people if fact.exact else 0.0
        gain = np.maximum(duals[:, at] * down, -duals[:, at] * up)
        gains[:, fact.switch] += gain.reshape(2, -1).sum(axis=0)
    return gains


def _cut(secret: Guarded, width: float, gain: Row) -> tuple[Row, float]:
    """The switches must add what the range lacks; none counts for more than that."""
    lacking = secret.width - width
    coefficients = np.minimum(np.where(gain > TOLERANCE, gain, 0.0), lacking) / lacking
    if secret.switch is None:
        return coefficients, 1.0
    coefficients[secret.switch] -= 1.0
    return coefficients, 0.0


def _copies(kind: str, facts: Sequence[Fact], copies: int) -> dict[str, object]:
    if not facts:
        return {}
    rows = csr_array(np.array([fact.row for fact in facts]))
    values = np.array([fact.value for fact in facts])
    return {f"A_{kind}": kron(eye_array(copies), rows, format="csr"), f"b_{kind}": np.tile(values, copies)}
