"""What two released tables together could tell: cells that move by a few people, sets that leave a few over, and combinations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_analytics.domain.differencing import Cut, moved, narrows, too_close
from assent_analytics.domain.distribution import Answers, Scale

SCALE = Scale(options=("no", "yes"), supports=("yes",), opposes=("no",))


def cut(name: str, people: range, **conditions: set[str | None]) -> Cut:
    """The people of a hundred who meet some conditions."""
    members = np.isin(np.arange(100), list(people))
    return Cut(name, {variable: frozenset(some) for variable, some in conditions.items()}, members)


EVERYONE = cut("everyone", range(100))


@pytest.mark.parametrize(("by", "told"), [(0, False), (1, True), (-9, True), (9, True), (10, False), (-10, False), (40, False)])
def test_a_cell_moves_by_nobody_or_by_enough(by: int, told: bool) -> None:
    before = {"everyone: people": 100, "town: people": 50}
    assert bool(moved(before, {**before, "town: people": 50 + by})) is told


def test_cells_of_only_one_table_did_not_move() -> None:
    assert moved({"town": 50}, {"village": 49}) == []


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 60)), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 60))
)
def test_movement_has_no_direction(before: dict[str, int], after: dict[str, int]) -> None:
    assert moved(before, after) == moved(after, before)


def test_a_filter_that_leaves_a_few_out_is_too_close_to_everyone() -> None:
    without = cut("not the island", range(94), place={"town", "village"})
    (pair,) = too_close([without], [EVERYONE])
    assert (pair.new, pair.released) == ("not the island", "everyone")
    assert not list(too_close([cut("the town", range(80), place={"town"})], [EVERYONE]))


def test_sets_that_lie_in_each_other_by_chance_are_known_to_nobody() -> None:
    villagers, cottagers = cut("village", range(50), place={"village"}), cut("cottage", range(53), home={"cottage"})
    assert not list(too_close([villagers], [cottagers]))


def test_a_category_that_was_merged_lies_in_what_it_has_become() -> None:
    town, coast = cut("town", range(50), place={"town"}), cut("coast", range(53), place={"coast"})
    assert list(too_close([coast], [town]))
    assert coast.key != town.key


def test_a_crossing_lies_in_both_of_its_groups() -> None:
    lone = cut("lone", range(50), form={"lone"})
    assert cut("lone fathers", range(45), form={"lone"}, gender={"father"}).lies_in(lone)
    assert not lone.lies_in(cut("lone fathers", range(45), form={"lone"}, gender={"father"}))


def test_what_a_new_group_takes_from_a_released_one_must_be_many() -> None:
    """Sixty of a hundred support it; of the fifty in the group thirty do, and of forty-five of them twenty-eight: two are left."""
    supports = np.r_[np.ones(28), np.zeros(17), np.ones(2), np.zeros(3), np.ones(30), np.zeros(20)].astype(bool)
    answers = Answers.of(SCALE, ["yes" if one else "no" for one in supports])
    group, part = np.arange(100) < 50, np.arange(100) < 45
    assert narrows(answers, [part], [[group]])
    assert not narrows(answers, [group], [[group]]), "the same again tells nothing new"
    assert not narrows(answers, [~group], [[group]])
