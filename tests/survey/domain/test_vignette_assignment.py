"""Turns: every deck as often as the others after any number of respondents, every order as likely, and a place always the same."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assent_survey.domain.vignettes.assignment import Turn, turn_of
from assent_survey.domain.vignettes.draws import Draws


def turns(count: int, *, decks: int, per_respondent: int = 3, seed: int = 1, collection: str = "col_a") -> list[Turn]:
    return [turn_of(n, seed=seed, collection=collection, decks=decks, per_respondent=per_respondent) for n in range(count)]


@given(decks=st.integers(1, 40), count=st.integers(0, 200), seed=st.integers(0, 2**53 - 1))
def test_no_deck_is_ever_ahead_by_more_than_one(decks: int, count: int, seed: int) -> None:
    given_out = Counter(turn.deck for turn in turns(count, decks=decks, seed=seed))
    often = [given_out[deck] for deck in range(decks)]
    assert sum(often) == count
    assert max(often) - min(often) <= 1


@given(place=st.integers(0, 10**6), per_respondent=st.integers(1, 20))
def test_an_order_shows_each_vignette_once(place: int, per_respondent: int) -> None:
    turn = turn_of(place, seed=3, collection="col_a", decks=7, per_respondent=per_respondent)
    assert sorted(turn.order) == list(range(per_respondent))


def test_orders_are_equally_likely_and_unlike_those_of_another_collection_or_seed() -> None:
    orders = Counter(turn.order for turn in turns(6000, decks=4))
    assert len(orders) == 6
    expected = 1000
    assert sum((often - expected) ** 2 / expected for often in orders.values()) < 20.5  # chi square, 5 df, p = 0.001
    assert turns(50, decks=4) != turns(50, decks=4, collection="col_b")
    assert turns(50, decks=4) != turns(50, decks=4, seed=2)


def test_turns_are_the_same_for_ever() -> None:
    """Respondents were shown these: another would tell their levels wrongly."""
    assert [(turn.deck, *turn.order) for turn in turns(5, decks=4)] == [
        (3, 1, 2, 0),
        (2, 0, 2, 1),
        (0, 0, 1, 2),
        (1, 0, 1, 2),
        (1, 0, 2, 1),
    ]


def test_draws_are_even() -> None:
    drawn = np.bincount(Draws("even").below(7, 70_000), minlength=7)
    assert ((drawn - 10_000) ** 2 / 10_000).sum() < 22.5  # chi square, 6 df, p = 0.001
    assert sorted(Draws("all").shuffled(100)) == list(range(100))
