"""Which figures may be shown, so that no small count can be read or worked out.

A count of people is low under the threshold (10), nought included; so is what is left of the whole when a group is taken away. A group
with few supporters or few others is hidden with its base, gap and p-value (primary). Then further facts are withheld (secondary), as few
people's worth as possible, until an audit finds no low count that a reader could place within a range narrower than the threshold, from
totals, shown groups, bases of 10 and more, and the directions given for hidden groups. `protect` does this for groups, `protect_counts` for
a list of counts. An integer programme looks for the cheapest facts to withhold; where it gives up, the smallest that helps goes first; the
audit decides in either case.

A group that nobody belongs to is no secret; it is reported as `nobody`. Not here: differences between releases. Weights are
not counted on to hide anything.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

import numpy as np

from assent_analytics.domain.answer_table import DIRECTION_BASE, AnswerTable, Bools, Direction, Plan
from assent_analytics.domain.audit import Knowledge, Row
from assent_analytics.domain.distribution import BREAK_OFF, REFUSED, Answers
from assent_analytics.domain.group_choice import cheapest_plan
from assent_analytics.domain.withholding import Choice, Fact, Guarded, cheapest

THRESHOLD = 10

Reason = Literal["nobody", "primary", "secondary"]
Key = TypeVar("Key", bound=Hashable)
Trial = TypeVar("Trial")
Leaks = TypeVar("Leaks", bound=Sized)


class _Tested(Protocol):
    def above(self, threshold: float) -> float: ...
    def below(self, threshold: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Region(Generic[Key]):
    """A group of respondents: `members` (n,) says who is in it."""

    key: Key
    members: Bools


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a group's figures may be shown, and if not, why and what may be said instead.

    `base_known` is whether its base may still appear where groups are listed; `direction` is there where it gives no low count away.
    """

    hidden: bool
    reason: Reason | None = None
    base_known: bool = True
    direction: Direction | None = None


def direction_of(share: _Tested, alpha: float = 0.05) -> Direction:
    """On which side of one half a share surely lies, if on either."""
    if share.above(0.5) < alpha:
        return "above_half"
    return "below_half" if share.below(0.5) < alpha else "unclear"


def protect(
    answers: Answers,
    regions: Sequence[Region[Key]],
    *,
    directions: Mapping[Key, Direction] | None = None,
    listed: Mapping[Key, bool] | None = None,
    threshold: int = THRESHOLD,
) -> dict[Key, Verdict]:
    """Judge the support of groups of one variable, and of intersections with it, shown beside support over everyone asked.

    The groups need not cover everyone: those in none are a cell too, which is never shown and can yet be worked out. `listed` says of
    groups whose bases are listed elsewhere whether they are shown there: the verdict then keeps to that, so that neither undoes the other.
    """
    table = AnswerTable(answers, [region.members for region in regions], threshold)
    given, elsewhere = directions or {}, listed or {}
    wished = [given.get(region.key) if table.bases[at] >= DIRECTION_BASE else None for at, region in enumerate(regions)]
    known = {at: elsewhere[region.key] for at, region in enumerate(regions) if region.key in elsewhere and table.bases[at]}
    plan = _cheapest_safe(table, wished, known)
    return {region.key: _verdict(table, plan, at) for at, region in enumerate(regions)}


def _cheapest_safe(table: AnswerTable, wished: Sequence[Direction | None], known: Mapping[int, bool]) -> Plan:
    """Withhold what is low, and then the cheapest facts that keep everything low from being worked out."""
    levels = tuple(2 if known.get(at) is False else _primary(table, at) for at in range(len(wished)))
    plan = Plan(hidden=levels, directions=tuple(lean if level else None for lean, level in zip(wished, levels, strict=True)))
    if not table.given_away(plan):
        return plan
    cheap = cheapest_plan(table, plan, wished, known)
    if cheap is not None and not table.given_away(cheap):
        return cheap
    return _nothing(table, known) if known else _greedily_safe(table, wished, plan)


def _nothing(table: AnswerTable, known: Mapping[int, bool]) -> Plan:
    """No answers and no directions; of bases those that are shown elsewhere anyway."""
    groups = len(table.bases)
    return Plan(tuple(1 if known.get(at) else 2 for at in range(groups)), (None,) * groups)


