"""Identifiers are ULIDs behind the name of a kind, and sort in the order in which they were made."""

from ulid import ULID

from assent_kit.identifiers import new_id, new_ids


def test_what_is_made_one_after_the_other_sorts_so() -> None:
    made = [new_id("dlv") for _ in range(5000)]
    assert sorted(set(made)) == made
    first, last = (ULID.from_str(name.removeprefix("dlv_")) for name in (made[0], made[-1]))
    assert 0 <= last.milliseconds - first.milliseconds < 5000  # so that many of them share a millisecond


def test_many_at_once_are_different_and_in_order() -> None:
    made = new_ids("dlv", 5000)
    assert sorted(set(made)) == made
    assert len(made) == 5000
    assert new_ids("dlv", 0) == []
