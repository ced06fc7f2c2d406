"""The record that goes with an output, and what has to be said beside a figure."""

import pytest

from assent_analytics.domain.distribution import Scale
from assent_analytics.domain.labels import labels, not_comparable
from assent_analytics.domain.manifest import Check, worst

OFFERED = Scale(options=("no", "yes"), supports=("yes",), opposes=("no",), dont_know="not_sure")
NOT_OFFERED = Scale(options=("no", "yes"), supports=("yes",), opposes=("no",))


def codes(**facts: object) -> list[str]:
    """The labels of a sound figure, but for some facts."""
    sound: dict[str, object] = {"sampling": "probability", "weighted": True, "n_effective": 500.0, "scale": OFFERED}
    return [label.code for label in labels(**{**sound, **facts})]  # type: ignore[arg-type]


def test_a_sound_figure_needs_no_label() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        ({"sampling": "quota"}, "non_probability"),
        ({"sampling": "opt_in"}, "non_probability"),
        ({"weighted": False}, "unweighted"),
        ({"n_effective": 60.0}, "small_base"),
        ({"scale": NOT_OFFERED}, "dont_know_not_offered"),
    ],
)
def test_what_weakens_a_figure_is_said_beside_it(fact: dict[str, object], code: str) -> None:
    assert codes(**fact) == [code]


def test_items_with_different_rules_for_dont_know_are_not_to_be_compared() -> None:
    (said,) = not_comparable({"a": "offered", "b": "not_offered"})
    assert said.what.startswith("b cannot be compared")
    assert not list(not_comparable({"a": "not_offered", "b": "not_offered"}))


@pytest.mark.parametrize(
    ("outcomes", "whole"), [((), "pass"), (("pass", "pass"), "pass"), (("pass", "review"), "review"), (("review", "fail"), "fail")]
)
def test_an_output_is_as_good_as_its_worst_check(outcomes: tuple[str, ...], whole: str) -> None:
    assert worst(Check(name="one", outcome=outcome, detail="…") for outcome in outcomes) == whole  # type: ignore[arg-type]