def _greedily_safe(table: AnswerTable, wished: Sequence[Direction | None], plan: Plan) -> Plan:
    """Hide one thing more, the smallest that helps, until nothing is given away; at worst everything is hidden."""
    given_away = table.given_away(plan)
    while given_away:
        of_bases = any(secret.of_bases for secret in given_away)
        trials = ((harsher, table.given_away(harsher)) for harsher in _harsher(table, plan, wished, bases=of_bases))
        better = _first_better(trials, than=len(given_away))
        if better is None:
            break
        plan, given_away = better
    return plan


def _first_better(trials: Iterable[tuple[Trial, Leaks]], *, than: int) -> tuple[Trial, Leaks] | None:
    """The first trial that gives fewer secrets away; the first of all where none does; None without any."""
    first = None
    for trial in trials:
        if len(trial[1]) < than:
            return trial
        first = first or trial
    return first


def _primary(table: AnswerTable, at: int) -> int:
    if not table.low(table.groups[at]):
        return 0
    return 1 if table.bases[at] >= table.threshold else 2


def _harsher(table: AnswerTable, plan: Plan, wished: Sequence[Direction | None], *, bases: bool) -> Iterator[Plan]:
    """Plans with one thing less shown: another group, the smallest first; then a direction; then a base."""
    by_size = sorted((at for at in range(len(wished)) if table.bases[at]), key=lambda at: table.bases[at])
    for at in by_size:
        if plan.hidden[at] == 0:
            yield plan.changed(at, hidden=2 if bases else 1, direction=wished[at])
        elif plan.hidden[at] == 1 and bases:
            yield plan.changed(at, hidden=2, direction=plan.directions[at])
    for at in by_size:
        if plan.directions[at] is not None:
            yield plan.changed(at, hidden=plan.hidden[at], direction=None)
    for at in by_size:
        if plan.hidden[at] == 1 and not bases:
            yield plan.changed(at, hidden=2, direction=plan.directions[at])


def _verdict(table: AnswerTable, plan: Plan, at: int) -> Verdict:
    if table.bases[at] == 0:
        return Verdict(hidden=True, reason="nobody")
    if plan.hidden[at] == 0:
        return Verdict(hidden=False)
    reason: Reason = "primary" if _primary(table, at) else "secondary"
    return Verdict(hidden=True, reason=reason, base_known=plan.hidden[at] < 2, direction=plan.directions[at])


def protect_counts(
    counts: Mapping[Key, int],
    sums: Mapping[Key, Sequence[Key]] | None = None,
    *,
    harmless_zeros: Collection[Hashable] = (REFUSED, BREAK_OFF),
    dear: Collection[Hashable] = (),
    threshold: int = THRESHOLD,
) -> dict[Key, bool]:
    """Which counts of a complete list, and which of their sums, may be shown beside the total: {key: may be shown}.

    For a distribution, whose sums are support and opposition. A nought is low, except where it says that nobody declined to answer;
    where groups of respondents are counted, pass all of them as `harmless_zeros`. What is `dear` is withheld only if nothing else helps:
    so three people who do not know cost the split of the others, not support over everyone.
    """
    told = _Listed(counts, sums or {}, frozenset(harmless_zeros), threshold)
    shown = {key: key not in told.low for key in told.rows}
    if not told.given_away(shown):
        return shown
    cheap = told.cheapest(dear=frozenset(dear))
    return cheap if cheap is not None and not told.given_away(cheap) else _greedily_shown(told, shown)


def safe_directions(
    counts: Mapping[Key, int],
    sums: Mapping[Key, Sequence[Key]],
    shown: Mapping[Key, bool],
    wished: Mapping[Key, Direction],
    *,
    harmless_zeros: Collection[Hashable] = (REFUSED, BREAK_OFF),
    threshold: int = THRESHOLD,
) -> dict[Key, Direction]:
    """What may still be said of hidden sums of a complete list, beside what is `shown`: on which side of one half each stands.

    Only of thirty people or more, as of a group; and only while the audit, which counts what is said as an inequality, finds that no
    low count can be placed by it.
    """
    told = _Listed(counts, sums, frozenset(harmless_zeros), threshold)
    said: dict[Key, Direction] = {}
    known: list[tuple[Row, float]] = []
    if told.values.sum() < DIRECTION_BASE:
        return said
    for key in (key for key in wished if key in sums and not shown[key]):
        more = [*known, *told.leaning(key, wished[key])]
        if not told.given_away(shown, more):
            said[key], known = wished[key], more
    return said


