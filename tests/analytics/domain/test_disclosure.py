"""Disclosure control: what is hidden, what is said instead, and that nothing hidden can be worked out, checked by trying every table."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent_analytics.domain import disclosure
from assent_analytics.domain.audit import Knowledge
from assent_analytics.domain.disclosure import THRESHOLD, Region, Verdict, direction_of, protect, protect_counts, safe_directions
from assent_analytics.domain.distribution import Answers, Scale

SCALE = Scale(options=("no", "yes"), supports=("yes",), opposes=("no",))


def table(*groups: tuple[int, int], nowhere: tuple[int, int] = (0, 0)) -> tuple[Answers, list[Region[int]]]:
    """Groups of (supporters, others) that do not overlap, and the people in none of them."""
    cells = [*groups, nowhere]
    answers = [answer for yes, no in cells for answer in ["yes"] * yes + ["no"] * no]
    group = np.repeat(np.arange(len(cells)), [yes + no for yes, no in cells])
    return Answers.of(SCALE, answers), [Region(at, group == at) for at in range(len(groups))]


def judge(*groups: tuple[int, int], nowhere: tuple[int, int] = (0, 0), **wanted: object) -> dict[int, Verdict]:
    answers, regions = table(*groups, nowhere=nowhere)
    return protect(answers, regions, **wanted)  # type: ignore[arg-type]


def hidden(verdicts: dict[int, Verdict]) -> set[int]:
    return {at for at, verdict in verdicts.items() if verdict.hidden}


def test_a_table_of_large_cells_is_shown_whole() -> None:
    assert not hidden(judge((40, 60), (50, 50), (30, 20)))


@pytest.mark.parametrize("small", [(4, 60), (60, 4), (0, 60), (60, 0), (3, 4)])
def test_a_small_count_a_small_complement_and_nought_are_low_and_bring_a_second_group(small: tuple[int, int]) -> None:
    verdicts = judge((40, 60), small, (50, 70))
    assert verdicts[1].reason == "primary"
    assert hidden(verdicts) == {0, 1}
    assert verdicts[0].reason == "secondary"


def test_two_groups_fall_together_because_each_is_what_is_left_of_the_other() -> None:
    assert hidden(judge((4, 60), (400, 500))) == {0, 1}


def test_who_is_in_no_group_can_be_worked_out_and_is_protected_too() -> None:
    assert hidden(judge((40, 60), (50, 70), nowhere=(2, 30))) == {0}


def test_a_base_under_ten_is_hidden_with_its_answers_and_so_is_that_of_another_group() -> None:
    verdicts = judge((40, 60), (3, 4), (50, 70))
    assert not verdicts[1].base_known
    assert not verdicts[0].base_known
    assert verdicts[2] == Verdict(hidden=False)


def test_a_group_of_nobody_is_no_secret() -> None:
    verdicts = judge((40, 60), (0, 0), (50, 70))
    assert verdicts[1] == Verdict(hidden=True, reason="nobody")
    assert hidden(verdicts) == {1}


def test_hiding_a_figure_does_not_hide_dissent() -> None:
    """A group of 40 of whom 8 support is hidden, and its direction is still told."""
    verdicts = judge((8, 32), (300, 200), (250, 210), directions={0: "below_half", 1: "above_half", 2: "unclear"})
    assert verdicts[0].hidden
    assert verdicts[0].direction == "below_half"


def test_a_base_under_thirty_has_no_direction() -> None:
    verdicts = judge((4, 25), (300, 200), (250, 210), directions={0: "below_half"})
    assert verdicts[0].hidden
    assert verdicts[0].direction is None


def test_a_direction_that_would_pin_a_count_down_is_not_given() -> None:
    """Both hidden groups have bases of 30 and all support below half: directions alone would leave the pair too little room."""
    verdicts = judge((1, 29), (14, 16), (250, 210), directions={0: "below_half", 1: "below_half"})
    assert {0, 1} <= hidden(verdicts)
    assert [verdicts[0].direction, verdicts[1].direction] != [None, None]
    everything = judge((0, 30), (15, 15), directions={0: "below_half", 1: "above_half"})
    assert hidden(everything) == {0, 1}
    assert None in {everything[0].direction, everything[1].direction}


def test_an_intersection_gives_away_the_rest_of_its_group() -> None:
    """Lone parents (30 + 30) and lone fathers (26 + 24): lone mothers would be 4 + 6 by subtraction."""
    answers = Answers.of(SCALE, ["yes"] * 30 + ["no"] * 30 + ["yes"] * 100 + ["no"] * 90)
    lone = np.arange(250) < 60
    father = np.r_[np.arange(30) < 26, np.arange(30) < 24, np.zeros(190, dtype=bool)]
    verdicts = protect(answers, [Region("lone", lone), Region("other", ~lone), Region("lone father", father)])
    assert verdicts["lone father"].hidden or verdicts["lone"].hidden
    alone = protect(answers, [Region("lone", lone), Region("other", ~lone)])
    assert not any(verdict.hidden for verdict in alone.values())


def test_two_variables_and_a_crossing_give_away_what_neither_does_with_it() -> None:
    """Of couples' mothers four support it. That follows from the other three crossings, and these only from both variables at once."""
    cells = {(True, True): (40, 60), (True, False): (50, 45), (False, True): (55, 52), (False, False): (4, 48)}
    said = [answer for yes, no in cells.values() for answer in ["yes"] * yes + ["no"] * no]
    who = np.repeat(np.array(list(cells)), [yes + no for yes, no in cells.values()], axis=0)
    answers, lone, father = Answers.of(SCALE, said), who[:, 0], who[:, 1]
    form = [Region("lone", lone), Region("couple", ~lone)]
    gender = [Region("father", father), Region("mother", ~father)]
    crossing = Region("lone father", lone & father)
    assert not any(verdict.hidden for verdict in protect(answers, [*form, crossing]).values())
    assert not any(verdict.hidden for verdict in protect(answers, [*gender, crossing]).values())
    assert any(verdict.hidden for verdict in protect(answers, [*form, *gender, crossing]).values())


