"""The reading says how often it stays when something is decided otherwise, and what it would be instead."""

from collections.abc import Callable

from tests.analytics.conftest import Analytics
from tests.analytics.parents import collection, parent, whole_study
from tests.analytics.seeing import view

from assent_contracts import registry
from assent_contracts.events.survey import Response


def study_where(says: Callable[[int], str], *, weights: Callable[[int], float] = lambda _: 1.0) -> list[tuple[object, object]]:
    """The whole study, but parents answer and weigh as told, and lone parents reject it in one session only."""
    events: list[tuple[object, object]] = []
    for event, state in whole_study(0):
        if getattr(state, "session", "") == "ses_alone":
            continue
        events.append((event, collection(weight="w")) if event is registry.COLLECTION_CLOSED else (event, state))
    for number in range(600):
        answers = dict.fromkeys(("flagging", "describing", "intervening", "migration"), says(number))
        groups = {
            "family_form": "couple" if number % 4 else "lone_parent",
            "gender": "mother" if number % 2 else "father",
            "place": ("town", "village", "island")[number % 3],
        }
        changed: Response = parent(number, answers=answers, weight=weights(number), groups=groups)
        events.append((registry.RESPONSE_RECEIVED, changed))
    return events


async def test_what_changes_nothing_is_not_counted(empty: Analytics) -> None:
    empty.hear(*study_where(lambda number: "unacceptable" if number * 37 % 100 < 10 else "acceptable"))  # type: ignore[arg-type]
    profile = (await view(empty))["profile"]
    assert profile["reading"] == "supported_with_conditions"
    # Two majorities, a laxer level, and one item left out; nobody says don't know and all weights are equal.
    assert profile["robustness"] == {
        "same": 3,
        "of": 4,
        "differs": {"without “flagging” of 2026 panel": "insufficient_evidence"},
    }


async def test_a_narrow_majority_hangs_on_where_the_line_is_drawn(empty: Analytics) -> None:
    empty.hear(
        *study_where(
            lambda number: "acceptable" if number * 37 % 100 < 59 else "not_sure" if number * 37 % 100 < 85 else "unacceptable"
        )
    )  # type: ignore[arg-type]
    profile = (await view(empty))["profile"]
    assert profile["robustness"]["of"] == 5
    assert profile["robustness"]["differs"]["a majority of 55%"] == "insufficient_evidence"


async def test_weights_that_carry_the_reading_are_seen(empty: Analytics) -> None:
    """Most refuse, and those who accept weigh four times as much."""

    def accepts(number: int) -> bool:
        return number * 37 % 100 < 40

    empty.hear(
        *study_where(  # type: ignore[arg-type]
            lambda number: "acceptable" if accepts(number) else "unacceptable",
            weights=lambda number: 4.0 if accepts(number) else 1.0,
        )
    )
    profile = (await view(empty))["profile"]
    assert profile["reading"] != "withheld_by_named_groups"
    assert profile["robustness"]["differs"]["without weights"] == "withheld_by_named_groups"


async def test_one_in_k_adds_up(analytics: Analytics) -> None:
    found = (await view(analytics))["profile"]["robustness"]
    assert found["same"] + len(found["differs"]) == found["of"]
    assert found["of"] >= 5
