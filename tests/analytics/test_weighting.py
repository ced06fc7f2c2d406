"""Collections that declare margins: their responses are raked to them, or the view says why not."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.analytics.conftest import Analytics
from tests.analytics.parents import GROUPS, ITEM, collection, parent, whole_study
from tests.analytics.seeing import missing, view

from assent_contracts import registry
from assent_contracts.events.survey import Response

GENDER = {"gender": {"mother": 0.5, "father": 0.5}}


def declare(analytics: Analytics, *, weight: str | None = None, **changes: Any) -> None:
    """The panel with these facts, without weights of its own unless it is said to have some."""
    analytics.hear((registry.COLLECTION_CLOSED, collection(weight=weight, **changes)), version=2)


async def figures(analytics: Analytics, path: str = "") -> Any:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}{path}"))["items"]
    return found


def support(some: Sequence[Response], gender: str, *, weighted: bool) -> float:
    """The share of a gender that finds it acceptable, by hand."""
    mine = [one for one in some if one.groups.get("gender") == gender]
    weights = [one.weight if weighted and one.weight is not None else 1.0 for one in mine]
    agreed = [
        weight for one, weight in zip(mine, weights, strict=True) if str(one.answers.get("flagging")).startswith("acceptable")
    ]
    return sum(agreed) / sum(weights)


@pytest.mark.parametrize("weight", [None, "w"])
async def test_each_group_counts_for_its_part_of_the_population(analytics: Analytics, weight: str | None) -> None:
    declare(analytics, weight=weight, margins=GENDER)
    found = await figures(analytics)
    some = [parent(number) for number in range(600)]
    by_hand = sum(0.5 * support(some, gender, weighted=weight is not None) for gender in ("mother", "father"))
    assert found["support"]["share"] == pytest.approx(by_hand)
    assert found["design"]["raked_to"] == ["gender"]
    assert found["design"]["weighted"] is True


async def test_a_margin_that_is_known_has_less_error(analytics: Analytics) -> None:
    declare(analytics)
    before = await figures(analytics)
    declare_again = collection(weight=None, margins={"family_form": {"lone_parent": 0.25, "couple": 0.75}})
    analytics.hear((registry.COLLECTION_CLOSED, declare_again), version=3)
    after = await figures(analytics)
    assert "raked_to" not in before["design"]
    assert after["support"]["share"] == pytest.approx(before["support"]["share"]), "the sample has the shares of the margin"
    assert after["support"]["high"] - after["support"]["low"] < 0.99 * (before["support"]["high"] - before["support"]["low"])


async def test_whoever_did_not_say_keeps_their_share(analytics: Analytics) -> None:
    silent = [parent(number, groups={"family_form": "couple"}) for number in range(60)]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in silent], version=2)
    declare(analytics, margins=GENDER)
    found = await figures(analytics)
    some = [parent(number) for number in range(60, 600)]
    said_nothing = sum(str(one.answers["flagging"]).startswith("acceptable") for one in silent) / 60
    by_hand = 0.1 * said_nothing + sum(0.45 * support(some, gender, weighted=False) for gender in ("mother", "father"))
    assert found["support"]["share"] == pytest.approx(by_hand)


async def test_margins_use_the_words_that_the_groups_know(analytics: Analytics) -> None:
    categories = [
        category.model_copy(update={"aliases": {"mother": ("woman",), "father": ("man", "male")}[category.group]})
        for category in GROUPS.variables[1].categories
    ]
    gender = GROUPS.variables[1].model_copy(update={"categories": tuple(categories)})
    analytics.hear((registry.GROUPS_SET, GROUPS.model_copy(update={"variables": (GROUPS.variables[0], gender)})), version=2)
    declare(analytics, margins={"gender": {"woman": 0.5, "man": 0.3, "male": 0.2}})
    found = await figures(analytics)
    some = [parent(number) for number in range(600)]
    assert found["support"]["share"] == pytest.approx(
        sum(0.5 * support(some, gender, weighted=False) for gender in ("mother", "father"))
    )


@pytest.mark.parametrize(
    ("margins", "reason"),
    [
        ({"gender": {"mother": 0.5, "father": 0.4, "guardian": 0.1}}, "gender = guardian: the margins name it"),
        ({"gender": {"mother": 1.0}}, "gender = father: people are in it, and the margins do not name it"),
        ({"gender": {"mother": 1.0, "father": 0.0}}, "gender = father: nobody in the population, and rows in the sample"),
        ({"shoe_size": {"small": 0.5, "large": 0.5}}, "no variable shoe_size"),
        ({"gender": {"mother": 0.5, "father": 0.2}}, "the shares of gender sum to 0.7"),
    ],
)
async def test_margins_that_cannot_be_met_are_not_and_the_view_says_why(
    analytics: Analytics, margins: dict[str, dict[str, float]], reason: str
) -> None:
    declare(analytics)
    before = await figures(analytics)
    declare_again = collection(weight=None, margins=margins)
    analytics.hear((registry.COLLECTION_CLOSED, declare_again), version=3)
    after = await figures(analytics)
    assert after["support"] == before["support"]
    assert reason in after["design"]["not_raked"]
    seen = await view(analytics)
    said = missing(seen)
    assert any(line.startswith("the answers of 2026 panel are not weighted to the population's known shares") for line in said)
    assert any(reason in line for line in said)
    assert "the answers of 2026 panel are not weighted" in said
    (told,) = seen["recipe"]["collections"]
    assert reason in told["weighting"]["not_raked"]


async def test_a_group_that_nobody_belongs_to_is_named(empty: Analytics) -> None:
    empty.hear(*whole_study(parents=0))
    empty.hear(*[(registry.RESPONSE_RECEIVED, parent(number)) for number in range(0, 400, 4)])
    declare(empty, margins={"family_form": {"lone_parent": 0.25, "couple": 0.75}})
    found = await figures(empty)
    assert found["design"]["not_raked"] == "family_form = couple: 75 people, and nobody in the sample"


async def test_a_handful_is_not_raked(empty: Analytics) -> None:
    empty.hear(*whole_study(parents=9))
    declare(empty, margins=GENDER)
    said = missing(await view(empty))
    assert any("fewer than 10 people answered" in line for line in said)


async def test_the_recipe_says_how_it_was_weighted(analytics: Analytics) -> None:
    declare(analytics, margins=GENDER)
    seen = await view(analytics)
    (told,) = seen["recipe"]["collections"]
    assert told["weighting"]["margins"] == ["gender"]
    assert told["weighting"]["largest_misfit"] < 1e-9
    assert told["weighting"]["kish_design_effect"] == pytest.approx(1.125, abs=1e-3)
    assert (told["weighting"]["smallest_factor"], told["weighting"]["largest_factor"]) == (0.75, 1.5)
    assert not any(line.startswith("the answers of 2026 panel are not weighted") for line in missing(seen))


async def test_factors_do_not_tell_how_many_people_a_small_group_has(analytics: Analytics) -> None:
    """One factor is a group's share of the population over its share of the sample: with the factor, its size could be worked out."""
    declare(analytics, margins={"place": {"town": 0.8, "village": 0.18, "island": 0.02}})
    seen = await view(analytics)
    (told,) = seen["recipe"]["collections"]
    assert told["weighting"]["margins"] == ["place"]
    assert not {"largest_factor", "smallest_factor", "kish_design_effect"} & told["weighting"].keys()
