"""Which groups may be the lowest, and when support is shown to be alike across groups."""

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
