"""Items, bases and plain estimates over HTTP, and what is never shown in them."""

import pytest
from tests.analytics.conftest import Analytics
from tests.analytics.parents import FLAGGING, GROUPS, INSTRUMENT, ITEM, STUDY, collection, parent, whole_study

from assent_contracts import registry


async def test_items_name_their_practice_and_collections(analytics: Analytics) -> None:
    page = await analytics.get("/items")
    assert [item["name"] for item in page["items"]] == ["describing", "flagging", "intervening", "migration"]
    item = next(item for item in page["items"] if item["item"] == ITEM)
    assert item["practice"]["operation"] == FLAGGING.operation
    assert item["collections"] == [{"collection": "col_panel", "wave": "2026 panel", "state": "closed", "sampling": "probability"}]
    assert item["options"]["acceptable_if"] == "acceptable if"


async def test_items_come_in_pages(analytics: Analytics) -> None:
    first = await analytics.get("/items?limit=3")
    rest = await analytics.get(f"/items?limit=3&cursor={first['next']}")
    assert [item["name"] for item in first["items"] + rest["items"]] == ["describing", "flagging", "intervening", "migration"]


async def test_an_estimate_is_over_everyone_asked(analytics: Analytics) -> None:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    assert found["base"] == 600
    shares = found["distribution"]
    assert {"unacceptable", "acceptable_if", "acceptable", "dont_know", "refused", "break_off"} == set(shares)
    assert sum(share.get("share", 0.0) for share in shares.values()) == pytest.approx(1.0)
    assert shares["dont_know"]["low"] < shares["dont_know"]["share"] < shares["dont_know"]["high"]
    support = found["support"]["share"]
    assert support == pytest.approx(shares["acceptable"]["share"] + shares["acceptable_if"]["share"])
    assert found["support_bounds"]["low"] == pytest.approx(support)
    assert found["support_bounds"]["high"] == pytest.approx(support + shares["dont_know"]["share"])
    assert found["n_effective"] != found["base"]
    assert found["design"]["weighted"] is True
    assert found["consensus"]["options"] == 3
    assert found["consensus"]["low"] < found["consensus"]["agreement"] < found["consensus"]["high"]
    assert "match" not in found
    assert "counts" not in found


async def test_a_gap_is_to_the_rest(analytics: Analytics) -> None:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    lone, couple = found["groups"]
    assert lone["gap"]["difference"] == pytest.approx(lone["support"]["share"] - couple["support"]["share"])
    assert lone["gap"]["difference"] == pytest.approx(-couple["gap"]["difference"])
    assert lone["gap"]["low"] < lone["gap"]["difference"] < lone["gap"]["high"] < 0
    assert lone["gap"]["p_holm"] < 0.05


async def test_a_group_that_is_too_small_to_be_named_is_not_compared(empty: Analytics) -> None:
    """Twenty-eight lone parents, evenly split, are enough to be shown and too few for a gap; nor are the others' gaps corrected for it."""
    empty.hear(*whole_study(parents=0))
    lone = [parent(4 * number, answers={"flagging": "acceptable" if number % 2 else "unacceptable"}) for number in range(28)]
    couples = [parent(4 * number + 1, answers={"flagging": "acceptable" if number % 3 else "unacceptable"}) for number in range(90)]
    empty.hear(*[(registry.RESPONSE_RECEIVED, one) for one in lone + couples])
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    small, large = found["groups"]
    assert (small["base"], small["small_base"]) == (28, True)
    assert "gap" not in small
    assert large["gap"]["difference"] > 0


