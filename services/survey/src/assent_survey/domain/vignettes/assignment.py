"""Who gets which deck: the next of a permutation of all decks, so that after any number of respondents none is ahead by more than one.

Places are counted per collection from 0; whoever gives them out gives each once. A place alone, and the seed, decide on the deck and on
the order in which its vignettes are shown. Random permuted blocks: Pocock, Clinical Trials (1983), chapter 5.
"""

from typing import NamedTuple

from assent_survey.domain.vignettes.draws import Draws


class Turn(NamedTuple):
    """What a place gets: a deck, counted from 0, and in which order its vignettes are shown."""

    deck: int
    order: tuple[int, ...]


def turn_of(place: int, *, seed: int, collection: str, decks: int, per_respondent: int) -> Turn:
    """The turn of a place in a collection. A permutation that begins with the deck that ended the last one is as likely as any."""
    run, position = divmod(place, decks)
    deck = int(Draws(seed, "run", collection, run).shuffled(decks)[position])
    order = Draws(seed, "order", collection, place).shuffled(per_respondent)
    return Turn(deck, tuple(order.tolist()))
