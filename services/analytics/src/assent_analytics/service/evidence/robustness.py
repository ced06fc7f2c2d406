"""Whether the reading hangs on a decision that could as well have been made otherwise.

The rule is applied again with don't know left out of the denominator, with the majority five points higher and lower, with a laxer
level of the tests, without weights, with the largest weights trimmed, and without each of the items in turn. What changes nothing that
goes into the reading is not counted. It says how often the reading stays, and never makes another reading of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from assent_analytics.domain import view
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.reading import Outcome, Reading
from assent_analytics.domain.targets import GroupKey
from assent_analytics.service.evidence.material import Material
from assent_analytics.service.evidence.profile import read_items
from assent_analytics.service.evidence.survey import Survey, for_reading
from assent_analytics.service.evidence.talk import Talk
from assent_analytics.service.vary_item import VARIATIONS, Variation, matters

MAJORITY_STEP = 0.05
LAXER_ALPHA = 0.10

_IN_WORDS: dict[Variation, str] = {
    "without_dont_know": "don't know left out",
    "unweighted": "without weights",
    "trimmed": "with the largest weights trimmed",
}


def how_robust(material: Material, survey: Survey, talk: Talk, found: Reading[GroupKey], today: date) -> view.Robustness:
    """How many of the recomputations give the same reading, and what the others give."""
    outcomes = dict(_recomputed(material, survey, talk, found, today))
    differs = {name: outcome for name, outcome in outcomes.items() if outcome != found.outcome}
    return view.Robustness(same=len(outcomes) - len(differs), of=len(outcomes), differs=differs)


def _recomputed(
    material: Material, survey: Survey, talk: Talk, found: Reading[GroupKey], today: date
) -> Iterator[tuple[str, Outcome]]:
    settings, practice = material.agreed.settings, material.proposal.draft.practice
    items = list(for_reading(survey, practice, today))
    for majority in (settings.majority + MAJORITY_STEP, settings.majority - MAJORITY_STEP):
        if 0.0 < majority < 1.0:
            other = replace(settings, majority=majority)
            yield f"a majority of {majority:.0%}", read_items(material, items, talk, other).outcome
    if settings.alpha != LAXER_ALPHA:
        other = replace(settings, alpha=LAXER_ALPHA)
        yield f"tests at a level of {LAXER_ALPHA:.0%}", read_items(material, items, talk, other).outcome
    for variation in VARIATIONS:
        if any(matters(one.estimated, variation) for one in survey.measured if found.rests_on(one.name)):
            try:
                varied = list(for_reading(survey, practice, today, variation=variation))
            except CannotEstimate:
                continue
            yield _IN_WORDS[variation], read_items(material, varied, talk, settings).outcome
    for left_out in (item for item in items if found.rests_on(item.item)):
        others = [item for item in items if item is not left_out]
        yield f"without {left_out.item}", read_items(material, others, talk, settings).outcome
