"""All senders mixed, with kills: a short soak. The long one is in tests/chaos."""

import pytest
from tests.survey.house import House
from tests.survey.soaking import soak


@pytest.mark.timeout(300)
async def test_nothing_is_lost_or_doubled(any_house: House) -> None:
    states = await soak(any_house, deliveries=720, kills=4)
    assert states["applied"] >= 720 / 3
