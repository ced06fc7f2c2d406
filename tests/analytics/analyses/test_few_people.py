"""What an analysis must not tell of a few people beside other figures: who chose no option, and who took part twice."""

from typing import Any

import pytest
from tests.analytics.analyses.asking import analyse, figure
from tests.analytics.analyses.survey import ACCEPT, BEFORE, NOW, responses, whole_survey
from tests.analytics.conftest import Analytics

from assent_contracts import registry


@pytest.fixture
async def surveyed(analytics: Analytics) -> Analytics:
    """Analytics that has heard the survey too."""
    analytics.hear(*whole_survey())
    return analytics


async def trend(analytics: Analytics) -> Any:
    """The one figure of the trend."""
    return figure(await analyse(analytics, "trend", collection=NOW, earlier=BEFORE, items=[ACCEPT]))


def taking_part_twice(analytics: Analytics, people: int) -> None:
    """So many of the later wave turn out to be respondents of the earlier one."""
    for number, response in enumerate(responses(NOW, 500, seed=len(NOW))):
        if number < people:
            again = response.model_copy(update={"respondent": f"res_{BEFORE}_{number:04}"})
            analytics.hear((registry.RESPONSE_CORRECTED, again), version=2)


async def test_the_interval_of_a_trend_does_not_tell_of_a_few_who_took_part_twice(surveyed: Analytics) -> None:
    before = await trend(surveyed)
    taking_part_twice(surveyed, 5)
    after = await trend(surveyed)
    assert after["respondents"] == "independent"
    assert (after["difference_low"], after["difference_high"]) == (before["difference_low"], before["difference_high"])


async def test_a_panel_is_compared_as_one_where_enough_moved_each_way(surveyed: Analytics) -> None:
    taking_part_twice(surveyed, 300)
    assert (await trend(surveyed))["respondents"] == "shared"


async def test_agreement_is_hidden_where_few_chose_no_option(surveyed: Analytics) -> None:
    whole = await analyse(surveyed, "consensus", collection=NOW, items=[ACCEPT], by=["family_form"])
    assert "agreement" in figure(whole, variable="family_form", group="lone_parent")
    for response in responses(NOW, 500, seed=len(NOW)):
        if response.groups["family_form"] == "lone_parent" and response.answers["accept"] == "not_sure":
            answered = response.model_copy(update={"answers": {**response.answers, "accept": "acceptable"}})
            surveyed.hear((registry.RESPONSE_CORRECTED, answered), version=2)
    few = await analyse(surveyed, "consensus", collection=NOW, items=[ACCEPT], by=["family_form"])
    assert figure(few, variable="family_form", group="lone_parent")["suppressed"] is True
