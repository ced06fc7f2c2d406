"""How support has moved between two collections: as a panel, as independent samples, or not at all, with the reason."""

from typing import Any

import pytest
from tests.analytics.conftest import Analytics
from tests.analytics.parents import INSTRUMENT, ITEM, collection, parent
from tests.analytics.seeing import item_of, view

from assent_contracts import registry

LATER = {"collection": "col_later", "wave": "2027 panel", "fieldwork_from": "2027-01-10", "fieldwork_to": "2027-02-10"}


def again(number: int, /, **changes: object) -> Any:
    """The same parent's answers a year later: some have come to accept it."""
    facts: dict[str, object] = {"response": f"rsp_later_{number:04}", "collection": "col_later"}
    before = parent(number)
    if before.answers["flagging"] == "unacceptable" and number % 3 == 0:
        facts["answers"] = {"flagging": "acceptable"}
    return parent(number).model_copy(update={**facts, **changes})


async def trend(analytics: Analytics, **of_collection: object) -> dict[str, Any]:
    """The trend of the item as the later collection shows it."""
    analytics.hear((registry.COLLECTION_CLOSED, collection(**LATER, **of_collection)))
    found = await analytics.get(f"/estimates?item={ITEM}&collection=col_later")
    shown: dict[str, Any] = found["items"][0]["trend"]
    return shown


async def test_the_first_time_an_item_is_asked_there_is_no_trend(analytics: Analytics) -> None:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert "trend" not in found


async def test_a_panel_is_surer_of_a_change_than_independent_samples(analytics: Analytics) -> None:
    analytics.hear(*((registry.RESPONSE_RECEIVED, again(number)) for number in range(600)))
    panel = await trend(analytics)
    others = (again(number, respondent=f"new_{number:04}") for number in range(600))
    analytics.hear(*((registry.RESPONSE_CORRECTED, other) for other in others), version=2)
    fresh = await trend(analytics)
    assert (panel["respondents"], fresh["respondents"]) == ("shared", "independent")
    assert panel["since"] == {"collection": "col_panel", "wave": "2026 panel", "item": ITEM}
    assert panel["difference"] == pytest.approx(fresh["difference"])
    assert panel["difference"] > 0.05
    assert panel["high"] - panel["low"] < 0.7 * (fresh["high"] - fresh["low"])
    assert panel["low"] > 0
    assert panel["p"] < 0.001
    assert panel["cautions"] == []


async def test_another_mode_refuses_the_trend_and_says_so(analytics: Analytics) -> None:
    analytics.hear(*((registry.RESPONSE_RECEIVED, again(number)) for number in range(600)))
    found = await trend(analytics, mode="telephone")
    assert found == {"since": {"collection": "col_panel", "wave": "2026 panel", "item": ITEM}, "refused": ["different_mode"]}


async def test_other_words_refuse_the_trend(analytics: Analytics) -> None:
    items = [
        item.model_copy(update={"wording": "Is it acceptable?"}) if item.name == "flagging" else item for item in INSTRUMENT.items
    ]
    analytics.hear((registry.INSTRUMENT_PUBLISHED, INSTRUMENT.model_copy(update={"number": 2, "items": tuple(items)})))
    analytics.hear((registry.COLLECTION_CLOSED, collection(**LATER, number=2)))
    analytics.hear(*((registry.RESPONSE_RECEIVED, again(number, number=2)) for number in range(600)))
    (found,) = (await analytics.get("/estimates?item=ins_a.2.flagging"))["items"]
    assert found["trend"]["refused"] == ["different_wording"]


async def test_a_quota_sample_is_compared_with_a_caution(analytics: Analytics) -> None:
    analytics.hear(*((registry.RESPONSE_RECEIVED, again(number)) for number in range(600)))
    found = await trend(analytics, sampling="quota")
    assert set(found["cautions"]) == {"different_sampling", "not_a_probability_sample"}


async def test_the_evidence_shows_the_trend_of_its_items(analytics: Analytics) -> None:
    analytics.hear((registry.COLLECTION_CLOSED, collection(**LATER)))
    analytics.hear(*((registry.RESPONSE_RECEIVED, again(number)) for number in range(600)))
    found = await view(analytics)
    trends = [item.get("trend", {}).get("since", {}).get("wave") for item in found["items"] if item["item"] == ITEM]
    assert sorted(trends, key=str) == ["2026 panel", None]
    assert item_of(found, "flagging")["collection"]["wave"] in ("2026 panel", "2027 panel")
