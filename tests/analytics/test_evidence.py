"""The evidence view over HTTP: its order, profile, targets, items, and when it may be cached."""

import json
from typing import Any

import httpx
import pytest
from tests.analytics.conftest import Analytics
from tests.analytics.parents import (
    FATHER,
    FLAGGING,
    INTERVENING,
    ITEM,
    LONE_PARENT,
    STUDY,
    collection,
    excerpt,
    whole_study,
)
from tests.analytics.seeing import item_of, missing, view
from tests.analytics.test_proposals import TARGET, make

from assent_contracts import registry

ORDER = [
    "proposal", "title", "practice", "as_of", "released", "profile", "targets", "items", "held_data", "conditions", "voices", "rationales",
    "coverage", "missing", "consent", "citation", "recipe",
]  # fmt: skip


async def test_the_view_is_in_its_order_and_leaves_out_what_is_not_built(analytics: Analytics) -> None:
    found = await view(analytics)
    assert list(found) == ORDER
    assert not {"version", "challenges"} & set(found)
    assert found["released"] is False
    assert "null" not in httpx.Response(200, json=found).text


async def test_the_profile_names_the_groups_that_withhold(analytics: Analytics) -> None:
    profile = (await view(analytics))["profile"]
    assert profile["reading"] == "withheld_by_named_groups"
    assert profile["groups"] == ["Family form: Lone parent"]
    assert profile["because"][0] == (
        "Family form: Lone parent – surely more than 50% find it unacceptable (“flagging” of 2026 panel; corrected over 2 comparisons)"
    )
    assert profile["settings"]["name_base"] == 30
    assert profile["preregistered"] is True


async def test_targets_say_whether_they_were_measured_and_heard(analytics: Analytics) -> None:
    lone_fathers = {"intersection": [LONE_PARENT.model_dump(), FATHER.model_dump()], "basis": "judgement", "passage": "psg_a"}
    islanders = {"group": {"variable": "place", "group": "island"}, "basis": "model_input"}
    strangers = {"group": {"variable": "gender", "group": "other"}, "basis": "judgement"}
    found = await view(analytics, targets=[TARGET, lone_fathers, islanders, strangers])
    lone, fathers, island, unknown = found["targets"]
    assert (lone["survey"], lone["heard_in"], lone["reading"]) == ("measured", {"focus_groups": 1, "interviews": 1}, "refuses")
    assert (fathers["label"], fathers["survey"], fathers["passage"]) == (
        "Family form: Lone parent and Gender: Father",
        "measured",
        "psg_a",
    )
    assert fathers["heard_in"] == {"focus_groups": 0, "interviews": 0}
    assert (island["survey"], island["reading"]) == ("too_few", "unmeasured")
    assert unknown["survey"] == "none"
    said = missing(found)
    assert "Family form: Lone parent and Gender: Father were heard in no session" in said
    assert "Place: Island are not measured: fewer than 30 were asked" in said
    assert "the proposal names groups that the study does not know: gender: other" in said
    group = next(one for one in item_of(found, "flagging")["groups"] if one["variable"] == "family_form & gender")
    assert group["label"] == "Family form: Lone parent and Gender: Father"


async def test_a_proposal_without_targets_says_so(analytics: Analytics) -> None:
    found = await view(analytics, targets=[])
    assert found["targets"] == []
    assert "nobody has registered whom the proposal is likely to single out" in missing(found)
    assert found["profile"]["reading"] != "supported_with_conditions"


async def test_matches_say_what_differs_and_which_way(analytics: Analytics) -> None:
    found = await view(analytics)
    assert [item["match"]["level"] for item in found["items"]] == ["exact", "proxy", "proxy"]
    milder, harsher = item_of(found, "describing")["match"], item_of(found, "intervening")["match"]
    assert (milder["direction"], milder["differs"]) == ("milder", {"operation": "different", "transmission_principle": "different"})
    assert (harsher["direction"], harsher["differs"]) == ("harsher", {"operation": "different"})
    assert harsher["why"] == "Operation: Intervene, where the proposal has Flag."
    assert "confirmed_by" not in milder
    assert [(item["item"], item["counts"]) for item in found["items"]] == [
        ("ins_a.1.flagging", True),
        ("ins_a.1.intervening", False),
        ("ins_a.1.describing", True),
    ]