async def test_an_omnibus_test_goes_before_the_gaps_and_gives_no_hidden_group_away(analytics: Analytics) -> None:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form&by=place&by=gender"))["items"]
    tests = {one["variable"]: one["p"] for one in found["omnibus"]}
    assert set(tests) == {"family_form", "gender"}
    assert tests["family_form"] < 0.001 < 0.05 < tests["gender"]
    assert list(found).index("omnibus") < list(found).index("groups")
    (without,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert "omnibus" not in without


async def test_a_small_group_is_suppressed_with_all_that_reveals_it(analytics: Analytics) -> None:
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=place"))["items"]
    island = next(group for group in found["groups"] if group["group"] == "island")
    assert island == {"variable": "place", "group": "island", "label": "Place: Island", "suppressed": True}
    shown = [group for group in found["groups"] if "base" in group]
    assert len(shown) < 2, "with the total known, the only hidden group of a variable could be worked out"


async def test_few_who_do_not_know_cost_the_split_of_the_others_and_not_support(empty: Analytics) -> None:
    """What is left beside support is everybody else, ninety-three people: the three among them are hidden with those who refuse."""
    empty.hear(*whole_study(parents=0))
    said = ["acceptable"] * 42 + ["acceptable_if"] * 20 + ["unacceptable"] * 90 + ["not_sure"] * 3
    answers = [parent(2 * number, answers={"flagging": answer}) for number, answer in enumerate(said)]
    empty.hear(*[(registry.RESPONSE_RECEIVED, one) for one in answers])
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    assert 0.0 < found["support"]["share"] < 1.0
    hidden = {outcome for outcome, share in found["distribution"].items() if share.get("suppressed")}
    assert hidden == {"dont_know", "unacceptable"}
    assert not {"support_bounds", "consensus"} & set(found)
    assert found["refusal"] == {"suppressed": True, "direction": "above_half"}
    assert all("support" in group for group in found["groups"])


async def test_groups_do_not_give_away_what_is_hidden_of_everybody(empty: Analytics) -> None:
    """All but four support it: support over everyone would tell of the four, and so would groups that make up everyone."""
    empty.hear(*whole_study(parents=0))
    said = ["acceptable"] * 80 + ["acceptable_if"] * 72 + ["unacceptable"] * 4
    answers = [parent(2 * number, answers={"flagging": answer}) for number, answer in enumerate(said)]
    empty.hear(*[(registry.RESPONSE_RECEIVED, one) for one in answers])
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    assert found["support"] == {"suppressed": True, "direction": "above_half"}
    assert found["refusal"] == {"suppressed": True, "direction": "below_half"}
    assert "n_effective" not in found, "the design effect of support is a function of how many support it"
    assert all("support" not in group and group["suppressed"] for group in found["groups"])


async def test_that_nearly_everybody_refuses_is_not_hidden_with_the_few_who_do_not(empty: Analytics) -> None:
    """Of two hundred three find it acceptable. Neither share may be shown, and still the view says on which side of half they stand."""
    empty.hear(*whole_study(parents=0))
    said = ["acceptable"] * 3 + ["unacceptable"] * 197
    empty.hear(*[(registry.RESPONSE_RECEIVED, parent(number, answers={"flagging": one})) for number, one in enumerate(said)])
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    assert found["support"] == {"suppressed": True, "direction": "below_half"}
    assert found["refusal"] == {"suppressed": True, "direction": "above_half"}
    assert {group["direction"] for group in found["groups"]} == {"below_half"}
    assert not {"omnibus", "lowest_set", "consensus", "support_bounds", "n_effective"} & set(found)
    assert not any({"gap", "adjusted_gap", "consensus", "base"} & set(group) for group in found["groups"])


async def test_fewer_than_thirty_have_no_direction(empty: Analytics) -> None:
    empty.hear(*whole_study(parents=0))
    said = ["acceptable"] * 2 + ["unacceptable"] * 27
    empty.hear(*[(registry.RESPONSE_RECEIVED, parent(number, answers={"flagging": one})) for number, one in enumerate(said)])
    (found,) = (await empty.get(f"/estimates?item={ITEM}"))["items"]
    assert found["support"] == found["refusal"] == {"suppressed": True}


async def test_that_nobody_gave_an_answer_that_was_not_offered_is_no_secret(empty: Analytics) -> None:
    (item,) = (one for one in INSTRUMENT.items if one.name == "flagging")
    no_way_out = item.model_copy(update={"dont_know": None, "scale": item.scale[:3]})
    empty.hear(*whole_study(parents=0))
    empty.hear((registry.INSTRUMENT_PUBLISHED, INSTRUMENT.model_copy(update={"items": (no_way_out,)})), version=2)
    said = ["acceptable"] * 42 + ["acceptable_if"] * 20 + ["unacceptable"] * 90
    answers = [parent(2 * number, answers={"flagging": answer}) for number, answer in enumerate(said)]
    empty.hear(*[(registry.RESPONSE_RECEIVED, one) for one in answers])
    (found,) = (await empty.get(f"/estimates?item={ITEM}"))["items"]
    assert all("share" in share for share in found["distribution"].values())
    assert found["consensus"]["base"] == 152


async def test_bases_hide_small_groups_and_what_reveals_them(analytics: Analytics) -> None:
    (bases,) = (await analytics.get("/bases"))["items"]
    assert bases["respondents"] == 600
    by_name = {variable["variable"]: {group["group"]: group for group in variable["groups"]} for variable in bases["variables"]}
    assert by_name["family_form"]["lone_parent"] == {"group": "lone_parent", "label": "Lone parent", "count": 150}
    assert by_name["place"]["island"] == {"group": "island", "label": "Island", "suppressed": True}
    assert sum("count" in group for group in by_name["place"].values()) == 1


async def test_a_group_of_nobody_is_no_secret(empty: Analytics) -> None:
    empty.hear(*whole_study(parents=0))
    empty.hear(*[(registry.RESPONSE_RECEIVED, parent(number)) for number in range(0, 400, 4)])
    (found,) = (await empty.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    couple = next(group for group in found["groups"] if group["group"] == "couple")
    assert couple["base"] == 0
    assert "suppressed" not in couple


async def test_tests_and_refusals_to_take_part_are_in_no_figure(analytics: Analytics) -> None:
    analytics.hear(
        (registry.RESPONSE_RECEIVED, parent(0, test=True)), (registry.RESPONSE_RECEIVED, parent(1, consented=False)), version=2
    )
    (found,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert found["base"] == 598


async def test_a_sample_that_was_not_drawn_says_so(analytics: Analytics) -> None:
    analytics.hear((registry.COLLECTION_CLOSED, collection(sampling="opt_in")), version=2)
    (found,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert found["collection"]["sampling"] == "opt_in"
    assert found["collection"]["caveat"].startswith("An opt-in sample")
    assert [label["code"] for label in found["labels"]] == ["non_probability"]


async def test_one_collection_can_be_asked_for(analytics: Analytics) -> None:
    analytics.hear((registry.COLLECTION_OPENED, collection(collection="col_open", state="open", sampling="opt_in")))
    some = [parent(number, response=f"rsp_o{number}", collection="col_open", weight=1.0) for number in range(40)]
    analytics.hear(*[(registry.RESPONSE_RECEIVED, one) for one in some])
    both = await analytics.get(f"/estimates?item={ITEM}")
    assert {found["collection"]["collection"] for found in both["items"]} == {"col_open", "col_panel"}
    (one,) = (await analytics.get(f"/estimates?item={ITEM}&collection=col_open"))["items"]
    assert one["base"] == 40


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/estimates?item=ins_a.1.nothing", 404, "unknown_item"),
        (f"/estimates?item={ITEM}&by=shoe_size", 422, "unknown_variable"),
        ("/estimates", 422, "invalid_request"),
    ],
)
async def test_what_is_not_there_is_a_problem(analytics: Analytics, path: str, status: int, code: str) -> None:
    answer = await analytics.ask("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", [f"/estimates?item={ITEM}", "/bases"])
async def test_a_viewer_sees_released_figures_only(analytics: Analytics, path: str) -> None:
    answer = await analytics.ask("GET", path, role="viewer")
    assert (answer.status_code, answer.json()["code"]) == (403, "nothing_released")


async def test_it_is_noted_who_sees_live_figures(analytics: Analytics, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="assent_analytics")
    await analytics.get(f"/estimates?item={ITEM}", role="analyst")
    (line,) = [one for one in caplog.records if one.message == "live figures are shown"]
    assert (line.study, line.role) == (STUDY, "analyst")  # type: ignore[attr-defined]
    assert line.subject  # type: ignore[attr-defined]


async def test_another_study_sees_nothing_of_it(analytics: Analytics) -> None:
    assert (await analytics.get("/items", study="stu_other"))["items"] == []
    answer = await analytics.ask("GET", f"/estimates?item={ITEM}", study="stu_other")
    assert answer.status_code == 404


async def test_what_is_kept_in_memory_never_outlives_a_change(analytics: Analytics) -> None:
    async def base() -> int:
        (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
        return int(found["base"])

    assert await base() == 600
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    assert await base() == 599
    analytics.hear((registry.RESPONSE_CORRECTED, parent(2, collection="col_other")), version=2)
    assert await base() == 598
    analytics.hear((registry.GROUPS_SET, GROUPS.model_copy(update={"variables": GROUPS.variables[1:]})), version=2)
    refused = await analytics.ask("GET", f"/estimates?item={ITEM}&by=family_form")
    assert refused.json()["code"] == "unknown_variable"


async def test_consensus_needs_the_options_and_not_the_other_outcomes(analytics: Analytics) -> None:
    refusing = [parent(number, answers={}, missing={"flagging": "refused"}) for number in range(4)]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in refusing], version=2)
    (found,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert found["distribution"]["refused"] == {"suppressed": True}
    assert found["consensus"]["base"] < found["base"]
    few = [
        parent(number, answers={"flagging": "acceptable"})
        for number in range(4, 600)
        if parent(number).answers["flagging"] == "acceptable_if"
    ]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in few[5:]], version=3)
    (found,) = (await analytics.get(f"/estimates?item={ITEM}"))["items"]
    assert found["distribution"]["acceptable_if"] == {"suppressed": True}
    assert "consensus" not in found
