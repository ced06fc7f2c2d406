"""What documents say in the evidence view, whom the study covers, and what is missing."""

from tests.analytics.conftest import Analytics
from tests.analytics.parents import (
    FATHER,
    FLAGGING,
    ITEM,
    LONE_PARENT,
    STUDY,
    excerpt,
    parent,
    whole_study,
)
from tests.analytics.seeing import item_of, missing, view
from tests.analytics.test_proposals import TARGET

from assent_contracts import registry
from assent_contracts.events.ingest import Passage
from assent_contracts.practice import Practice


async def test_rationales_have_denominators(analytics: Analytics) -> None:
    timeliness, cost = (await view(analytics))["rationales"]
    by = {one["stakeholder"]: one for one in timeliness["by_stakeholder"]}
    assert by["national_government"] == {
        "stakeholder": "national_government", "documents_sampled": 1, "documents_coded": 1, "documents": 1, "passages": 1,
    }  # fmt: skip
    assert (by["charity_or_advocacy"]["documents_sampled"], by["charity_or_advocacy"]["documents_coded"]) == (1, 0)
    assert (timeliness["stance"], timeliness["parents"], timeliness["sessions"]) == (
        "for",
        "rejected",
        {"recognised": 0, "rejected": 1},
    )
    assert cost["parents"] == "not_raised"
    assert timeliness["passages"][0]["text"] == "words of psg_a"
    assert timeliness["passages"][0]["title"] == "Finding families"
    assert timeliness["passages"][0]["locator"] == {"page": 2, "start": 10, "end": 60}


async def test_the_words_of_a_private_person_are_never_shown(analytics: Analytics) -> None:
    post = next(
        one for rationale in (await view(analytics))["rationales"] for one in rationale["passages"] if one["passage"] == "psg_c"
    )
    assert not {"text", "title"} & set(post)
    assert "psg_c" not in str(analytics.owners["ingest"].asked)


async def test_parents_recognise_a_rationale_when_most_sessions_do(analytics: Analytics) -> None:
    analytics.hear(
        excerpt("exc_c3", "ses_couples", "cod_late", "accept", "par_c"),
        excerpt("exc_d3", "ses_alone", "cod_late", "conditional", "par_d"),
    )
    timeliness = (await view(analytics))["rationales"][0]
    assert (timeliness["parents"], timeliness["sessions"]) == ("recognised", {"recognised": 2, "rejected": 1})


async def test_what_parents_say_of_other_practices_is_no_answer_to_a_rationale(analytics: Analytics) -> None:
    other = Practice(data_types=("immigration_records",), purpose="immigration_enforcement")
    analytics.hear(excerpt("exc_b1", "ses_lone", "cod_late", "reject", "par_b", practice=other), version=2)
    timeliness = (await view(analytics))["rationales"][0]
    assert (timeliness["code"], timeliness["parents"]) == ("timeliness", "not_raised")


async def test_coverage_by_group_and_strand(analytics: Analytics) -> None:
    coverage = {one["label"]: one for one in (await view(analytics))["coverage"]}
    lone, father = coverage["Family form: Lone parent"], coverage["Gender: Father"]
    assert (lone["survey"], lone["focus_groups"], lone["interviews"]) == ("reliable", "small", "small")
    assert (father["survey"], father["focus_groups"], father["interviews"]) == ("reliable", "none", "none")


async def test_what_is_shown_for_another_practice_does_not_cover_this_one(analytics: Analytics) -> None:
    fathers = [parent(number) for number in range(0, 600, 3)]
    changed = [one.model_copy(update={"answers": {**one.answers, "flagging": "acceptable"}}) for one in fathers]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in changed], version=2)
    found = await view(analytics)
    (father,) = (one for one in item_of(found, "flagging")["groups"] if one["group"] == "father")
    (elsewhere,) = (one for one in item_of(found, "describing")["groups"] if one["group"] == "father")
    assert father["suppressed"]
    assert "support" in elsewhere
    assert next(one["survey"] for one in found["coverage"] if one["group"] == "father") == "suppressed"


async def test_what_was_said_of_other_practices_is_no_coverage(analytics: Analytics) -> None:
    other = {"data_types": ["police_records"], "purpose": "crime_prevention", "recipient": ["police_force"]}
    found = await view(analytics, practice=other)
    assert {item["match"]["level"] for item in found["items"]} == {"proxy"}
    assert {(one["survey"], one["focus_groups"]) for one in found["coverage"]} == {("none", "none"), ("none", "not_coded")}
    said = missing(found)
    assert "nobody has been asked or heard about this practice or one near it" in said
    assert not [one for one in said if one.startswith(("no evidence from Place", "in no session"))]


