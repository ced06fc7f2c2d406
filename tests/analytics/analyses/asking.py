"""Asking for analyses in tests."""

from typing import Any

from tests.analytics.conftest import Analytics
from tests.analytics.parents import ITEM

OTHER = "ins_a.1.describing"


def asked(method: str, **changes: Any) -> dict[str, Any]:
    """A request on the parents' panel."""
    return {"method": method, "collection": "col_panel", **changes}


async def analyse(analytics: Analytics, method: str, **changes: Any) -> Any:
    """An analysis that is made at once."""
    made = await analytics.ask("POST", "/analyses", json=asked(method, **changes))
    assert made.status_code in (200, 201), made.text
    return made.json()


async def shown(analytics: Analytics, analysis: str, form: str) -> Any:
    """An analysis in a form, as the answer itself."""
    answer = await analytics.ask("GET", f"/analyses/{analysis}?as={form}")
    assert answer.status_code == 200, answer.text
    return answer


def figure(analysis: Any, **about: str) -> Any:
    """The one figure that is about this; words left out must be absent or empty."""
    kinds = ("item", "variable", "group", "outcome", "term")
    found = [
        one
        for one in analysis["result"]["figures"]
        if all(one.get(kind, "") == about.get(kind, "") for kind in kinds if kind in about or kind in ("variable", "group"))
    ]
    assert len(found) == 1, (about, found)
    return found[0]


__all__ = ["ITEM", "OTHER", "analyse", "asked", "figure", "shown"]
