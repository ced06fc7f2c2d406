"""The smaller rules: outcomes of answers, settings, conditions, coverage, Holm and the sentences about what is missing."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_analytics.domain import missing
from assent_analytics.domain.conditions import met_by
from assent_analytics.domain.coverage import survey_coverage, talk_coverage
from assent_analytics.domain.distribution import Answers, Scale, outcome_of
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.multiplicity import holm
from assent_analytics.domain.settings import EvidenceSettings
from assent_contracts.events.survey import Item, Option
from assent_contracts.practice import Practice

ITEM = Item(
    name="q1",
    wording="How acceptable is it?",
    kind="single",
    role="attitude",
    scale=tuple(Option(option=name, label=name) for name in ("never", "with_consent", "always", "dk", "rf")),
    supports=("always",),
    conditional=("with_consent",),
    opposes=("never",),
    dont_know="dk",
    refused="rf",
)
SCALE = Scale.of(ITEM)


def test_a_scale_keeps_dont_know_and_refused_apart_from_its_options() -> None:
    assert SCALE.options == ("never", "with_consent", "always")
    assert SCALE.outcomes == ("never", "with_consent", "always", "dont_know", "refused", "break_off")
    assert SCALE.upwards
    assert not Scale(("always", "never"), supports=("always",), opposes=("never",)).upwards


@pytest.mark.parametrize(
    ("answer", "why", "complete", "outcome"),
    [
        ("always", None, True, "always"),
        ("dk", None, True, "dont_know"),
        ("rf", None, True, "refused"),
        (None, "dont_know", True, "dont_know"),
        (None, "refused", True, "refused"),
        (None, "break_off", True, "break_off"),
        (None, "not_asked", True, None),
        (None, None, True, "refused"),
        (None, None, False, "break_off"),
    ],
)
def test_outcomes(answer: str | None, why: str | None, complete: bool, outcome: str | None) -> None:
    assert outcome_of(SCALE, answer, why, complete=complete) == outcome


def test_an_answer_off_the_scale_is_refused() -> None:
    with pytest.raises(CannotEstimate, match="not on the scale"):
        outcome_of(SCALE, "perhaps", None, complete=True)


def test_everyone_asked_is_counted_and_each_leaning_kept_apart() -> None:
    answers = Answers.of(SCALE, ["never", "with_consent", "always", "always", "dont_know", "refused", "break_off", None])
    assert answers.asked.sum() == 7
    assert answers.counts() == {"never": 1, "with_consent": 1, "always": 2, "dont_know": 1, "refused": 1, "break_off": 1}
    assert np.flatnonzero(answers.supports).tolist() == [1, 2, 3]
    assert np.flatnonzero(answers.unconditional).tolist() == [2, 3]
    assert np.flatnonzero(answers.opposes).tolist() == [0]
    assert np.flatnonzero(answers.dont_know).tolist() == [4]


def test_settings_have_defaults_and_refuse_nonsense() -> None:
    assert EvidenceSettings.of({"alpha": 0.1}) == EvidenceSettings(alpha=0.1)
    assert EvidenceSettings().as_dict() == {
        "majority": 0.5, "alpha": 0.05, "sizeable": 0.25, "material_gap": 0.1, "name_base": 30,
        "minimum_effective_base": 200, "dont_know_ceiling": 0.33, "maximum_age": 36, "blocking_sessions": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {"majority": 1.0},
        {"alpha": 0.6},
        {"alpha": True},
        {"name_base": 9},
        {"blocking_sessions": 0},
        {"maximum_age": 1.5},
        {"colour": 1},
    ],
)
def test_settings_that_make_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(CannotEstimate) as refused:
        EvidenceSettings.of(values)
    assert refused.value.code == "bad_setting"


@pytest.mark.parametrize(
    ("proposal", "condition", "met"),
    [
        (Practice(transmission_principle="consent"), Practice(transmission_principle="consent"), "yes"),
        (Practice(transmission_principle="notice"), Practice(transmission_principle="consent"), "no"),
        (Practice(), Practice(transmission_principle="consent"), "unknown"),
        (Practice(safeguards=("bias_audit", "human_decision")), Practice(safeguards=("human_decision",)), "yes"),
        (Practice(safeguards=("bias_audit",)), Practice(safeguards=("human_decision",)), "no"),
        (Practice(recipient=("childrens_services",)), Practice(recipient=("childrens_services", "education")), "yes"),
        (Practice(recipient=("private_company",)), Practice(recipient=("childrens_services",)), "no"),
        (Practice(setting="research"), Practice(setting="research", transmission_principle="consent"), "unknown"),
        (Practice(setting="operational"), Practice(setting="research", transmission_principle="consent"), "no"),
        (Practice(setting="research"), None, "unknown"),
        (Practice(setting="research"), Practice(), "unknown"),
    ],
)
def test_conditions(proposal: Practice, condition: Practice | None, met: str) -> None:
    assert met_by(proposal, condition) == met


def test_coverage() -> None:
    assert [survey_coverage(base, shown) for base, shown in [(0, False), (40, False), (29, True), (30, True)]] == [
        "none", "suppressed", "small", "reliable",
    ]  # fmt: skip
    assert [talk_coverage(*counts) for counts in [(0, 0), (2, 0), (2, 1), (3, 2)]] == ["none", "not_coded", "small", "reliable"]


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.6, 0.9]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.001, 0.2))
def test_holm_rejects_what_stepping_down_rejects(values: list[float], alpha: float) -> None:
    rejected = [p < alpha for p in holm(values)]
    for rank, place in enumerate(sorted(range(len(values)), key=lambda at: values[at])):
        if values[place] * (len(values) - rank) >= alpha:
            assert not rejected[place]
            break
        assert rejected[place]


def test_what_is_missing_is_said_with_why_it_matters() -> None:
    assert missing.no_evidence_from("lone fathers").what == "no evidence from lone fathers"
    assert "30" in missing.target_unmeasured("lone fathers", 30).what
    said = [missing.target_unheard("lone fathers"), missing.no_targets(), missing.no_item(), missing.unknown_terms("item q1", ["x"]),
            missing.unknown_groups("responses", ["y"]), missing.texts_away("qual")]  # fmt: skip
    assert all(one.what and one.why_it_matters for one in said)


def test_samples_not_drawn_at_random_carry_their_label() -> None:
    assert missing.caveat("probability") is None
    assert "quota" in str(missing.caveat("quota"))
    assert "opt-in" in str(missing.caveat("opt_in"))
