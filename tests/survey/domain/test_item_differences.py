"""What is different between two lists of items, and what stays of what a researcher had stated."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assent_contracts.practice import Practice
from assent_survey.domain.instrument import Item
from assent_survey.domain.item_differences import item_differences, with_what_was_stated

SCALE = ({"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"})


def asked(name: str = "link", **changes: Any) -> Item:
    return Item.model_validate({"name": name, "wording": "Link?", "kind": "single", "scale": SCALE, **changes})


def test_items_that_came_went_or_changed() -> None:
    before = [asked("a"), asked("b"), asked("c")]
    after = [asked("b", wording="Link them?", routing="${a} = 1"), asked("d"), asked("a")]
    found = item_differences(before, after)
    assert [(each.name, each.happening) for each in found] == [("c", "removed"), ("b", "changed"), ("d", "added"), ("a", "changed")]
    assert [tuple(part) for part in found[1].parts] == [
        ("wording", "Link?", "Link them?"),
        ("routing", None, "${a} = 1"),
        ("place", 2, 1),
    ]
    assert [tuple(part) for part in found[3].parts] == [("place", 1, 2)]


def test_a_scale_is_told_whole() -> None:
    (found,) = item_differences([asked()], [asked(scale=SCALE[:1])])
    assert [(part.what, part.before, part.after) for part in found.parts] == [("scale", list(SCALE), list(SCALE[:1]))]


def test_what_was_stated_stays_where_it_fits() -> None:
    stated = asked(supports=["yes"], opposes=["no"], practice={"operation": "link"})
    (kept,) = with_what_was_stated([asked(wording="May they link?")], [stated])
    assert (kept.wording, kept.supports, kept.practice) == ("May they link?", ("yes",), Practice(operation="link"))
    (other,) = with_what_was_stated([asked(scale=SCALE[1:])], [stated])
    assert (other.supports, other.practice) == ((), Practice())
    assert with_what_was_stated([asked("new")], [stated]) == (asked("new"),)


NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(NAMES, NAMES)
def test_any_two_lists(before: list[str], after: list[str]) -> None:
    found = item_differences([asked(name) for name in before], [asked(name) for name in after])
    assert {each.name for each in found if each.happening == "added"} == set(after) - set(before)
    assert {each.name for each in found if each.happening == "removed"} == set(before) - set(after)
    assert bool(found) == (before != after)
