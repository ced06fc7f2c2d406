"""Synthetic parents: a stratified, clustered sample of an invented country, with weights, groups and answers. No real person, no
real finding.

The groups differ in the directions that have been published (higher occupation: more licence; Black parents, lone parents, younger
parents and larger households: less); how much they differ was chosen for the demonstration. The same seed gives the same parents.
Not here: how a survey platform would send them (deliveries).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assent_standalone.demo.study import read

SEED = 20261211
POINTS_PER_STRATUM = 15
PARENTS_PER_POINT = 9
OPEN_LINK_VISITORS = 40

State = Literal["finished", "broken_off", "declined"]
Shares = Mapping[str, float]

REGIONS: dict[str, Shares] = {
    "harbour": {"white": 0.76, "asian": 0.07, "black": 0.11, "mixed": 0.04, "other": 0.02},
    "city": {"white": 0.63, "asian": 0.16, "black": 0.14, "mixed": 0.05, "other": 0.02},
    "valley": {"white": 0.88, "asian": 0.05, "black": 0.03, "mixed": 0.03, "other": 0.01},
    "hills": {"white": 0.91, "asian": 0.03, "black": 0.02, "mixed": 0.03, "other": 0.01},
}
PLACES = ("town", "country")
CLASSES: dict[str, Shares] = {
    "town": {"managerial": 0.36, "intermediate": 0.26, "routine": 0.38},
    "country": {"managerial": 0.44, "intermediate": 0.30, "routine": 0.26},
}
CANDIDATES_PER_POINT = 70
BLACK_PARENTS_BOOST = 2.5
"""Black parents are drawn more often, so that a share can be given for them; their weights undo it."""

RESPONSE: dict[tuple[str, str], float] = {("age_band", "under_30"): 0.75, ("social_class", "routine"): 0.85, ("gender", "man"): 0.9}
"""How much less often some groups take part than others; the weights undo this too."""

SENSITIVE = ("ethnicity", "social_class")
"""The questions about themselves that some would rather not answer."""

LICENCE: dict[tuple[str, str], float] = {
    ("social_class", "managerial"): 0.55,
    ("social_class", "routine"): -0.30,
    ("ethnicity", "black"): -1.00,
    ("ethnicity", "asian"): -0.10,
    ("ethnicity", "mixed"): -0.30,
    ("lone_parent", "yes"): -0.75,
    ("age_band", "under_30"): -0.50,
    ("age_band", "age_45_over"): 0.15,
    ("household_size", "large"): -0.80,
    ("contact", "required"): -0.50,
}
"""What a group adds to a parent's licence, on the logit scale. Directions: published; sizes: made up."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """How an item is met: its level, how strongly licence counts, how wide the middle (with conditions) is, who does not know."""

    level: float
    slope: float
    middle: float
    unsure: float


ITEMS: dict[str, Leaning] = {
    "company_flags": Leaning(level=-0.2, slope=1.0, middle=0.7, unsure=0.07),
    "council_flags": Leaning(level=0.15, slope=1.0, middle=0.7, unsure=0.08),
    "health_notes": Leaning(level=2.0, slope=0.35, middle=1.0, unsure=0.03),
    "health_notes_by_notice": Leaning(level=0.7, slope=0.6, middle=0.9, unsure=0.06),
    "benefit_checks": Leaning(level=0.2, slope=0.9, middle=0.6, unsure=0.10),
    "research_use": Leaning(level=1.3, slope=0.5, middle=0.9, unsure=0.12),
}


@dataclass(frozen=True, slots=True)
class Parent:
    """One invented respondent. `groups` and `answers` hold our own codes; an item that was left out is not among the answers."""

    member: str
    stratum: str
    point: str
    weight: float
    groups: dict[str, str]
    answers: dict[str, str]
    own_words: str | None
    state: State


@cache
def panel(seed: int = SEED) -> list[Parent]:
    """The closed probability collection: 8 strata of 15 sampling points of 9 parents, weights with a mean of one."""
    random = np.random.default_rng(seed)
    drawn = [
        (f"{region}-{place}", f"{region}-{place}-{point:02}", groups, chance)
        for region in REGIONS
        for place in PLACES
        for point in range(1, POINTS_PER_STRATUM + 1)
        for groups, chance in _point(random, region, place)
    ]
    inverse = np.array([1 / chance for *_, chance in drawn])
    weights = np.round(inverse / inverse.mean(), 4)
    local = {point: random.normal(0, 0.2) for point in sorted({point for _, point, *_ in drawn})}
    return [
        _answer(random, f"pm-{number:04}", stratum, point, float(weight), groups, local[point])
        for number, ((stratum, point, groups, _), weight) in enumerate(zip(drawn, weights, strict=True), start=1)
    ]


def visitors(seed: int = SEED + 1) -> list[Parent]:
    """The open opt-in collection: whoever found the link. No design, so every weight is one."""
    random = np.random.default_rng(seed)
    found = [_groups(random, _pick(random, dict.fromkeys(REGIONS, 1.0)), "town") for _ in range(OPEN_LINK_VISITORS)]
    return [_answer(random, f"visitor-{number:03}", "", "", 1.0, groups, 0.0) for number, groups in enumerate(found, start=1)]


