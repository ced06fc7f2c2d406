"""From a plan to decks: candidates, the best choice among them, and a balanced deal."""

from dataclasses import dataclass

import numpy as np

from assent_survey.domain.faults import Fault
from assent_survey.domain.vignettes.candidates import candidate_faults, find_candidates
from assent_survey.domain.vignettes.coding import Model
from assent_survey.domain.vignettes.dealing import deal
from assent_survey.domain.vignettes.draws import Draws, Places
from assent_survey.domain.vignettes.exchange import choose_vignettes
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.domain.vignettes.quality import Quality, assess
from assent_survey.domain.vignettes.rules import plan_faults


class CannotDesign(Exception):
    """The plan breaks rules, or no design keeps to it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Design:
    """Decks of vignettes, each the places of its levels, factor by factor; and how good they are."""

    decks: list[list[list[int]]]
    quality: Quality


def make_design(plan: VignettePlan) -> Design:
    """The decks of a plan: the same for the same plan, seed included. Takes up to a few seconds. Raises CannotDesign."""
    if faults := plan_faults(plan):
        raise CannotDesign(faults)
    candidates = find_candidates(plan)
    model = Model(plan.sizes, plan.pairs)
    if faults := candidate_faults(plan, candidates, model):
        raise CannotDesign(faults)
    matrix = model.matrix(candidates.levels)
    chosen = choose_vignettes(matrix, plan.vignettes, Draws(plan.seed, "vignettes"))
    dealt = deal(matrix[chosen, 1:], chosen, plan.decks, Draws(plan.seed, "decks"))
    decks = as_places([candidates.levels[chosen[dealt == deck]].tolist() for deck in range(plan.decks)])
    quality = assess(plan, model, candidates, decks)
    if not quality.d_efficiency:
        raise CannotDesign([Fault("/decks", "no choice of so few vignettes tells all effects apart: allow for more")])
    return Design(decks.tolist(), quality)


def as_places(decks: list[list[list[int]]]) -> Places:
    """Decks as an array (decks, per respondent, factors)."""
    return np.array(decks, dtype=np.int64)
