"""What forbids a comparison of two measurements, and what is said beside one."""

from typing import Any

import pytest

from assent_analytics.domain.comparability import Measurement, comparability
from assent_contracts.events.survey import Collection, Item, Option

ITEM = Item(
    name="q1",
    wording="How acceptable is it to you?",
    kind="single",
    role="attitude",
    scale=tuple(
        Option(option=code, label=label) for code, label in zip("1239", ("No", "If asked", "Yes", "Don't know"), strict=True)
    ),
    supports=("3",),
    conditional=("2",),
    opposes=("1",),
    dont_know="9",
)


def _collection(name: str, **other: Any) -> Collection:
    facts: dict[str, Any] = {
        "id": f"col_{name}",
        "study": "std_1",
        "version": 1,
        "collection": name,
        "instrument": "ins_1",
        "number": 1,
        "state": "closed",
        "wave": name,
        "population": "parents",
        "sampling": "probability",
        "mode": "web",
        "fieldwork_from": f"2026-0{name}-01",
    }
    return Collection.model_validate(facts | other)


FIRST = Measurement.of(ITEM, _collection("1"))


def _later(item: dict[str, Any] | None = None, **collection: Any) -> Measurement:
    return Measurement.of(ITEM.model_copy(update=item or {}), _collection(**({"name": "2"} | collection)))


def test_the_same_question_put_in_the_same_way_is_comparable() -> None:
    found = comparability(FIRST, _later())
    assert found.comparable
    assert (found.reasons, found.cautions) == ((), ())
    assert FIRST.options == ("No", "If asked", "Yes")


@pytest.mark.parametrize(
    ("item", "collection", "reason"),
    [
        ({}, {"name": "1"}, "same_collection"),
        ({}, {"state": "open"}, "open_collection"),
        ({"wording": "How unacceptable is it to you?"}, {}, "different_wording"),
        ({"kind": "multiple"}, {}, "different_kind"),
        (
            {"scale": (*ITEM.scale[:2], Option(option="3", label="Always"), ITEM.scale[3]), "supports": ("3",)},
            {},
            "different_options",
        ),
        ({"supports": ("2", "3"), "conditional": ()}, {}, "different_meaning"),
        ({"dont_know": None, "scale": ITEM.scale[:3]}, {}, "different_dont_know_rule"),
        ({}, {"mode": "telephone"}, "different_mode"),
        ({}, {"population": "parents of under-fives"}, "different_population"),
    ],
)
def test_what_forbids_a_comparison(item: dict[str, Any], collection: dict[str, Any], reason: str) -> None:
    assert reason in comparability(FIRST, _later(item, **collection)).reasons


@pytest.mark.parametrize(
    ("collection", "cautions"),
    [
        ({"sampling": "quota"}, ("different_sampling", "not_a_probability_sample")),
        ({"frame": "school register"}, ("different_frame",)),
        ({"weight": "w"}, ("weighted_and_unweighted",)),
        ({"fieldwork_from": "2025-12-01"}, ("not_in_order_of_time",)),
        ({"fieldwork_from": None}, ()),
    ],
)
def test_what_is_said_beside_a_comparison(collection: dict[str, Any], cautions: tuple[str, ...]) -> None:
    found = comparability(FIRST, _later(**collection))
    assert found.comparable
    assert found.cautions == cautions


def test_two_quota_samples_carry_their_label() -> None:
    quota = [_later(sampling="quota", name=name) for name in "12"]
    assert comparability(*quota).cautions == ("not_a_probability_sample",)


def test_spaces_and_the_case_of_labels_do_not_matter() -> None:
    item = {
        "wording": " How acceptable  is it to you?",
        "scale": tuple(one.model_copy(update={"label": one.label.upper()}) for one in ITEM.scale),
    }
    assert comparability(FIRST, _later(item, mode=" Web ")).comparable


def test_a_dont_know_option_is_a_rule_not_a_scale_point() -> None:
    """Leaving it out changes the rule only: the scale of answers is the same."""
    found = comparability(FIRST, _later({"dont_know": None, "scale": ITEM.scale[:3]}))
    assert found.reasons == ("different_dont_know_rule",)