async def test_a_refusal_of_a_milder_practice_counts_and_support_never_travels(analytics: Analytics) -> None:
    harsh = INTERVENING.model_copy(update={"consequence": "sanction"}).model_dump(mode="json", exclude_defaults=True)
    found = await view(analytics, practice=harsh)
    assert item_of(found, "intervening")["match"]["level"] == "near"
    assert found["profile"]["reading"] == "withheld_by_named_groups"
    assert any("a milder practice" in reason for reason in found["profile"]["because"])
    assert [(item["item"], item["counts"]) for item in found["items"]] == [
        ("ins_a.1.intervening", True),
        ("ins_a.1.flagging", True),
        ("ins_a.1.describing", True),
    ]
    only_proxies = {**harsh, "data_types": ["school_records"], "setting": "operational", "operation": "intervene", "sender": ["school"],
                    "processor": "outsourced", "recipient": ["police_force"]}  # fmt: skip
    others = await view(
        analytics, practice=only_proxies, targets=[{"group": {"variable": "family_form", "group": "couple"}, "basis": "judgement"}]
    )
    assert {item["match"]["level"] for item in others["items"]} == {"proxy"}
    assert others["profile"]["reading"] in ("insufficient_evidence", "withheld_by_named_groups")
    assert "no survey item asks about this practice or one near it" in missing(others)


async def test_an_open_collection_is_shown_and_counts_for_no_reading(analytics: Analytics) -> None:
    analytics.hear((registry.COLLECTION_OPENED, collection(state="open")), version=2)
    found = await view(analytics)
    assert item_of(found, "flagging")["collection"]["state"] == "open"
    assert item_of(found, "flagging")["counts"] is False
    assert found["profile"]["reading"] == "insufficient_evidence"


async def test_suppressed_figures_appear_nowhere(analytics: Analytics) -> None:
    found = await view(analytics)
    island = next(group for group in item_of(found, "flagging")["groups"] if group["group"] == "island")
    assert island == {"variable": "place", "group": "island", "label": "Place: Island", "suppressed": True}
    village = next(group for group in item_of(found, "flagging")["groups"] if group["group"] == "village")
    assert "support" not in village
    assert village["direction"] in ("above_half", "unclear")
    assert next(group for group in found["coverage"] if group["group"] == "island")["survey"] == "suppressed"


async def test_few_answers_are_shown_as_no_figure_at_all(empty: Analytics) -> None:
    empty.hear(*whole_study(parents=7))
    found = await view(empty)
    item = item_of(found, "flagging")
    assert not {"base", "n_effective", "support", "refusal", "consensus", "design"} & set(item)
    assert all(share == {"suppressed": True} for share in item["distribution"].values() if "share" not in share)
    assert not any("share" in share and share["share"] for share in item["distribution"].values())
    assert "response_rate" not in item["collection"]
    assert "responses" not in found["consent"]


async def test_conditions_and_whether_the_proposal_meets_them(analytics: Analytics) -> None:
    (condition,) = (await view(analytics))["conditions"]
    assert condition["practice_change"]["safeguards"] == ["right_to_see"]
    assert condition["label"] == "safeguards: Right to see"
    assert condition["met_by_proposal"] == "unknown"
    safer = FLAGGING.model_copy(update={"safeguards": ("right_to_see",)}).model_dump(mode="json", exclude_defaults=True)
    assert (await view(analytics, practice=safer))["conditions"][0]["met_by_proposal"] == "yes"


async def test_a_code_of_talk_can_name_a_condition(analytics: Analytics) -> None:
    analytics.hear(excerpt("exc_c2", "ses_couples", "cod_see", "conditional", "par_c"))
    conditions = (await view(analytics))["conditions"]
    assert ["code “Let us see it”, sessions: 1"] in [one["evidence"] for one in conditions]


async def test_consent_citation_and_recipe(analytics: Analytics) -> None:
    found = await view(analytics)
    assert found["consent"] == {"forms": ["v2"], "responses": 600, "quotations": 4, "withdrawn": "under_10"}
    assert "not a released version" in found["citation"]
    assert STUDY in found["citation"]
    (panel,) = found["recipe"]["collections"]
    assert panel["weight"] == "w"
    assert found["recipe"]["settings"]["alpha"] == 0.05


async def test_withdrawals_are_counted_in_bands(analytics: Analytics) -> None:
    for number in range(12):
        analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, f"rsp_{number:04}")
    found = await view(analytics)
    assert found["consent"]["withdrawn"] == "10_to_29"
    assert item_of(found, "flagging")["base"] == 588


async def test_settings_are_printed_and_those_set_too_late_are_not_preregistered(analytics: Analytics) -> None:
    proposal = await make(analytics)
    assert (await analytics.get(f"/proposals/{proposal}/evidence"))["profile"]["preregistered"] is True
    await analytics.ask("PUT", "/evidence-settings", json={"majority": 0.9})
    profile = (await analytics.get(f"/proposals/{proposal}/evidence"))["profile"]
    assert profile["settings"]["majority"] == 0.9
    assert profile["preregistered"] is False
    assert profile["reading"] != "withheld_by_named_groups"


