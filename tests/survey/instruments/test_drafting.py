"""What a draft makes of questions that no instrument could hold: an item that can be kept, and a loss that says what gave way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.instruments.reading import coded, usable

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.sorted_options import Option

YES, NO = Option("1", "Yes"), Option("2", "No")
CODES = st.text(alphabet=st.sampled_from("12ab-. \0é"), max_size=4)


def draft(*questions: Question) -> Draft:
    drafting = Drafting()
    for each in questions:
        drafting.ask(each)
    return usable(drafting.draft("Title"))


def question(**given: Any) -> Question:
    return Question(**{"where": "here", "name": "q", "wording": "Asked?", "kind": "single", "options": (YES, NO), **given})


def losses(made: Draft) -> list[tuple[str, str | None]]:
    return [(loss.what, loss.kept) for loss in made.losses]


def test_a_choice_without_options_or_with_too_many_becomes_text() -> None:
    assert losses(draft(question(options=()))) == [("a choice without options", "open text")]
    many = tuple(Option(str(number), "x") for number in range(1001))
    assert draft(question(options=many)).items[0].kind == "text"
    missing = draft(question(options=(Option("9", "Missing", missing=True),)))
    assert losses(missing) == [("a choice whose options are all missing ones", "open text")]


def test_pictures_among_the_words_are_told() -> None:
    shown = [("a picture, a sound or a film among the words", None)]
    assert losses(draft(question(wording="What is this? <img src='a.png'>"))) == shown
    assert losses(draft(question(options=(Option("1", "<IMG src='a.png'>Left"), NO)))) == shown
    assert losses(draft(question(wording="<b>Is it <imagined>?</b>"))) == []


def test_what_only_words_tell_stays_where_too_little_of_the_scale_would_remain() -> None:
    given_or_refused = draft(question(options=(Option("1", "Given"), Option("2", "Refused"))))
    assert given_or_refused.items[0].options == ("1", "2")
    three = draft(question(options=(YES, NO, Option("3", "Refused"))))
    assert (three.items[0].options, three.items[0].missing.refused) == (("1", "2"), "3")


def test_several_missing_options_of_one_kind_share_a_code() -> None:
    made = draft(question(options=(YES, NO, Option("8", "Don't know"), Option("9", "Can't say"))))
    assert made.items[0].missing.dont_know == "8"
    assert coded(made, {"q": "9"}).missing == {"q": "dont_know"}


def test_a_missing_answer_without_a_reason_never_takes_the_code_of_one_with_a_reason() -> None:
    lost, refused = Option("-7", "Lost", missing=True), Option("-9", "Refusal", missing=True)
    assert draft(question(options=(lost, YES, NO, refused))).items[0].missing.refused == "-9"


def test_roles_that_an_instrument_has_once_or_not_at_all() -> None:
    first, second = (question(name=name, role="stratum") for name in ("a", "b"))
    made = draft(first, second, question(name="c", role="consent", supports=("5",)), question(name="w", role="weight"))
    assert [each.role for each in made.items] == ["stratum", "attitude", "attitude", "attitude"]
    assert losses(made)[0] == ("the role stratum, which an item has already", "an item of no role")


def test_consent_may_be_asked_for_several_times_and_is_given_by_giving_all() -> None:
    made = draft(*(question(name=name, role="consent", supports=("1",)) for name in ("a", "b")))
    assert [each.role for each in made.items] == ["consent", "consent"]
    assert coded(made, {"a": "1", "b": "1"}).consented
    assert not coded(made, {"a": "1", "b": "2"}).consented
    assert not coded(made, {"a": "1"}).consented


def test_what_befell_several_questions_alike_is_told_once_with_where() -> None:
    made = draft(*(question(name=f"q{number}", where=f"Q{number}", options=()) for number in range(3)))
    assert made.losses == (("Q0; Q1; Q2", "a choice without options", "open text"),)
    many = draft(*(question(name=f"q{number}", where=f"Q{number} " + "x" * 90, options=()) for number in range(9)))
    assert len(many.losses) == 1
    assert len(many.losses[0].where) <= 500
    assert many.losses[0].where.endswith("; and 4 more")


def test_two_questions_of_one_name_are_said_to_have_the_same_answers() -> None:
    made = draft(question(), question())
    assert [each.name for each in made.items] == ["q", "q_2"]
    assert losses(made) == [
        ("a name that another question has too: their answers cannot be told apart", "both with the same answers")
    ]


def test_an_answer_left_empty_may_stand_for_an_option() -> None:
    box = draft(question(options=(Option("Y", "Ticked"), Option("N", "Not ticked", names=("N", "")))))
    assert losses(box) == []
    assert coded(box, {"q": ""}).answers == {"q": "N"}
    assert coded(box, {"q": None}).missing == {"q": "refused"}


def test_texts_are_cut_and_said_to_be() -> None:
    long = Option("1", "l" * 600)
    made = draft(question(wording="w" * 5000, routing="r" * 5000, options=(long, NO)))
    asked = made.items[0]
    assert (len(asked.wording), len(asked.routing or ""), len(asked.scale[0].label)) == (4000, 4000, 500)
    assert [kept for _, kept in losses(made)] == ["its first 500", "its first 4000"]


def test_a_file_without_one_item_is_refused_with_what_it_had() -> None:
    drafting = Drafting()
    drafting.lose("QID1", "a picture")
    with pytest.raises(UnreadableInstrument, match="QID1: a picture"):
        drafting.draft("Title")


@given(
    st.lists(
        st.builds(
            Question,
            where=st.text(max_size=5),
            name=st.text(max_size=70),
            wording=st.text(max_size=20),
            kind=st.sampled_from(["single", "multiple", "number", "text"]),
            field=st.none() | CODES,
            options=st.lists(
                st.builds(
                    Option,
                    CODES,
                    st.sampled_from(["", "Yes", "No", "Refused", "Don't know", "<b>x</b>"]),
                    st.lists(CODES, max_size=2).map(tuple),
                    st.dictionaries(st.sampled_from(["de", "EN", "en", "?", "pt_BR"]), st.text(max_size=4), max_size=2),
                    st.booleans(),
                ),
                max_size=5,
            ),
            role=st.sampled_from(["attitude", "consent", "weight", "stratum", "cluster", "demographic"]),
            supports=st.lists(CODES, max_size=2).map(tuple),
            low=st.none() | st.floats(),
            high=st.none() | st.floats(),
            translations=st.dictionaries(st.sampled_from(["de", "EN", "en", "?", "pt_BR"]), st.text(max_size=4), max_size=3),
            routing=st.none() | st.text(max_size=5),
            section=st.none() | st.text(max_size=5),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_questions_make_an_instrument_that_can_be_published(questions: list[Question]) -> None:
    made = draft(*questions)
    assert len(made.items) == len(questions)
