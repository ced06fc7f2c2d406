"""Which groups are judged together: variables that some intersection joins, directly or through others."""

from assent_analytics.service.regions import Regions
from assent_contracts.groups import GroupRef


def groups(variable: str) -> tuple[tuple[GroupRef, ...], ...]:
    """A variable with two groups."""
    return tuple((GroupRef(variable=variable, group=group),) for group in ("one", "two"))


def crossing(*variables: str) -> tuple[GroupRef, ...]:
    """An intersection of the first groups of some variables."""
    return tuple(GroupRef(variable=variable, group="one") for variable in variables)


FORM, GENDER, PLACE, AGE = (groups(name) for name in ("form", "gender", "place", "age"))


def test_without_intersections_every_variable_is_judged_alone() -> None:
    assert Regions(groups=(FORM, GENDER)).joined() == [Regions(groups=(FORM,)), Regions(groups=(GENDER,))]


def test_an_intersection_joins_its_variables_and_a_second_one_a_third() -> None:
    first, second = crossing("form", "gender"), crossing("gender", "place")
    alone, together = Regions(groups=(FORM, GENDER, PLACE, AGE), intersections=(first, second)).joined()
    assert alone == Regions(groups=(AGE,))
    assert set(together.groups) == {FORM, GENDER, PLACE}
    assert together.intersections == (first, second)


def test_nothing_is_lost() -> None:
    regions = Regions(groups=(FORM, GENDER, PLACE), intersections=(crossing("form", "place"),))
    assert sorted(map(str, regions.everyone())) == sorted(str(who) for part in regions.joined() for who in part.everyone())
