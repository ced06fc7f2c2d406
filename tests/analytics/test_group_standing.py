"""Which groups may be the lowest, and when support is shown to be alike across groups."""

import pytest
from tests.analytics.conftest import Analytics
from tests.analytics.parents import ITEM, parent, whole_study

from assent_contracts import registry


async def test_the_group_that_refuses_may_be_the_lowest_and_so_may_one_whose_figures_are_hidden(analytics: Analytics) -> None:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form&by=gender&by=place"))["items"]
    lowest = {one["group"]: one for one in found["lowest_set"]}
    assert "lone_parent" in lowest
    assert lowest["island"]["unknown"] is True
    assert "couple" not in lowest
    assert found["consensus"]["across_groups"] == "contradicted"


async def test_no_difference_found_is_not_shown_to_be_none(empty: Analytics) -> None:
    alike = list(whole_study(0))
    for number in range(200):
        draw = number * 37 % 100
        says = "acceptable" if draw < 40 else "acceptable_if" if draw < 60 else "unacceptable" if draw < 80 else "not_sure"
        groups = {"gender": "father" if number % 2 else "mother"}
        alike.append((registry.RESPONSE_RECEIVED, parent(number, answers={"flagging": says}, groups=groups, weight=1.0)))
    empty.hear(*alike)
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=gender"))["items"]
    assert {one["group"] for one in found["lowest_set"]} == {"mother", "father"}
    assert found["groups"][0]["gap"]["p_holm"] > 0.05
    assert found["consensus"]["across_groups"] == "not_shown"


async def test_a_large_sample_shows_that_groups_are_alike(empty: Analytics) -> None:
    alike = list(whole_study(0))
    for number in range(3000):
        draw = number // 2 * 37 % 100
        says = "acceptable" if draw < 50 else "acceptable_if" if draw < 60 else "unacceptable" if draw < 80 else "not_sure"
        groups = {"gender": "father" if number % 2 else "mother"}
        alike.append((registry.RESPONSE_RECEIVED, parent(number, answers={"flagging": says}, groups=groups, weight=1.0)))
    empty.hear(*alike)
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=gender"))["items"]
    assert found["consensus"]["across_groups"] == "shown"


async def test_gaps_stand_beside_adjusted_ones_where_every_group_of_the_variable_is_shown(analytics: Analytics) -> None:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form&by=gender&by=place"))["items"]
    groups = {group["group"]: group for group in found["groups"]}
    lone, couple = groups["lone_parent"], groups["couple"]
    assert lone["adjusted_gap"]["low"] < lone["adjusted_gap"]["difference"] < lone["adjusted_gap"]["high"] < 0
    # Of two groups each is the other's rest.
    assert lone["adjusted_gap"]["difference"] == pytest.approx(-couple["adjusted_gap"]["difference"])
    # Family form and gender do not go together in this study, so adjusting moves the gap by little.
    assert lone["adjusted_gap"]["difference"] == pytest.approx(lone["gap"]["difference"], abs=0.05)
    assert "adjusted_gap" not in groups["town"]  # the island's figures are hidden


async def test_groups_say_how_far_they_agree_where_every_option_has_enough_people(empty: Analytics) -> None:
    study = list(whole_study(0))
    for number in range(600):
        draw = number // 2 * 37 % 100
        says = "acceptable" if draw < 50 else "acceptable_if" if draw < 60 else "unacceptable" if draw < 85 else "not_sure"
        groups = {"gender": "father" if number % 2 else "mother", "family_form": "lone_parent" if number < 40 else "couple"}
        study.append((registry.RESPONSE_RECEIVED, parent(number, answers={"flagging": says}, groups=groups, weight=1.0)))
    empty.hear(*study)
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=gender&by=family_form"))["items"]
    groups = {group["group"]: group for group in found["groups"]}
    for group in ("mother", "father"):
        agreement = groups[group]["consensus"]
        assert agreement["low"] < agreement["agreement"] < agreement["high"]
        assert agreement["agreement"] == pytest.approx(found["consensus"]["agreement"])
        assert agreement["options"] == 3
        assert "base" not in agreement
    assert "consensus" not in groups["lone_parent"]  # some option has fewer than ten lone parents
    assert "consensus" not in groups["couple"]


async def test_how_far_a_group_agrees_does_not_tell_how_few_of_it_do_not_know(empty: Analytics) -> None:
    """The indices give each option's share of those who chose one; set against support over all asked, that is how many chose none."""
    study = list(whole_study(0))
    for number in range(400):
        father, place = number % 2, number // 2
        says = "acceptable" if place < 80 else "acceptable_if" if place < 120 else "unacceptable"
        says = "not_sure" if place >= (197 if father else 170) else says
        groups = {"gender": "father" if father else "mother"}
        study.append((registry.RESPONSE_RECEIVED, parent(number, answers={"flagging": says}, groups=groups, weight=1.0)))
    empty.hear(*study)
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=gender"))["items"]
    assert all(
        "share" in found["distribution"][outcome] for outcome in ("unacceptable", "acceptable_if", "acceptable", "dont_know")
    )
    assert all("share" in group["support"] for group in found["groups"])
    assert not any("consensus" in group for group in found["groups"])


async def test_how_far_groups_agree_does_not_tell_an_option_that_is_hidden_of_everybody(empty: Analytics) -> None:
    """Three do not know, and an option is hidden with them: summed over the groups it would come back."""
    study = list(whole_study(0))
    for number in range(400):
        father, place = number % 2, number // 2
        says = "not_sure" if number < 3 else "acceptable" if place < 100 else "acceptable_if" if place < 160 else "unacceptable"
        said = {"answers": {"flagging": says}} if place < 170 else {"answers": {}, "missing": {"flagging": "refused"}}
        groups = {"gender": "father" if father else "mother"}
        study.append((registry.RESPONSE_RECEIVED, parent(number, groups=groups, weight=1.0, **said)))
    empty.hear(*study)
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=gender"))["items"]
    assert {name for name, share in found["distribution"].items() if "suppressed" in share} == {"dont_know", "unacceptable"}
    assert all("share" in group["support"] for group in found["groups"])
    assert not any("consensus" in group for group in found["groups"])