async def test_the_etag_is_of_all_but_the_moment(analytics: Analytics) -> None:
    path = f"/proposals/{await make(analytics)}/evidence"
    first, second = await analytics.ask("GET", path), await analytics.ask("GET", path)
    assert first.headers["etag"] == second.headers["etag"]
    assert first.json()["as_of"] < second.json()["as_of"]
    assert first.headers["cache-control"] == "private, no-cache"
    held = {"If-None-Match": first.headers["etag"]}
    assert (await analytics.ask("GET", path, headers=held)).status_code == 304
    analytics.owners["qual"].withheld.add("exc_c1")
    assert (await analytics.ask("GET", path, headers=held)).status_code == 200


@pytest.mark.parametrize(("owner", "section"), [("qual", "voices"), ("ingest", "rationales")])
async def test_while_an_owner_is_away_the_view_says_so_and_is_always_whole(analytics: Analytics, owner: str, section: str) -> None:
    path = f"/proposals/{await make(analytics)}/evidence"
    whole = await analytics.ask("GET", path)
    analytics.owners[owner].away = True
    answer = await analytics.ask("GET", path, headers={"If-None-Match": whole.headers["etag"]})
    again = await analytics.ask("GET", path, headers={"If-None-Match": "*"})
    assert (answer.status_code, again.status_code) == (200, 200)
    assert "etag" not in answer.headers
    found = answer.json()
    assert f"{owner} did not answer in time, so its texts are not shown" in missing(found)
    parts = found["rationales"] if section == "rationales" else [found["voices"]]
    assert all(part["available"] is False for part in parts)
    assert "words of" not in str(parts)
    assert found["profile"] == whole.json()["profile"]
    if section == "rationales":
        assert found["rationales"][0]["by_stakeholder"] == whole.json()["rationales"][0]["by_stakeholder"]
    analytics.owners[owner].away = False
    assert (await analytics.ask("GET", path)).headers["etag"] == whole.headers["etag"]


async def test_a_viewer_sees_no_live_evidence(analytics: Analytics) -> None:
    proposal = await make(analytics)
    answer = await analytics.ask("GET", f"/proposals/{proposal}/evidence", role="viewer")
    assert (answer.status_code, answer.json()["code"]) == (403, "nothing_released")
    assert (await analytics.ask("GET", f"/proposals/{proposal}", role="viewer")).status_code == 200


async def test_later_paths_are_absent(analytics: Analytics) -> None:
    proposal = await make(analytics)
    for path in ("evidence/versions/1", "challenges"):
        assert (await analytics.ask("GET", f"/proposals/{proposal}/{path}")).status_code == 404


async def test_the_published_shape_is_documented_and_knows_no_null(analytics: Analytics) -> None:
    schemas = analytics.app.openapi()["components"]["schemas"]
    assert list(schemas["EvidenceView"]["properties"])[:6] == ["proposal", "title", "practice", "version", "as_of", "released"]
    for name in ("EvidenceView", "ItemEvidence", "GroupEstimate", "Quotation", "QuotedPassage"):
        assert schemas[name]["description"]
        assert "null" not in json.dumps(schemas[name]), name


async def test_an_owner_that_does_not_answer_in_time_is_away(analytics: Analytics) -> None:
    path = f"/proposals/{await make(analytics)}/evidence"
    analytics.owners["qual"].silent = True
    found = await analytics.get(path)
    assert found["voices"]["available"] is False
    assert found["rationales"][0]["available"] is True


@pytest.mark.parametrize("nonsense", [[], {}, {"items": [{}]}, {"items": None}, "words", {"items": [{"id": "exc_c1"}]}])
async def test_an_owner_that_answers_nonsense_puts_no_words_into_anyones_mouth(analytics: Analytics, nonsense: Any) -> None:
    path = f"/proposals/{await make(analytics)}/evidence"
    analytics.owners["qual"].nonsense = nonsense
    voices = (await analytics.get(path))["voices"]
    assert voices["quotations"] == voices["counter_quotations"] == []


async def test_what_is_hidden_in_one_view_is_hidden_in_all(analytics: Analytics) -> None:
    """Otherwise two views together could give away what each of them hides."""
    women = {"variable": "gender", "group": "mother"}
    crossed = [{"intersection": [LONE_PARENT.model_dump(), ref], "basis": "judgement"} for ref in (FATHER.model_dump(), women)]
    plain, crossing = await view(analytics), await view(analytics, targets=crossed)
    (alone,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form&by=gender&by=place"))["items"]

    def shown(item: dict[str, Any]) -> dict[str, bool]:
        return {group["label"]: "support" in group for group in item["groups"] if "&" not in group["variable"]}

    assert shown(item_of(plain, "flagging")) == shown(item_of(crossing, "flagging")) == shown(alone)
    again = await view(analytics, targets=[crossed[0]])
    name = "Family form: Lone parent and Gender: Father"
    beside, alone = (
        next(group for group in item_of(found, "flagging")["groups"] if group["label"] == name) for found in (crossing, again)
    )
    assert beside.keys() == alone.keys()
