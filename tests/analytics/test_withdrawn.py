"""What is left of a parent who has withdrawn: nothing in the columns, the caches or the files, and nothing new in what was released."""

from pathlib import Path
from typing import Any

from tests.analytics.conftest import Analytics
from tests.analytics.parents import ITEM, parent
from tests.analytics.test_proposals import make
from tests.analytics.test_releases import release, seen

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


def _same(view: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in view["items"] if one["item"] == item["item"])
    return found
