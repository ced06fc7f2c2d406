"""Whose words stand in the evidence view, and what stands beside them."""

from tests.analytics.conftest import Analytics
from tests.analytics.parents import (
    DESCRIBING,
    INTERVENING,
    excerpt,
    participant,
    whole_study,
)
from tests.analytics.seeing import missing, view

from assent_contracts import registry
from assent_contracts.practice import Practice


async def test_quotations_and_counter_quotations(analytics: Analytics) -> None:
    voices = (await view(analytics))["voices"]
    assert {one["stance"] for one in voices["quotations"]} == {"reject"}
    assert [one["excerpt"] for one in voices["counter_quotations"]] == ["exc_c1"]
    assert voices["counter_quotations"][0]["text"] == "words of exc_c1"
    assert voices["counter_quotations"][0]["session_kind"] == "focus_group"
    assert voices["counter_quotations"][0]["consent"] == {"form_version": ["v2"]}
    assert voices["counter_quotations"][0]["cohort"] == "Family form: Couple; Gender: Mother"
    assert voices["searched"]["sessions"] == 3
    assert voices["available"] is True
    assert set(voices["not_quotable"].values()) == {"under_10"}


async def test_one_person_is_not_quoted_again_and_again(analytics: Analytics) -> None:
    quoted = [one["excerpt"] for one in (await view(analytics))["voices"]["quotations"]]
    assert len([name for name in quoted if name.startswith("exc_a")]) == 2
    assert "exc_b1" in quoted


async def test_nothing_joins_two_quotations_of_a_person(analytics: Analytics) -> None:
    found = await view(analytics)
    text = str(found)
    assert not any(name in text for name in ("par_a", "par_b", "par_c", "ses_lone", "ses_couples", "coh_lone", "rsp_", "res_"))


async def test_who_has_not_agreed_to_be_quoted_is_not(analytics: Analytics) -> None:
    text = str(await view(analytics))
    assert "exc_d1" not in text


async def test_everyone_who_speaks_must_agree(analytics: Analytics) -> None:
    analytics.hear(excerpt("exc_both", "ses_lone", "cod_fear", "reject", "par_b", speakers=("par_b", "par_d")))
    assert "exc_both" not in str(await view(analytics))


async def test_an_excerpt_without_a_known_speaker_is_not_quoted(analytics: Analytics) -> None:
    analytics.hear(excerpt("exc_nobody", "ses_lone", "cod_fear", "reject", "par_unknown"))
    assert "exc_nobody" not in str(await view(analytics))


async def test_consent_taken_back_takes_the_quotation_back(analytics: Analytics) -> None:
    assert "exc_c1" in str(await view(analytics))
    analytics.hear(participant("par_c", "couple", ("take_part",)), version=2)
    found = await view(analytics)
    assert "exc_c1" not in str(found)
    assert found["voices"]["counter_quotations"] == []
    assert "counter-quotations found: none" in found["voices"]["searched"]["sentence"]


async def test_what_the_owner_does_not_hand_over_is_not_quoted(analytics: Analytics) -> None:
    analytics.owners["qual"].withheld.add("exc_c1")
    assert (await view(analytics))["voices"]["counter_quotations"] == []


async def test_a_rare_combination_does_not_stand_beside_a_quotation(empty: Analytics) -> None:
    empty.hear(*whole_study(parents=12))
    voices = (await view(empty))["voices"]
    assert voices["quotations"]
    assert all("cohort" not in one for one in voices["quotations"])


async def test_two_quotations_of_one_interview_do_not_share_a_cohort(analytics: Analytics) -> None:
    analytics.hear(participant("par_d", "lone_parent", ("take_part", "quote")), version=2)
    assert await _cohorts(analytics, "exc_d") == ["Family form: Lone parent; Gender: Mother"]
    analytics.hear(excerpt("exc_d2", "ses_alone", "cod_help", "accept", "par_d"))
    assert await _cohorts(analytics, "exc_d") == [None, None]
    assert None not in await _cohorts(analytics, "exc_a")


async def _cohorts(analytics: Analytics, excerpts: str) -> list[str | None]:
    """The cohorts that stand beside the quotations of these excerpts."""
    voices = (await view(analytics))["voices"]
    quoted = [*voices["quotations"], *voices["counter_quotations"]]
    return [one.get("cohort") for one in quoted if one["excerpt"].startswith(excerpts)]


async def test_texts_are_asked_for_once_as_the_caller_and_for_quoting(analytics: Analytics) -> None:
    await view(analytics)
    ((passages, token),) = analytics.owners["ingest"].asked
    ((excerpts, same),) = analytics.owners["qual"].asked
    assert token.startswith("Bearer ey")
    assert token == same
    assert excerpts["use"] == "quote"
    assert set(excerpts["ids"]) == {"exc_c1", "exc_b1", *[name for name in excerpts["ids"] if name.startswith("exc_a")]}
    assert set(passages["ids"]) == {"psg_a", "psg_b"}


async def test_the_refusal_of_a_milder_practice_in_talk_is_heard(analytics: Analytics) -> None:
    for name in ("exc_a1", "exc_a2", "exc_a3", "exc_b1"):
        analytics.hear_removal(registry.EXCERPT_UNCODED, name)
    analytics.hear(excerpt("exc_mild", "ses_lone", "cod_fear", "reject", "par_a", practice=DESCRIBING))
    assert (await view(analytics))["targets"][0]["heard_in"]["focus_groups"] == 1
    analytics.hear_removal(registry.EXCERPT_UNCODED, "exc_mild")
    analytics.hear(excerpt("exc_harsh", "ses_lone", "cod_fear", "reject", "par_a", practice=INTERVENING))
    assert (await view(analytics))["targets"][0]["heard_in"]["focus_groups"] == 0


async def test_what_families_say_is_held_about_them(analytics: Analytics) -> None:
    assert (await view(analytics))["held_data"] == []
    for name, session, person in (
        ("exc_h1", "ses_lone", "par_a"),
        ("exc_h2", "ses_lone", "par_b"),
        ("exc_h3", "ses_alone", "par_d"),
    ):
        analytics.hear(excerpt(name, session, "cod_file", "ambivalent", person, practice=Practice()))
    held = (await view(analytics))["held_data"]
    assert held == [{"code": "cod_file", "label": "The file at school", "data_types": ["School records"], "sessions": 2}]


async def test_the_words_of_a_moderator_are_nobodys_evidence(empty: Analytics) -> None:
    empty.hear(*[one for one in whole_study(parents=0) if one[0] is not registry.EXCERPT_CODED])
    event, state = excerpt("exc_m", "ses_lone", "cod_help", "accept", "par_a")
    empty.hear((event, state.model_copy(update={"participant": None, "speakers": ()})))
    found = await view(empty)
    assert found["targets"][0]["heard_in"] == {"focus_groups": 0, "interviews": 0}
    assert found["voices"]["quotations"] == []
    assert "some coded talk is bound to no participant" in missing(found)
