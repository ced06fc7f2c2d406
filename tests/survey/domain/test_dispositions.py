"""Cases and their dispositions: every case once, and the line between a partial interview and a break-off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_survey.domain.coding import Coded
from assent_survey.domain.dispositions import REACHED, Cases, farthest, reached_by, share_answered
from assent_survey.domain.response_rates import DISPOSITIONS

numbers = st.integers(0, 1000)
every_case = st.builds(
    Cases,
    responses=st.dictionaries(st.sampled_from(REACHED), numbers),
    silent=st.dictionaries(st.sampled_from([None, "R", "NC", "NE"]), numbers),
    withdrawn=numbers,
    reported=st.dictionaries(st.sampled_from(DISPOSITIONS), numbers),
    issued=st.none() | st.integers(0, 20_000),
)


def coded(answered: int, broken_off: int, *, consented: bool = True) -> Coded:
    answers = {f"a{number}": "x" for number in range(answered)}
    return Coded(answers=dict(answers), missing={f"b{number}": "break_off" for number in range(broken_off)}, consented=consented)


@given(every_case)
def test_every_case_is_counted_once(cases: Cases) -> None:
    assert sum(cases.by_disposition().values()) == max(cases.accounted, cases.issued or 0)


@pytest.mark.parametrize(
    ("answers", "complete", "reached"),
    [
        (coded(5, 0), True, "complete"),
        (coded(5, 0, consented=False), True, "declined"),
        (coded(5, 5), False, "partial"),
        (coded(4, 5), False, "break_off"),
        (coded(9, 1, consented=False), False, "break_off"),
        (coded(0, 0), False, "break_off"),
    ],
)
def test_how_far_somebody_came(answers: Coded, complete: bool, reached: str) -> None:
    assert reached_by(answers, complete=complete, partial_share=0.5) == reached


def test_dont_know_is_an_answer_and_what_did_not_apply_is_no_question() -> None:
    said = Coded(answers={"a": "x"}, missing={"b": "dont_know", "c": "refused", "d": "not_asked", "e": "break_off"})
    assert share_answered(said) == pytest.approx(3 / 4)


def test_somebody_with_several_responses_came_as_far_as_the_farthest() -> None:
    assert farthest(["break_off", "complete", "declined"]) == "complete"


def test_whether_it_is_known_how_many_were_asked() -> None:
    assert not Cases(responses={"complete": 3}).base_known
    assert Cases(issued=0).base_known
    assert Cases(responses={"complete": 1}, tokens=1).base_known
    assert Cases(reported={"NC": 1}).base_known
