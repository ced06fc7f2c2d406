"""Dealing the vignettes of a design into decks, each as balanced as can be.

What a deck adds to its vignettes, because other respondents judge it, must not look like an effect. So the columns of the model are to
sum to the same in every deck; for the columns of a factor that means: each level equally often. From a deal by chance, vignettes of
different decks change places as long as that brings the sums closer together (Cook and Nachtsheim, Computer-aided blocking of
factorial and response-surface designs, Technometrics 31, 1989, by interchange). No deck holds a vignette twice.
"""

import numpy as np

from assent_survey.domain.vignettes.coding import Floats
from assent_survey.domain.vignettes.draws import Draws, Places

MOST_STARTS = 10
MOST_SWEEPS = 50
WORK = 400_000_000  # as in exchange

_TIE = 1e-9


def deal(rows: Floats, same: Places, decks: int, draws: Draws) -> Places:
    """The deck of each vignette (n,), counted from 0.

    `rows` (n, columns) are the model's columns of the vignettes, `same` (n,) numbers that equal vignettes share; none occurs more often
    than there are decks.
    """
    if decks == 1:
        return np.zeros(len(rows), dtype=np.int64)
    best, least = np.zeros(0, dtype=np.int64), np.inf
    starts = int(np.clip(WORK // (10 * len(rows) * rows.size), 1, MOST_STARTS))
    for _ in range(starts):
        dealt = _Deal(rows, same, decks, _start(same, decks, draws))
        dealt.settle()
        if dealt.spread < least - _TIE:
            best, least = dealt.deck, dealt.spread
    return best


def _start(same: Places, decks: int, draws: Draws) -> Places:
    """Dealt out in an order of chance in which equal vignettes follow each other, so that none meets its equal."""
    _, equal = np.unique(same, return_inverse=True)
    order = np.argsort(draws.shuffled(int(equal.max()) + 1)[equal], kind="stable")
    deck = np.empty(len(same), dtype=np.int64)
    deck[order] = np.arange(len(same)) % decks
    return deck


class _Deal:
    """Vignettes in decks while they change places. `sums` (decks, columns) are to become alike, `holds` says which deck has what."""

    def __init__(self, rows: Floats, same: Places, decks: int, deck: Places) -> None:
        _, self._same = np.unique(same, return_inverse=True)
        self._rows = rows - rows.mean(axis=0)
        self.deck = deck
        self._sums = np.zeros((decks, rows.shape[1]))
        np.add.at(self._sums, deck, self._rows)
        self._holds = np.zeros((decks, int(self._same.max()) + 1), dtype=bool)
        self._holds[deck, self._same] = True
        self._squares = np.einsum("ij,ij->i", self._rows, self._rows)

    @property
    def spread(self) -> float:
        """How far the decks are from being alike: the sum of squares of their sums about the mean."""
        return float((self._sums**2).sum())

    def settle(self) -> None:
        """Change places until nothing is gained by it."""
        for _ in range(MOST_SWEEPS):
            if not sum(self._move(place) for place in range(len(self._rows))):
                break

    def _move(self, place: int) -> bool:
        """Let one vignette change places with the one with which that brings the most; answers whether any does."""
        mine, row = self.deck[place], self._rows[place]
        here, there = self._sums[mine], self._sums[self.deck]
        apart = self._rows @ here - row @ here - np.einsum("ij,ij->i", self._rows - row, there)
        losses = 2.0 * apart + 2.0 * (self._squares + self._squares[place] - 2.0 * self._rows @ row)
        losses[self._holds[self.deck, self._same[place]] | self._holds[mine, self._same]] = np.inf
        other = int(np.argmax(losses <= losses.min() + _TIE))
        if losses[other] >= -_TIE:
            return False
        theirs = self.deck[other]
        change = self._rows[other] - row
        self._sums[mine] += change
        self._sums[theirs] -= change
        self._holds[[mine, theirs], self._same[place]] = False, True
        self._holds[[mine, theirs], self._same[other]] = True, False
        self.deck[place], self.deck[other] = theirs, mine
        return True