def _point(random: np.random.Generator, region: str, place: str) -> list[tuple[dict[str, str], float]]:
    """The parents who take part at one sampling point, each with their relative chance of being there."""
    candidates = [_groups(random, region, place) for _ in range(CANDIDATES_PER_POINT)]
    chances = np.array([_chance(groups) for groups in candidates])
    chosen: NDArray[np.int64] = random.choice(len(candidates), PARENTS_PER_POINT, replace=False, p=chances / chances.sum())
    return [(candidates[index], float(chances[index])) for index in chosen]


def _chance(groups: dict[str, str]) -> float:
    chance = BLACK_PARENTS_BOOST if groups["ethnicity"] == "black" else 1.0
    for group in groups.items():
        chance *= RESPONSE.get(group, 1.0)
    return chance


def _groups(random: np.random.Generator, region: str, place: str) -> dict[str, str]:
    """One parent's groups; the few dependences that matter: who is alone, how large the household is, who meets services."""
    gender = _pick(random, {"woman": 0.555, "man": 0.43, "another": 0.015})
    social_class = _pick(random, CLASSES[place])
    alone = (0.07 if gender == "man" else 0.28) * (1.3 if social_class == "routine" else 0.85)
    lone = "yes" if random.random() < alone else "no"
    return {
        "gender": gender,
        "age_band": _pick(random, {"under_30": 0.19, "age_30_to_44": 0.57, "age_45_over": 0.24}),
        "ethnicity": _pick(random, REGIONS[region]),
        "lone_parent": lone,
        "household_size": _pick(random, _sizes(lone)),
        "social_class": social_class,
        "contact": _pick(random, _contacts(lone, social_class)),
        "region": region,
    }


def _sizes(lone: str) -> Shares:
    if lone == "yes":
        return {"small": 0.62, "medium": 0.32, "large": 0.06}
    return {"small": 0.24, "medium": 0.63, "large": 0.13}


def _contacts(lone: str, social_class: str) -> Shares:
    required = 0.04 + (0.05 if lone == "yes" else 0.0) + (0.04 if social_class == "routine" else 0.0)
    return {"none": 0.78 - required, "by_choice": 0.22, "required": required}


def _answer(
    random: np.random.Generator, member: str, stratum: str, point: str, weight: float, groups: dict[str, str], local: float
) -> Parent:
    """Let one parent fill in the questionnaire: about one in a hundred declines, one in seventy stops on the way."""
    licence = sum(LICENCE.get(group, 0.0) for group in groups.items()) + local + random.normal(0, 0.5)
    described = {
        variable: "prefer_not" if variable in SENSITIVE and random.random() < 0.01 else group for variable, group in groups.items()
    }
    answers = {
        "agreed": "yes",
        **described,
        "heard": _pick(random, {"a_lot": 0.08, "a_little": 0.33, "nothing": 0.54, "dont_know": 0.05}),
        **{item: _judgement(random, leaning, licence) for item, leaning in ITEMS.items()},
        "trust_council": _trust(random, licence),
    }
    own_words = _own_words(random, member)
    state: State = _pick(random, {"finished": 0.975, "broken_off": 0.015, "declined": 0.01})  # type: ignore[assignment]
    if state == "declined":
        answers, own_words = {"agreed": "no"}, None
    if state == "broken_off":
        reached = int(random.integers(1 + len(described), len(answers)))
        answers, own_words = dict(list(answers.items())[:reached]), None
    return Parent(member, stratum, point, weight, groups, answers, own_words, state)


def _own_words(random: np.random.Generator, member: str) -> str | None:
    """Three in ten write something; who is going to withdraw writes what nobody else does, so that its traces can be looked for."""
    planted = read("planted")
    written = str(random.choice(planted["open_answers"])) if random.random() < 0.3 else None
    return str(planted["withdrawn"]["open_answer"]) if member == planted["withdrawn"]["member"] else written


def _judgement(random: np.random.Generator, leaning: Leaning, licence: float) -> str:
    """An ordered logit with three answers, beside those who do not know or would rather not say."""
    kept = random.random()
    if kept < leaning.unsure:
        return "dont_know"
    if kept < leaning.unsure + 0.012:
        return "prefer_not"
    felt = leaning.level + leaning.slope * licence + random.logistic()
    if felt > leaning.middle / 2:
        return "acceptable"
    return "with_check" if felt > -leaning.middle / 2 else "unacceptable"


def _trust(random: np.random.Generator, licence: float) -> str:
    kept = random.random()
    if kept < 0.04:
        return "dont_know" if kept < 0.03 else "prefer_not"
    felt = 0.8 * licence + random.logistic()
    words = ("not_at_all", "not_much", "fair_amount", "great_deal")
    return words[int(np.searchsorted((-1.6, 0.1, 2.0), felt))]


def _pick(random: np.random.Generator, shares: Shares) -> str:
    """One word, with the given chances; they need not add up to one."""
    left = random.random() * sum(shares.values())
    for word, share in shares.items():  # noqa: B007 - the last word takes what rounding leaves
        left -= share
        if left < 0:
            break
    return word