def test_those_not_asked_do_not_count() -> None:
    answers = Answers.of(SCALE, ["yes", "no"] * 50 + [None] * 100)
    verdicts = protect(answers, [Region("asked", np.arange(200) < 60), Region("mostly not", np.arange(200) >= 60)])
    assert not verdicts["asked"].hidden
    assert not verdicts["mostly not"].hidden


Cell = tuple[int, int]


def possible(cell: Cell, verdict: Verdict | None, people: int) -> set[Cell]:
    """Every (supporters, base) that a reader must reckon with for a cell; None is the cell of those in no group, never shown."""
    supporters, base = cell[0], sum(cell)
    if verdict is not None and (not verdict.hidden or base == 0):
        return {(supporters, base)}
    if base == 0:
        return {(0, 0)}  # nobody is known to be in none of the groups: the harder case to protect
    bases = range(people + 1) if verdict is None or not verdict.base_known else [base]
    return {(yes, many) for many in bases for yes in range(many + 1)}


def consistent(cells: list[Cell], verdicts: dict[int, Verdict], threshold: int) -> list[set[int]]:
    """For every cell the numbers of supporters that fit some whole table with the shown figures and totals."""
    people, support = sum(map(sum, cells)), sum(yes for yes, _ in cells)
    options = [possible(cell, verdicts.get(at), people) for at, cell in enumerate(cells)]
    support_shown = min(support, people - support) >= threshold
    found = []
    for at, own in enumerate(options):
        sums = {(0, 0)}
        for other in options[:at] + options[at + 1 :]:
            sums = {(a + c, b + d) for (a, b), (c, d) in product(sums, other) if a + c <= support or not support_shown}
            sums = {one for one in sums if one[1] <= people}
        fits = {
            yes for yes, many in own
            if any(many + b == people and (yes + a == support or not support_shown) for a, b in sums)
        }  # fmt: skip
        found.append(fits)
    return found


