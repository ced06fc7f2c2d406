"""How often the shipped rule reads what, when the truth is known: its operating characteristics by simulation.

Samples of 1,000 parents with weights of design effect 1.3, one exact item of a closed probability collection, two targets of 80 and 40
people, heard in one session each: only the survey clauses decide. One parent in ten does not know; all others support or refuse.
Run: `python bench/reading.py [--samples 2000]`.
"""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from assent_analytics.domain.distribution import Answers, Scale
from assent_analytics.domain.reading import ItemEvidence, read
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Heard, Target
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.summary import summarise
from assent_contracts.groups import GroupRef

PARENTS, DESIGN_EFFECT, DO_NOT_KNOW = 1000, 1.3, 0.10
SCALE = Scale(options=("no", "yes"), supports=("yes",), opposes=("no",))
LARGER, SMALLER = (GroupRef(variable="contact", group="known"),), (GroupRef(variable="family", group="lone_father"),)


@dataclass(frozen=True)
class Truth:
    """True support everywhere, and among the smaller target when it differs; what was published for the rule."""

    name: str
    support: float
    smaller_support: float | None = None
    smaller_refusal: float | None = None
    smaller_size: int = 40
    published: str = ""


TRUTHS = (
    Truth("all at 80 %, the 40 at 50 %", 0.80, 0.50, published="supported 3–4 %"),
    Truth("all at 80 %", 0.80, published="supported 97 %"),
    Truth("all at 70 %", 0.70, published="supported 65 %, else insufficient"),
    Truth("all at 80 %, the 40 refuse at 72 %", 0.80, smaller_refusal=0.72, published="withheld 64 %, else contested"),
    Truth("the same, boosted to 250", 0.80, smaller_refusal=0.72, smaller_size=250, published="withheld 100 %"),
    Truth("all at 80 %, the 40 refuse at 50 %", 0.80, smaller_refusal=0.50, published="withheld in error: at most 5 %"),
)


def sample(truth: Truth, chance: np.random.Generator) -> tuple[Design, Answers, dict[tuple[GroupRef, ...], np.ndarray]]:
    """One survey under this truth."""
    people = PARENTS - 40 + truth.smaller_size
    spread = np.sqrt(np.log(DESIGN_EFFECT))  # of a log-normal weight whose Kish design effect is this
    weights = chance.lognormal(0.0, spread, people)
    larger, smaller = np.zeros(people, bool), np.zeros(people, bool)
    larger[:80], smaller[80 : 80 + truth.smaller_size] = True, True
    support, unsure = np.full(people, truth.support), np.full(people, DO_NOT_KNOW)
    if truth.smaller_support is not None:
        support[smaller] = truth.smaller_support
    if truth.smaller_refusal is not None:
        support[smaller] = 1.0 - DO_NOT_KNOW - truth.smaller_refusal
    drawn = chance.random(people)
    outcomes = np.where(drawn < support, "yes", np.where(drawn < support + unsure, "dont_know", "no"))
    return Design(weights), Answers.of(SCALE, list(outcomes)), {LARGER: larger, SMALLER: smaller}


def readings(truth: Truth, samples: int, seed: int) -> Counter[str]:
    """How many of the samples were read as what."""
    chance = np.random.default_rng(seed)
    targets = [Target(LARGER, "model_input"), Target(SMALLER, "judgement")]
    found: Counter[str] = Counter()
    for _ in range(samples):
        design, answers, groups = sample(truth, chance)
        figures = summarise(design, answers, groups, agreement=False)
        item = ItemEvidence("item", "exact", "same", True, 1.0, "probability", figures)
        heard = {target.who: Heard(sessions=1) for target in targets}
        found[read([item], targets, [], heard, EvidenceSettings(), label=str).outcome] += 1
    return found


def main() -> None:
    """Print the table beside what was published."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    outcomes = ("withheld_by_named_groups", "contested", "supported_with_conditions", "insufficient_evidence")
    write = sys.stdout.write
    write(f"{'truth':<38}{'withheld':>10}{'contested':>11}{'supported':>11}{'insufficient':>14}  published\n")
    started = time.perf_counter()
    for truth in TRUTHS:
        found = readings(truth, chosen.samples, chosen.seed)
        shares = [f"{100 * found[outcome] / chosen.samples:.1f} %" for outcome in outcomes]
        write(f"{truth.name:<38}{shares[0]:>10}{shares[1]:>11}{shares[2]:>11}{shares[3]:>14}  {truth.published}\n")
    each = 1000 * (time.perf_counter() - started) / chosen.samples / len(TRUTHS)
    error = 100 * np.sqrt(0.25 / chosen.samples)
    write(f"{chosen.samples} samples a row (standard error at most {error:.1f} points), {each:.1f} ms for estimates and reading\n")


if __name__ == "__main__":
    main()
