"""Made surveys of many designs, each said twice: as a `Plan` of the engine, and as R code that makes the same of a data frame `x`.

Everything is drawn anew from a seed: strata of unlike size, clusters of unlike size within them, two stages more, unequal weights,
missing answers, and answers that go with strata and clusters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from assent_analytics.estimation.designs.design import Design, Stage
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.replicates.published import published
from assent_analytics.estimation.weighting.auxiliaries import auxiliaries_of
from assent_analytics.estimation.weighting.calibration import calibrate
from assent_analytics.estimation.weighting.margins import Margin, crossed, margin
from assent_analytics.estimation.weighting.post_stratification import post_stratify
from assent_analytics.estimation.weighting.raking import rake

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Made:
    """Columns (n,) by name, NaN or an empty word where missing, and one design of them."""

    columns: Columns
    plan: Plan
    in_r: str
    seed: int

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def known(self, *names: str) -> np.ndarray:
        """Who has an answer to all of these, (n,)."""
        return np.all(
            [column != "" if column.dtype.kind == "U" else ~np.isnan(column) for column in map(self.__getitem__, names)], axis=0
        )

    def codes(self, name: str) -> np.ndarray:
        """Codes in the order of the sorted levels, -1 where missing."""
        return np.where(self.known(name), np.searchsorted(np.unique(self[name][self.known(name)]), self[name]), -1)


def population(seed: int, strata: int, units: tuple[int, int]) -> Columns:
    """Rows of a sample of four strata: what the stages were drawn from, weights, and answers."""
    chance = np.random.default_rng(seed)
    stages, sizes = [], []
    for stratum in range(strata):
        drawn = int(chance.integers(*units, endpoint=True))
        of = drawn + int(chance.integers(2, 12))
        for first in range(drawn):
            seconds = int(chance.integers(2, 5))
            of_seconds = seconds + int(chance.integers(0, 6))
            for second in range(seconds):
                people = int(chance.integers(1, 5))
                of_people = people + int(chance.integers(0, 9))
                stages += [(stratum, first, second, person) for person in range(people)]
                sizes += [(of, of_seconds, of_people)] * people
    place = chance.permutation(len(stages))
    stage, size = np.array(stages)[place], np.array(sizes, dtype=float)[place]
    return _identified(stage, size) | _answers(chance, stage) | {"w": chance.uniform(0.4, 6.0, len(place))}


def _identified(stage: np.ndarray, size: np.ndarray) -> Columns:
    def words(*parts: int) -> np.ndarray:
        return np.array(["s" + "-".join(str(row[part]) for part in parts) for row in stage])

    drawn = [len(set(map(tuple, stage[:, :2][stage[:, 0] == stratum]))) for stratum in stage[:, 0]]
    return {
        "stratum": words(0), "psu": words(1), "ssu": words(0, 1, 2), "person": words(0, 1, 2, 3),
        "n1": size[:, 0], "n2": size[:, 1], "n3": size[:, 2], "f1": np.array(drawn) / size[:, 0],
        "half": np.array(["u", "v"])[stage[:, 2] % 2],
    }  # fmt: skip


def _answers(chance: np.random.Generator, stage: np.ndarray) -> Columns:
    rows = len(stage)
    shift = 0.5 * stage[:, 0] + chance.normal(0, 0.6, (9, 99))[stage[:, 0], stage[:, 1]]
    group = np.array(["north", "east", "west"])[chance.choice(3, rows, p=[0.5, 0.3, 0.2])]
    lean = shift + 0.5 * (group == "west") + chance.logistic(0, 1, rows)
    y = 50 + 4 * lean + chance.normal(0, 3, rows)
    answer = np.digitize(lean, [-1.0, 0.2, 1.2, 2.4]) + 1.0
    return {
        "y": y,
        "x": chance.gamma(3.0, 2.0, rows) + 0.1,
        "z": np.round(y / 5 + chance.normal(0, 1, rows)),
        "yes": (lean > 0.8).astype(float),
        "rare": (chance.uniform(size=rows) < 0.05).astype(float),
        "many": chance.poisson(np.exp(0.3 * shift + 0.2)).astype(float),
        "a": answer,
        "q": np.where(chance.uniform(size=rows) < 0.15, np.nan, answer),
        "gap": np.where(chance.uniform(size=rows) < 0.2, np.nan, y),
        "maybe": np.where(chance.uniform(size=rows) < 0.1, np.nan, lean > 0.5),
        "group": group,
        "band": np.array(["young", "middle", "old", ""])[chance.choice(4, rows, p=[0.3, 0.3, 0.3, 0.1])],
        "sex": np.array(["f", "m"])[chance.integers(0, 2, rows)],
        "first": np.array(["hi", "lo", "no"])[chance.choice(3, rows)],
        "again": np.array(["hi", "lo", "no"])[chance.choice(3, rows)],
        "two": np.array(["one", "other"])[(chance.uniform(size=rows) < 0.35 + 0.1 * (lean > 1)).astype(int)],
    }


@cache
def sample(seed: int, strata: int = 4, units: tuple[int, int] = (3, 7)) -> Columns:
    """The rows of one seed."""
    return population(seed, strata, units)


def lonely(seed: int) -> Columns:
    """Rows of which two strata have a single unit."""
    columns = sample(seed, 6)
    strata = np.unique(columns["stratum"])
    alone = np.isin(columns["stratum"], strata[[1, 4]])
    kept = ~alone | (columns["psu"] == "s0")
    return {name: column[kept] for name, column in columns.items()}


def targets(columns: Columns, *variables: str, seed: int = 0) -> dict[tuple[str, ...], float]:
    """Totals of a table near what the weights give."""
    chance = np.random.default_rng(seed)
    cells = sorted(set(zip(*(columns[variable].tolist() for variable in variables), strict=True)))
    labels = np.array(list(zip(*(columns[variable].tolist() for variable in variables), strict=True)))
    found = np.array([columns["w"][(labels == cell).all(axis=1)].sum() for cell in cells]) * chance.uniform(0.85, 1.2, len(cells))
    return dict(zip(cells, (found * people(columns) / found.sum()).tolist(), strict=True))


def people(columns: Columns) -> float:
    """How many there are in the population, a little more than the weights say."""
    return float(np.round(1.07 * columns["w"].sum(), 1))


def of(columns: Columns, variable: str) -> Margin:
    """A margin of the sample with the targets of `targets`."""
    return margin(variable, columns[variable], {cell[0]: total for cell, total in targets(columns, variable).items()})


def frame(columns: Columns, *variables: str) -> str:
    """The targets of a table as an R data frame."""
    table = targets(columns, *variables)
    words = [f"{name} = c({', '.join(repr(cell[at]) for cell in table)})" for at, name in enumerate(variables)]
    return f"data.frame({', '.join(words)}, Freq = c({', '.join(repr(total) for total in table.values())}))"


PLAIN = "svydesign(~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE)"


def _plain(columns: Columns) -> Design:
    return Design(columns["w"], strata=columns["stratum"], clusters=columns["psu"])


def _alone(rule: str, adjust: str = "FALSE") -> Callable[[int], tuple[Columns, Plan, str]]:
    def make(seed: int) -> tuple[Columns, Plan, str]:
        columns = lonely(seed)
        plan = Design(
            columns["w"],
            strata=columns["stratum"],
            clusters=columns["psu"],
            lonely=rule,
            lonely_domains=adjust == "TRUE",  # type: ignore[arg-type]
        )
        return columns, plan, f'options(survey.lonely.psu = "{rule}", survey.adjust.domain.lonely = {adjust}); {PLAIN}'

    return make


def _two_stages(seed: int) -> tuple[Columns, Plan, str]:
    c = sample(seed)
    later = [Stage(clusters=c["ssu"], population=c["n2"])]
    plan = Design(strata=c["stratum"], clusters=c["psu"], population=c["n1"], later=later)
    return c, plan, "svydesign(~psu + ssu, strata = ~stratum, fpc = ~n1 + n2, data = x, nest = TRUE)"


def _three_stages(seed: int) -> tuple[Columns, Plan, str]:
    """Strata within clusters too, sizes at the first stage, and weights of their own."""
    c = sample(seed)
    twice = np.where(c["half"] == "u", 5.0, 7.0)
    later = [Stage(clusters=c["ssu"], strata=c["half"], population=twice), Stage(clusters=c["person"], population=c["n3"])]
    c = c | {"twice": twice}
    plan = Design(c["w"], strata=c["stratum"], clusters=c["psu"], population=c["n1"], later=later)
    code = 'options(survey.lonely.psu = "adjust"); '
    code += "svydesign(~psu + ssu + person, strata = ~stratum + half, weights = ~w, fpc = ~n1 + twice + n3, data = x, nest = TRUE)"
    return c, plan, code


def _post_stratified(seed: int) -> tuple[Columns, Plan, str]:
    c = sample(seed)
    table = crossed(["group", "sex"], [c["group"], c["sex"]], targets(c, "group", "sex"))
    plan = _plain(c)
    return c, post_stratify(plan.weights, table).of(plan), f"postStratify({PLAIN}, ~group + sex, {frame(c, 'group', 'sex')})"


def _raked(seed: int) -> tuple[Columns, Plan, str]:
    c = sample(seed)
    plan, names = _plain(c), ("group", "sex", "half")
    fitted = rake(plan.weights, [of(c, name) for name in names], residual="alternating", epsilon=1e-11)
    code = (
        f"rake({PLAIN}, list({', '.join(f'~{name}' for name in names)}), list({', '.join(frame(c, name) for name in names)}), "
        "control = list(maxit = 500, epsilon = 1e-11))"
    )
    return c, fitted.of(plan), code


def _calibrated(distance: str, bounds: tuple[float, float] | None = None) -> Callable[[int], tuple[Columns, Plan, str]]:
    def make(seed: int) -> tuple[Columns, Plan, str]:
        c = sample(seed)
        plan = Design(c["w"], strata=c["stratum"], clusters=c["psu"], population=c["n1"])
        total = float(np.round(1.04 * people(c) * np.average(c["x"], weights=c["w"]), 2))
        known = auxiliaries_of([of(c, "group"), of(c, "sex")], {"x": c["x"]}, {"x": total})
        fitted = calibrate(plan.weights, known, distance=distance, bounds=bounds, tolerance=1e-11)  # type: ignore[arg-type]
        sums = {"(Intercept)": people(c)}
        for variable in ("group", "sex"):
            sums |= {variable + cell[0]: value for cell, value in list(targets(c, variable).items())[1:]}
        listed = ", ".join(f"`{name}` = {value!r}" for name, value in (sums | {"x": total}).items())
        code = PLAIN.replace("data", "fpc = ~n1, data")
        limits = f", bounds = c({bounds[0]}, {bounds[1]})" if bounds else ""
        return c, fitted.of(plan), (
            f'calibrate({code}, ~group + sex + x, c({listed}), calfun = "{distance}"{limits}, epsilon = 1e-11, maxit = 200)'
        )  # fmt: skip

    return make


def _replicated(kind: str) -> Callable[[int], tuple[Columns, Plan, str]]:
    """The replicate weights are given to both sides in the same file."""

    def make(seed: int) -> tuple[Columns, Plan, str]:
        c = sample(seed, 8, (2, 2)) if kind in ("brr", "fay") else sample(seed)
        table, rscales, scale = _replicates(kind, c, np.random.default_rng(seed))
        rho = 0.3 if kind == "fay" else None
        columns = c | {f"rep{number}": table[:, number] for number in range(table.shape[1])}
        given = kind in ("jkn", "bootstrap")
        plan = published(c["w"], table, kind, rscales=rscales if given else None, rho=rho, scale=scale)  # type: ignore[arg-type]
        named = {"jk1": "JK1", "jkn": "JKn", "brr": "BRR", "fay": "Fay", "bootstrap": "bootstrap"}[kind]
        more = f", rscales = c({', '.join(map(repr, rscales.tolist()))})" if given else ""
        more += f", rho = {rho}" if rho else ""
        more += f", scale = {scale!r}" if scale else ""
        code = f'svrepdesign(weights = ~w, repweights = "rep[0-9]+", type = "{named}", combined.weights = TRUE, data = x{more})'
        return columns, plan, code

    return make


def _replicates(kind: str, c: Columns, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float | None]:
    units = np.char.add(c["stratum"], c["psu"])
    names = np.unique(units)
    stratum = np.array([c["stratum"][units == name][0] for name in names])
    sizes = np.array([(stratum == one).sum() for one in stratum])
    member = units[:, None] == names
    if kind == "jk1":
        return c["w"][:, None] * ~member * len(names) / (len(names) - 1), np.ones(len(names)), (len(names) - 1) / len(names)
    if kind == "jkn":
        rise = np.where(stratum[:, None] == stratum[None, :], sizes / (sizes - 1.0), 1.0) * (1 - np.eye(len(names)))
        return c["w"][:, None] * (member @ rise), (sizes - 1.0) / sizes, 1.0
    if kind == "bootstrap":
        drawn = np.zeros((len(names), 40))
        for one in np.unique(stratum):
            here = np.flatnonzero(stratum == one)
            drawn[here] = chance.multinomial(len(here) - 1, np.full(len(here), 1 / len(here)), 40).T * len(here) / (len(here) - 1.0)
        return c["w"][:, None] * (member @ drawn), np.ones(40), 1 / 39
    signs = np.array([[1.0]])
    for _ in range(4):
        signs = np.kron([[1, 1], [1, -1]], signs)
    column = np.searchsorted(np.unique(stratum), stratum) + 1
    first = np.array([name.endswith("s0") for name in names])
    keep = {"brr": 2.0, "fay": 2.0 - 0.3}[kind]
    chosen = np.where(first[:, None] == (signs[:, column] > 0).T, keep, 2.0 - keep)
    return c["w"][:, None] * (member @ chosen), np.ones(16), None


def _one(arguments: Callable[[Columns], Design], code: str) -> Callable[[int], tuple[Columns, Plan, str]]:
    def make(seed: int) -> tuple[Columns, Plan, str]:
        return sample(seed), arguments(sample(seed)), code

    return make


MAKERS: dict[str, Callable[[int], tuple[Columns, Plan, str]]] = {
    "weights": _one(lambda c: Design(c["w"]), "svydesign(~1, weights = ~w, data = x)"),
    "strata": _one(lambda c: Design(c["w"], strata=c["stratum"]), "svydesign(~1, strata = ~stratum, weights = ~w, data = x)"),
    "clusters": _one(
        lambda c: Design(c["w"], clusters=np.char.add(c["stratum"], c["psu"])),
        "svydesign(~paste0(stratum, psu), weights = ~w, data = x)",
    ),
    "strata and clusters": _one(_plain, PLAIN),
    "fractions": _one(
        lambda c: Design(c["w"], strata=c["stratum"], clusters=c["psu"], population=c["f1"]),
        PLAIN.replace("data", "fpc = ~f1, data"),
    ),
    "two stages": _two_stages,
    "three stages": _three_stages,
    "lonely removed": _alone("remove"),
    "lonely adjusted": _alone("adjust"),
    "lonely averaged": _alone("average"),
    "lonely certain": _alone("certainty"),
    "lonely domains adjusted": _alone("adjust", "TRUE"),
    "lonely domains averaged": _alone("average", "TRUE"),
    "post-stratified": _post_stratified,
    "raked": _raked,
    "calibrated": _calibrated("linear"),
    "calibrated by raking": _calibrated("raking"),
    "calibrated within bounds": _calibrated("logit", (0.3, 3.0)),
    "calibrated linearly within bounds": _calibrated("linear", (0.5, 2.0)),
    "jk1": _replicated("jk1"),
    "jkn": _replicated("jkn"),
    "brr": _replicated("brr"),
    "fay": _replicated("fay"),
    "bootstrap": _replicated("bootstrap"),
}
"""Maker of each kind of design by a seed."""

SEEDS = (1,)
CALIBRATED = tuple(name for name in MAKERS if name.startswith(("post", "raked", "calibrated")))
REPLICATED = ("jk1", "jkn", "brr", "fay", "bootstrap")


@cache
def made(name: str, seed: int) -> Made:
    """A survey by the name of its design and its seed."""
    columns, plan, code = MAKERS[name](seed)
    return Made(columns, plan, code, seed)