@given(
    groups=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=4),
    nowhere=st.one_of(st.just((0, 0)), st.tuples(st.integers(0, 4), st.integers(0, 4))),
)
@settings(max_examples=40, deadline=None)
def test_no_low_count_can_be_recovered_by_trying_every_table(groups: list[Cell], nowhere: Cell) -> None:
    threshold = 3
    verdicts = judge(*groups, nowhere=nowhere, threshold=threshold)
    cells = [*groups, nowhere]
    people = sum(map(sum, cells))
    for at, fits in enumerate(consistent(cells, verdicts, threshold)):
        yes, no = cells[at]
        assert yes in fits
        low = yes + no > 0 and min(yes, no) < threshold
        if at in verdicts and low:
            assert verdicts[at].hidden
        if low and people >= threshold:
            assert max(fits) - min(fits) >= min(threshold, yes + no)
        if at in verdicts and verdicts[at].hidden and people >= threshold and yes + no:
            assert len(fits) > 1


def lost(groups: list[Cell], verdicts: dict[int, Verdict]) -> int:
    """How many people's worth of facts is withheld: answers, bases and directions of groups."""
    return sum(
        (sum(cell) + 1) * (1 + (not verdicts[at].base_known) + (sum(cell) >= 30 and verdicts[at].direction is None))
        for at, cell in enumerate(groups)
        if verdicts[at].hidden and sum(cell)
    )


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_the_programme_never_withholds_more_than_the_greedy_way(groups: list[Cell]) -> None:
    directions = {at: "below_half" if yes < no else "above_half" for at, (yes, no) in enumerate(groups)}
    found = judge(*groups, directions=directions)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disclosure, "cheapest_plan", lambda *_: None)
        greedy = judge(*groups, directions=directions)
    assert lost(groups, found) <= lost(groups, greedy)


def test_bases_that_are_listed_elsewhere_are_kept_to() -> None:
    """The list of bases hides the third group beside the second; here the first would do as well, and must not be taken."""
    groups = (50, 60), (3, 4), (60, 70), (90, 90)
    alone = judge(*groups)
    assert hidden(alone) == {0, 1}
    kept = judge(*groups, listed={0: True, 1: False, 2: False, 3: True})
    assert hidden(kept) >= {1, 2}
    assert (kept[1].base_known, kept[2].base_known) == (False, False)
    assert all(kept[at].base_known for at in (0, 3))


def test_three_who_do_not_know_are_hidden_among_those_who_refuse() -> None:
    counts = {"no": 200, "if": 100, "yes": 290, "dont_know": 3, "refused": 0, "break_off": 0}
    sums = {"support": ("yes", "if"), "opposition": ("no",)}
    shown = protect_counts(counts, sums, dear=("support",))
    assert {key for key, may in shown.items() if not may} == {"dont_know", "no", "opposition"}


def test_every_option_may_be_shown_when_all_are_large() -> None:
    assert all(protect_counts({"yes": 300, "no": 200, "dont_know": 50, "refused": 0, "break_off": 0}).values())


def test_a_small_option_hides_the_next_smallest() -> None:
    shown = protect_counts({"yes": 300, "no": 200, "dont_know": 50, "refused": 4, "break_off": 0})
    assert [key for key, may in shown.items() if not may] == ["dont_know", "refused"]


def test_an_option_that_nobody_chose_is_low() -> None:
    shown = protect_counts({"yes": 300, "no": 0, "neither": 60, "dont_know": 50})
    assert [key for key, may in shown.items() if not may] == ["no", "dont_know"]


def test_a_sum_that_gives_an_option_away_brings_another_or_goes_itself() -> None:
    counts = {"yes": 300, "with conditions": 6, "no": 200, "dont_know": 50, "refused": 20, "break_off": 15}
    shown = protect_counts(counts, {"support": ("yes", "with conditions"), "opposition": ("no",)})
    assert not shown["with conditions"]
    assert not (shown["support"] and shown["yes"])
    assert shown["no"]
    assert shown["opposition"]


def test_bases_of_groups() -> None:
    groups = {"north": 300, "south": 200, "islands": 3, "abroad": 0}
    shown = protect_counts(groups, harmless_zeros=groups)
    assert shown == {"north": True, "south": False, "islands": False, "abroad": True}


