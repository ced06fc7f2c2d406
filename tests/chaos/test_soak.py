"""Fifty thousand deliveries of all senders mixed, while the service and its database connections are killed again and again."""

import os

import pytest
from tests.survey.conftest import any_house
from tests.survey.house import House
from tests.survey.soaking import soak, told

DELIVERIES = int(os.environ.get("SOAK_DELIVERIES", "50000"))
KILLS = 20

__all__ = ["any_house"]


@pytest.mark.chaos
@pytest.mark.timeout(1800)
async def test_soak(any_house: House) -> None:
    print(told(await soak(any_house, deliveries=DELIVERIES, kills=KILLS)))
