"""Looking at the evidence on a new proposal."""

from typing import Any

from tests.analytics.conftest import Analytics
from tests.analytics.test_proposals import make


async def view(analytics: Analytics, **changes: Any) -> dict[str, Any]:
    """The evidence on a new proposal."""
    proposal = await make(analytics, **changes)
    found: dict[str, Any] = await analytics.get(f"/proposals/{proposal}/evidence")
    return found


def missing(found: dict[str, Any]) -> list[str]:
    """What the view says it cannot say."""
    return [one["what"] for one in found["missing"]]


def item_of(found: dict[str, Any], name: str) -> dict[str, Any]:
    """One item of the view."""
    item: dict[str, Any] = next(item for item in found["items"] if item["item"] == f"ins_a.1.{name}")
    return item
