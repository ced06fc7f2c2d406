"""The R code of analyses of the panel, run by R on the file of their data: the same numbers come out."""

import pytest
from tests.analytics.analyses.answering import Answered
from tests.analytics.analyses.panel import REQUESTS
from tests.analytics.analyses.running_r import compare, need_r


@pytest.mark.parametrize("method", REQUESTS)
def test_r_gives_the_same_numbers(answered: Answered, method: str) -> None:
    need_r()
    compare(answered.in_r[f"panel {method}"], answered.analyses[f"panel {method}"])


@pytest.mark.parametrize("method", REQUESTS)
def test_r_gives_the_same_numbers_of_raked_responses(answered: Answered, method: str) -> None:
    made = answered.analyses[f"raked {method}"]
    assert made["result"]["design"].get("raked_to") == (None if method == "mean" else ["family_form", "gender"])
    assert ("weighting" in made["recipe"]) == (method != "mean")
    need_r()
    compare(answered.in_r[f"raked {method}"], made)
