"""How support has moved between two collections: as a panel, as independent samples, or not at all, with the reason."""

from typing import Any

import pytest
from tests.analytics.conftest import Analytics
from tests.analytics.parents import INSTRUMENT, ITEM, collection, parent
from tests.analytics.seeing import item_of, view

from assent_contracts import registry

LATER = {"collection": "col_later", "wave": "2027 panel", "fieldwork_from": "2027-01-10", "fieldwork_to": "2027-02-10"}


def again(number: int, /, **changes: object) -> Any:
    """The same parent's answers a year later: some have come to accept it, and fewer have come to refuse it."""
    facts: dict[str, object] = {"response": f"rsp_later_{number:04}", "collection": "col_later"}
    before = parent(number)
    if before.answers["flagging"] == "unacceptable" and number % 3 == 0:
        facts["answers"] = {"flagging": "acceptable"}
    if before.answers["flagging"] == "acceptable" and number % 20 == 2:
        facts["answers"] = {"flagging": "unacceptable"}
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


async def test_one_person_in_both_waves_leaves_the_interval_as_it_is_without_them(analytics: Analytics) -> None:
    """The covariance of one person is how far both their answers lie from what everybody said: one of four numbers."""
    fresh = [again(number, respondent=f"new_{number:04}") for number in range(600)]
    analytics.hear(*((registry.RESPONSE_RECEIVED, one) for one in fresh))
    without = await trend(analytics)
    analytics.hear((registry.RESPONSE_CORRECTED, again(7)), version=2)
    with_one = await trend(analytics)
    assert with_one == without
    assert with_one["respondents"] == "independent"


async def test_how_a_few_of_a_panel_have_moved_is_not_told(analytics: Analytics) -> None:
    """All but three stay as they were. The interval of the change would give the three away, whatever wave hides them alone."""
    said = {number: parent(number).answers["flagging"] for number in range(600)}
    leaving = [number for number, answer in said.items() if answer == "acceptable"][:3]
    analytics.hear(
        *(
            (
                registry.RESPONSE_RECEIVED,
                again(number, answers={"flagging": "unacceptable" if number in leaving else said[number]}),
            )
            for number in range(600)
        )
    )
    analytics.hear((registry.COLLECTION_CLOSED, collection(**LATER)))
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&collection=col_later"))["items"]
    assert "share" in found["support"]
    assert "trend" not in found


async def test_an_earlier_figure_that_is_hidden_is_not_told_by_the_change_since(analytics: Analytics) -> None:
    """All but five refused in the first wave: their share is hidden, and later support less the change would be that share."""
    refusing = (parent(number, answers={"flagging": "acceptable" if number < 5 else "unacceptable"}) for number in range(600))
    analytics.hear(*((registry.RESPONSE_CORRECTED, one) for one in refusing), version=2)
    analytics.hear((registry.COLLECTION_CLOSED, collection(**LATER)))
    analytics.hear(*((registry.RESPONSE_RECEIVED, again(number)) for number in range(600)))
    later, earlier = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert earlier["support"] == {"suppressed": True, "direction": "below_half"}
    assert "share" in later["support"]
    assert "trend" not in later


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