@given(st.lists(st.integers(0, 9), min_size=2, max_size=5))
@settings(max_examples=60, deadline=None)
def test_no_listed_count_can_be_recovered(counts: list[int]) -> None:
    threshold = 3
    shown = protect_counts(dict(enumerate(counts)), threshold=threshold)
    left = sum(count for at, count in enumerate(counts) if not shown[at])
    out = [at for at in shown if not shown[at]]
    assert all(count >= threshold for at, count in enumerate(counts) if shown[at])
    if out and any(shown.values()):
        assert len(out) > 1
        assert left >= threshold


@given(st.lists(st.integers(0, 26), min_size=3, max_size=3).filter(lambda some: 30 <= sum(some) + 4 <= 44), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_what_is_said_of_hidden_support_leaves_every_low_count_its_room(options: list[int], unsure: int) -> None:
    """Every table of as many people that agrees with what is shown and said is tried. They hold whole numbers, so one less may be left."""
    counts = dict(zip(("no", "if", "yes", "unsure"), (*options, unsure), strict=True))
    sums = {"support": ("if", "yes"), "opposition": ("no",)}
    total = sum(counts.values())
    support = sum(counts[name] for name in sums["support"])
    shown = protect_counts(counts, sums)
    wished = {"support": direction_of(_Sure(support / total)), "opposition": direction_of(_Sure(counts["no"] / total))}
    said = safe_directions(counts, sums, shown, wished)
    assert all(not shown[name] for name in said)
    parts = {name: [name] for name in counts} | {name: list(some) for name, some in sums.items()}
    possible = [
        table
        for table in (dict(zip(counts, (*some, total - sum(some)), strict=True)) for some in product(range(total + 1), repeat=3))
        if table["unsure"] >= 0
        and all(
            sum(table[part] for part in parts[name]) == sum(counts[part] for part in parts[name]) for name in parts if shown[name]
        )
        and all(_agrees(sum(table[part] for part in parts[name]), total, lean) for name, lean in said.items())
    ]
    for some in parts.values():
        size = sum(counts[part] for part in some)
        if min(size, total - size) < THRESHOLD:
            values = {sum(table[part] for part in some) for table in possible}
            assert max(values) - min(values) >= THRESHOLD - 1


def _agrees(size: int, total: int, lean: str) -> bool:
    return lean == "unclear" or (2 * size <= total if lean == "below_half" else 2 * size >= total)


def test_a_direction_of_everyone_is_said_of_thirty_people_and_of_what_is_hidden_only() -> None:
    sums = {"support": ("yes",), "opposition": ("no",)}
    wished = {"support": "below_half", "opposition": "above_half"}
    for no, said in ((27, {}), (28, wished)):
        counts = {"no": no, "yes": 2}
        assert safe_directions(counts, sums, protect_counts(counts, sums), wished) == said  # type: ignore[arg-type]
    large = {"no": 28, "yes": 20}
    assert safe_directions(large, sums, protect_counts(large, sums), wished) == {}  # type: ignore[arg-type]


def test_the_audit_finds_what_two_margins_give_away() -> None:
    """A table of two by two with its margins: x11 + x12 = 5, x21 + x22 = 7, x11 + x21 = 4; x11 lies between 0 and 4."""
    rows = [([1, 1, 0, 0], 5.0), ([0, 0, 1, 1], 7.0), ([1, 0, 1, 0], 4.0)]
    known = Knowledge(4, equal=[(np.array(row, dtype=float), value) for row, value in rows])
    assert known.ranges([np.array([1.0, 0, 0, 0])])[0] == pytest.approx((0.0, 4.0))
    known.at_most.append((np.array([1.0, 0, 0, 0]), 2.0))
    assert known.ranges([np.array([1.0, 0, 0, 0])])[0] == pytest.approx((0.0, 2.0))
    with pytest.raises(ArithmeticError):
        Knowledge(1).ranges([np.array([1.0])])  # nothing bounds it


class _Sure:
    def __init__(self, share: float) -> None:
        self.share = share

    def above(self, threshold: float) -> float:
        return 0.001 if self.share > threshold + 0.1 else 0.5

    def below(self, threshold: float) -> float:
        return 0.001 if self.share < threshold - 0.1 else 0.5


@pytest.mark.parametrize(("share", "direction"), [(0.2, "below_half"), (0.8, "above_half"), (0.55, "unclear")])
def test_direction(share: float, direction: str) -> None:
    assert direction_of(_Sure(share)) == direction
