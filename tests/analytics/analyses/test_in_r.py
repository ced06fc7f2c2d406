"""The R code of each method, run by R on the file of its data: the same numbers come out."""

from pathlib import Path
from typing import Any

import pytest
from tests.analytics.analyses.asking import ITEM, OTHER, analyse
from tests.analytics.analyses.running_r import same_in_r
from tests.analytics.conftest import Analytics
from tests.analytics.parents import collection, parent

from assent_contracts import registry

REQUESTS: dict[str, dict[str, Any]] = {
    "distribution": {"items": [ITEM, OTHER], "by": ["family_form", "gender"]},
    "support": {"items": [ITEM], "by": ["family_form"], "within": {"place": ["town", "village"]}},
    "mean": {"items": [ITEM], "by": ["gender"], "design": {"weights": "none"}},
}


@pytest.mark.parametrize("method", REQUESTS)
async def test_r_gives_the_same_numbers(analytics: Analytics, tmp_path: Path, method: str) -> None:
    await same_in_r(analytics, tmp_path, await analyse(analytics, method, **REQUESTS[method]))


@pytest.mark.parametrize("method", REQUESTS)
async def test_r_gives_the_same_numbers_of_raked_responses(analytics: Analytics, tmp_path: Path, method: str) -> None:
    silent = [parent(number, groups={"family_form": "couple", "place": "town"}) for number in range(1, 600, 20)]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in silent], version=2)
    margins = {"gender": {"mother": 0.5, "father": 0.5}, "family_form": {"lone_parent": 0.2, "couple": 0.8}}
    analytics.hear((registry.COLLECTION_CLOSED, collection(margins=margins)), version=2)
    made = await analyse(analytics, method, **REQUESTS[method])
    assert made["result"]["design"].get("raked_to") == (None if method == "mean" else ["family_form", "gender"])
    assert ("weighting" in made["recipe"]) == (method != "mean")
    await same_in_r(analytics, tmp_path, made)