def _greedily_shown(told: "_Listed[Key]", shown: dict[Key, bool]) -> dict[Key, bool]:
    """Hide one count more, the smallest that helps, until nothing is given away; at worst all of them."""
    leaking = told.given_away(shown)
    while leaking and any(shown.values()):
        harsher = (shown | {key: False} for key in told.by_size if shown[key])
        better = _first_better(((trial, told.given_away(trial)) for trial in harsher), than=len(leaking))
        shown, leaking = better or (shown, [])
    return shown


class _Listed(Generic[Key]):
    """Counts and sums of them as rows over the counts, and which of them are low."""

    def __init__(
        self, counts: Mapping[Key, int], sums: Mapping[Key, Sequence[Key]], harmless_zeros: frozenset[Hashable], threshold: int
    ) -> None:
        self.values = np.array(list(counts.values()), dtype=float)
        self.threshold = threshold
        parts = {key: (key,) for key in counts} | {key: tuple(named) for key, named in sums.items()}
        self.rows = {key: np.array([float(one in named) for one in counts]) for key, named in parts.items()}
        total = self.values.sum()
        size = {key: float(row @ self.values) for key, row in self.rows.items()}
        self.low = {key for key, n in size.items() if min(n, total - n) < threshold and not (n == 0 and key in harmless_zeros)}
        self.by_size = sorted(self.rows, key=lambda key: (key in sums, size[key]))

    def leaning(self, key: Key, direction: Direction) -> list[tuple[Row, float]]:
        """What a direction tells of a sum; nothing where weights turn it round, for then it is not true of the counts."""
        sign = {"below_half": 1.0, "above_half": -1.0, "unclear": 0.0}[direction]
        row = sign * (2.0 * self.rows[key] - 1.0)
        return [(row, 0.0)] if sign and row @ self.values <= 0.0 else []

    def given_away(self, shown: Mapping[Key, bool], leanings: Sequence[tuple[Row, float]] = ()) -> list[Key]:
        """The hidden counts that a reader of the shown ones, and of these inequalities, could place too closely."""
        facts = [self._total(), *(self._fact(key) for key in self.rows if shown[key])]
        known = Knowledge(len(self.values), equal=facts, at_most=list(leanings))
        hidden = [key for key in self.rows if not shown[key]]
        widths = known.widths([self.rows[key] for key in hidden])
        return [key for key, width in zip(hidden, widths, strict=True) if width < self._needed(key) - 1e-6]

    def cheapest(self, *, dear: frozenset[Hashable]) -> dict[Key, bool] | None:
        """What may be shown when as few people's worth as possible is withheld; None where the search finds nothing."""
        keys = list(self.rows)
        whole = self.values.sum() + 1.0
        facts = [Fact(*self._total()), *(Fact(*self._fact(key), switch=at) for at, key in enumerate(keys))]
        thrown = cheapest(
            Choice(
                facts=facts,
                guarded=[
                    Guarded(self.rows[key], self._needed(key), None if key in self.low else at) for at, key in enumerate(keys)
                ],
                costs=[whole * len(keys) if key in dear else float(self.rows[key] @ self.values) + 1.0 for key in keys],
                people=float(self.values.sum()),
                forced=frozenset(at for at, key in enumerate(keys) if key in self.low),
            )
        )
        return None if thrown is None else dict(zip(keys, (~thrown).tolist(), strict=True))

    def _needed(self, key: Key) -> float:
        return float(self.threshold) if key in self.low else 1.0

    def _total(self) -> tuple[Row, float]:
        return np.ones(len(self.values)), float(self.values.sum())

    def _fact(self, key: Key) -> tuple[Row, float]:
        return self.rows[key], float(self.rows[key] @ self.values)
