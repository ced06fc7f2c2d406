"""The design that a request chooses: weights as declared, raked or none, a rule for lonely strata, linearised or with replicate
weights.
"""

import numpy as np

from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.replicates.bootstrap import rao_wu
from assent_analytics.estimation.replicates.design import ReplicateDesign
from assent_analytics.estimation.replicates.jackknife import jackknife
from assent_analytics.estimation.weighting.raking import rake
from assent_analytics.problems import NotSuited
from assent_analytics.service.analyses.request import DesignChoice, Replicates
from assent_analytics.service.sample import Sample

MOST_UNITS = 2000
"""Primary sampling units that a jackknife leaves out one after the other."""

PlanOf = Design | ReplicateDesign


def design_of(sample: Sample, choice: DesignChoice) -> PlanOf:
    """The design of a request. Raises CannotEstimate, NotSuited."""
    return linearised(sample, choice) if choice.replicates is None else replicated(sample, choice, choice.replicates)


def linearised(sample: Sample, choice: DesignChoice) -> Design:
    """The declared design with the weights and the rule for lonely strata that were chosen. Raises CannotEstimate, NotSuited."""
    weighting, weighted = sample.weighting, choice.weights != "none"
    if choice.weights == "raked" and weighting.fitted is None:
        raise NotSuited(f"the collection cannot be raked: {weighting.refusal or 'it declares no margins'}")
    if weighted and choice.lonely == sample.design.lonely:
        return sample.design
    drawn = _drawn(sample, choice)
    return weighting.of(drawn) if weighted else drawn


def replicated(sample: Sample, choice: DesignChoice, wanted: Replicates) -> ReplicateDesign:
    """The same with replicate weights; where responses are raked, every replicate is. Raises CannotEstimate, NotSuited."""
    drawn, weighting = _drawn(sample, choice), sample.weighting
    if wanted.method == "jackknife":
        if drawn.degrees_of_freedom > MOST_UNITS:
            raise NotSuited(f"a jackknife of {drawn.degrees_of_freedom} units would take too long: use the bootstrap")
        made = jackknife(drawn)
    else:
        made = rao_wu(drawn, replicates=wanted.count, random=np.random.default_rng(wanted.seed), failures="drop")
    if choice.weights == "none" or weighting.fitted is None:
        return made
    return made.reweighted(lambda weights: rake(weights, weighting.margins).weights)


def _drawn(sample: Sample, choice: DesignChoice) -> Design:
    return Design(
        sample.weighting.base if choice.weights != "none" else np.ones(sample.rows),
        strata=sample.columns.column("design", "stratum").codes if sample.collection.stratum else None,
        clusters=sample.clusters() if sample.collection.cluster else None,
        lonely=choice.lonely,
    )
