"""A study's groups: one word names one category, whichever strand says it."""

from typing import Any

import pytest
from pydantic import ValidationError

from assent_contracts.groups import GroupRef, GroupScheme

SCHEME = GroupScheme.model_validate(
    {
        "variables": [
            {
                "variable": "lone_parent",
                "label": "Family form",
                "categories": [
                    {"group": "lone", "label": "lone parent", "aliases": ["1", "yes"]},
                    {"group": "couple", "label": "couple", "aliases": ["2"]},
                ],
            },
            {"variable": "gender", "label": "Gender", "categories": [{"group": "woman", "label": "woman", "aliases": ["1"]}]},
        ]
    }
)
LONE = GroupRef(variable="lone_parent", group="lone")


@pytest.mark.parametrize("word", ["lone", "1", "yes"])
def test_a_category_is_found_by_its_name_and_its_aliases(word: str) -> None:
    assert SCHEME.resolve("lone_parent", word) == LONE


def test_a_word_belongs_to_its_variable_and_is_taken_as_it_stands() -> None:
    assert SCHEME.resolve("gender", "1") == GroupRef(variable="gender", group="woman")
    assert [SCHEME.resolve("gender", "2"), SCHEME.resolve("lone_parent", "Yes"), SCHEME.resolve("age", "1")] == [None] * 3


def test_words_that_nobody_defined_are_left_out() -> None:
    assert SCHEME.resolve_all({"lone_parent": "yes", "gender": "?", "age": "30"}) == {"lone_parent": "lone"}


def test_a_group_has_a_name_for_people_even_when_the_scheme_does_not_know_it() -> None:
    assert SCHEME.label(LONE) == "Family form: lone parent"
    assert SCHEME.label(GroupRef(variable="age", group="young")) == "age: young"


def variable(name: str, *categories: dict[str, Any]) -> dict[str, Any]:
    return {"variable": name, "label": name, "categories": [{"label": "x", **category} for category in categories]}


@pytest.mark.parametrize(
    "variables",
    [
        [variable("a", {"group": "b"}, {"group": "b"})],
        [variable("a", {"group": "b", "aliases": ["1"]}, {"group": "c", "aliases": ["1"]})],
        [variable("a", {"group": "b"}, {"group": "c", "aliases": ["b"]})],
        [variable("a", {"group": "b"}), variable("a", {"group": "c"})],
        [variable("a")],
        [variable("Not a term", {"group": "b"})],
    ],
)
def test_a_scheme_in_which_a_word_has_two_meanings_is_refused(variables: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        GroupScheme.model_validate({"variables": variables})
