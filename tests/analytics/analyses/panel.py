"""Some analyses of the parents' panel for R, with the weights as declared and raked."""

from pathlib import Path
from typing import Any

from tests.analytics.analyses.answering import Answered
from tests.analytics.analyses.asking import ITEM, OTHER, analyse
from tests.analytics.conftest import Analytics
from tests.analytics.parents import collection, parent

from assent_contracts import registry

REQUESTS: dict[str, dict[str, Any]] = {
    "distribution": {"items": [ITEM, OTHER], "by": ["family_form", "gender"]},
    "support": {"items": [ITEM], "by": ["family_form"], "within": {"place": ["town", "village"]}},
    "mean": {"items": [ITEM], "by": ["gender"], "design": {"weights": "none"}},
}


async def answer_panel(analytics: Analytics, answered: Answered, place: Path) -> None:
    """Every request; and again once some have not said their groups and responses are raked."""
    for method, request in REQUESTS.items():
        await answered.add(analytics, f"panel {method}", await analyse(analytics, method, **request), place / f"panel_{method}")
    silent = [parent(number, groups={"family_form": "couple", "place": "town"}) for number in range(1, 600, 20)]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in silent], version=2)
    margins = {"gender": {"mother": 0.5, "father": 0.5}, "family_form": {"lone_parent": 0.2, "couple": 0.8}}
    analytics.hear((registry.COLLECTION_CLOSED, collection(margins=margins)), version=2)
    for method, request in REQUESTS.items():
        await answered.add(analytics, f"raked {method}", await analyse(analytics, method, **request), place / f"raked_{method}")
