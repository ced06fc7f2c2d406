"""Identifiers are ULIDs behind the name of a kind."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as any_of
from ulid import ULID

from assent_kit.identifiers import new_id, new_ids


@given(milliseconds=any_of.integers(0, 2**48 - 1))
def test_an_identifier_holds_the_millisecond_of_its_making(milliseconds: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "time_ns", lambda: milliseconds * 1_000_000 + 999_999)
        made = [new_id("rsp"), *new_ids("rsp", 2)]
    assert {name.partition("_")[0] for name in made} == {"rsp"}
    assert {ULID.from_str(name.partition("_")[2]).milliseconds for name in made} == {milliseconds}


def test_many_are_different_and_in_order() -> None:
    made = new_ids("dlv", 5000)
    assert sorted(set(made)) == made
    assert len(made) == 5000
    assert new_ids("dlv", 0) == []