async def test_talk_that_nobody_coded_is_not_silence(analytics: Analytics) -> None:
    analytics.hear_removal(registry.EXCERPT_UNCODED, "exc_d1")
    coverage = {one["label"]: one for one in (await view(analytics))["coverage"]}
    assert coverage["Family form: Lone parent"]["interviews"] == "not_coded"


async def test_no_evidence_from_lone_fathers(empty: Analytics) -> None:
    parents = [one for one in whole_study() if one[0] is not registry.RESPONSE_RECEIVED]
    empty.hear(*parents)
    answers = [parent(number) for number in range(600)]
    empty.hear(
        *[
            (registry.RESPONSE_RECEIVED, one)
            for one in answers
            if one.groups["family_form"] == "couple" or one.groups["gender"] == "mother"
        ]
    )
    assert any(
        "no evidence from Family form: Lone parent together with Gender: Father" in one for one in missing(await view(empty))
    )


async def test_what_is_missing_of_a_target_is_said_once_and_no_intersection_is_taken_apart(analytics: Analytics) -> None:
    island = {"intersection": [LONE_PARENT.model_dump(), {"variable": "place", "group": "island"}], "basis": "judgement"}
    fathers = {"intersection": [LONE_PARENT.model_dump(), FATHER.model_dump()], "basis": "judgement"}
    said = missing(await view(analytics, targets=[TARGET, island, fathers]))
    assert [one for one in said if "Place: Island" in one or "Gender: Father" in one] == [
        "no evidence from Family form: Lone parent and Place: Island",
        "Family form: Lone parent and Gender: Father were heard in no session",
        "in no session: Gender: Father; Place: Town; Place: Village; Place: Island",
    ]


async def test_terms_and_words_that_nobody_defined_are_named(analytics: Analytics) -> None:
    odd = FLAGGING.model_copy(update={"safeguards": ("magic",)}).model_dump(mode="json", exclude_defaults=True)
    analytics.hear((registry.RESPONSE_RECEIVED, parent(601, response="rsp_odd", groups={"family_form": "step"})))
    said = missing(await view(analytics, practice=odd))
    assert "the proposal uses terms that nobody has defined: magic" in said
    assert "a survey names groups that the study does not know: a word of family_form" in said
    assert "step" not in str(said)


async def test_responses_without_a_weight_are_left_out_and_mentioned(analytics: Analytics) -> None:
    analytics.hear((registry.RESPONSE_RECEIVED, parent(601, response="rsp_light", weight=None)))
    found = await view(analytics)
    assert item_of(found, "flagging")["base"] == 600
    assert "some responses of 2026 panel have no weight" in missing(found)


async def test_an_item_that_cannot_be_estimated_is_mentioned(analytics: Analytics) -> None:
    analytics.hear((registry.RESPONSE_RECEIVED, parent(601, response="rsp_odd", answers={"flagging": "purple"})))
    found = await view(analytics)
    assert ITEM not in [item["item"] for item in found["items"]]
    assert any("“flagging” of 2026 panel cannot be estimated" in one for one in missing(found))
    assert "purple" not in str(found)


async def test_a_study_that_has_said_nothing_has_insufficient_evidence(empty: Analytics) -> None:
    found = await view(empty)
    assert found["profile"]["reading"] == "insufficient_evidence"
    assert found["items"] == found["conditions"] == found["rationales"] == []
    assert {(one["survey"], one["focus_groups"], one["interviews"]) for one in found["coverage"]} == {("none", "none", "none")}
    assert {"no document has been read", "no survey item asks about this practice or one near it"} <= set(missing(found))


async def test_talk_without_a_practice_is_left_out_and_mentioned(analytics: Analytics) -> None:
    assert "some coded talk names no practice" not in missing(await view(analytics))
    analytics.hear(excerpt("exc_z", "ses_lone", "cod_fear", "reject", "par_b", practice=Practice()))
    found = await view(analytics)
    assert "exc_z" not in str(found["voices"])
    assert "some coded talk names no practice" in missing(found)


async def test_a_passage_without_a_practice_is_left_out_and_mentioned(analytics: Analytics) -> None:
    silent = Passage(study=STUDY, passage="psg_z", document="doc_a", code="cost", stance="for", practice=Practice(), start=1, end=2)
    analytics.hear((registry.PASSAGE_CODED, silent))
    found = await view(analytics)
    assert "psg_z" not in str(found["rationales"])
    assert "some coded passages name no practice" in missing(found)
