"""What is left of a parent who has withdrawn: nothing in the columns, the caches or the files, and nothing new in what was released."""

from pathlib import Path
from typing import Any

from tests.analytics.conftest import Analytics
from tests.analytics.parents import ITEM, collection, parent
from tests.analytics.seeing import missing
from tests.analytics.test_proposals import make
from tests.analytics.test_releases import release, seen

from assent_analytics.service.evidence.absences import FEW_ASKED
from assent_analytics.service.fill_blocks import fill_next
from assent_analytics.service.forget_withdrawn import ForgetWithdrawn
from assent_contracts import registry

NUMBER = 7
TOKEN = f"res_{NUMBER:04}".encode()
WORD = "a place that nobody else names"


def files(analytics: Analytics) -> bytes:
    """All bytes that the database keeps."""
    database = Path(analytics.url.removeprefix("sqlite:///"))
    return b"".join(one.read_bytes() for one in database.parent.glob(f"{database.name}*") if not one.name.endswith("-shm"))


async def bases(analytics: Analytics) -> int:
    found: dict[str, Any] = (await analytics.get("/bases"))["items"][0]
    count: int = found["respondents"]
    return count


async def test_no_byte_of_them_is_left_and_no_figure_counts_them(analytics: Analytics) -> None:
    forget = ForgetWithdrawn()
    groups = {**parent(NUMBER).groups, "place": WORD}
    analytics.hear((registry.RESPONSE_CORRECTED, parent(NUMBER, groups=groups)), version=2)
    while fill_next(analytics.database, None):
        pass
    assert await bases(analytics) == 600
    forget(analytics.database, None)
    assert TOKEN in files(analytics)
    assert WORD.encode() in files(analytics)
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, f"rsp_{NUMBER:04}", version=3)
    assert forget(analytics.database, None)
    assert TOKEN not in files(analytics)
    assert WORD.encode() not in files(analytics)
    assert await bases(analytics) == 599
    (sample,) = [kept.sample for kept in analytics.app.state.samples._kept.values()]
    assert sample.rows == 599
    assert not forget(analytics.database, None), "nobody has left since"


async def test_neither_what_viewers_read_nor_what_they_may_ask_for_moves_with_one_parent(analytics: Analytics) -> None:
    proposal = await make(analytics)
    await release(analytics, proposal)
    paths = [f"/estimates?item={ITEM}&by=family_form&by=gender&by=place", "/bases", f"/proposals/{proposal}/evidence/versions/1"]
    before = [await analytics.get(path, role="viewer") for path in paths]
    view = await seen(analytics, proposal)
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, f"rsp_{NUMBER:04}")
    assert [await analytics.get(path, role="viewer") for path in paths] == before
    again = await release(analytics, proposal)
    assert all(table["repeats"] for table in again["tables"])
    assert again["manifest"]["data"] == (await analytics.get("/releases", role="viewer"))["items"][0]["manifest"]["data"]
    after = await seen(analytics, proposal)
    assert [await analytics.get(path, role="viewer") for path in paths[1:]] == before[1:]
    for name in ("profile", "targets", "coverage"):
        assert after[name] == view[name]
    assert after["consent"]["responses"] == view["consent"]["responses"]
    moved = {name for item in after["items"] for name in item if name != "repeats" and item[name] != _same(view, item)[name]}
    assert not moved


async def test_how_raking_went_does_not_tell_the_groups_of_whoever_left(analytics: Analytics) -> None:
    """A factor is a group's known share over its share of those who answered: of two releases it would be off by one person."""
    analytics.hear(
        (registry.COLLECTION_CLOSED, collection(weight=None, margins={"gender": {"mother": 0.5, "father": 0.5}})), version=2
    )
    proposal = await make(analytics)
    await release(analytics, proposal)
    (first,) = (await seen(analytics, proposal))["recipe"]["collections"]
    assert first["weighting"]["largest_factor"] > 1.0
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, f"rsp_{NUMBER:04}")
    for later in (proposal, await make(analytics, title="Another one")):
        await release(analytics, later)
        (second,) = (await seen(analytics, later))["recipe"]["collections"]
        assert set(second["weighting"]) == {"method", "margins", "not_stated", "variance"}


async def test_that_few_of_a_crossing_were_asked_is_not_news_of_one_parent(analytics: Analytics) -> None:
    """Ten lone fathers were asked, and one of them leaves: that fewer than ten were asked would say that nine are left."""
    lone_fathers = range(0, 600, 12)
    others = [parent(number, groups={**parent(number).groups, "gender": "mother"}) for number in lone_fathers[10:]]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in others], version=2)
    proposal = await make(analytics)
    await release(analytics, proposal)
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0000", version=3)
    live = few_asked(await analytics.get(f"/proposals/{proposal}/evidence"))
    first = few_asked(await seen(analytics, proposal))
    assert set(live) - set(first)
    await release(analytics, proposal)
    assert few_asked(await seen(analytics, proposal)) == first


def few_asked(view: dict[str, Any]) -> list[str]:
    return [what for what in missing(view) if FEW_ASKED in what]


def _same(view: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in view["items"] if one["item"] == item["item"])
    return found
