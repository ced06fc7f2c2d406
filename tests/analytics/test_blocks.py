"""Columns of responses: the same answers as from the states, whatever has been made, changed or withdrawn meanwhile."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import Session, select
from tests.analytics.conftest import Analytics, make_tables
from tests.analytics.parents import ITEM, parent, whole_study

from assent_analytics.domain.columns import Columns
from assent_analytics.service.fill_blocks import fill_next
from assent_analytics.store import responses
from assent_analytics.store.tables import Blocks
from assent_contracts import registry

COLLECTION = "col_panel"


@pytest.fixture
async def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Analytics]:
    """Analytics with small blocks that has heard the whole study."""
    monkeypatch.setattr(responses, "BLOCK", 64)
    url = f"sqlite:///{tmp_path}/analytics.db"
    make_tables(url)
    analytics = Analytics(url)
    analytics.hear(*whole_study())
    yield analytics
    await analytics.client.aclose()
    analytics.database.close()


def made(session: Session) -> list[int]:
    """The blocks that have columns."""
    return [row.block for row in session.exec(select(Blocks).order_by(Blocks.block)) if row.columns is not None]  # type: ignore[arg-type]


def joined(analytics: Analytics) -> Columns:
    """What a process that has just started reads."""
    blocks = analytics.database.read_blocking(responses.read_blocks, COLLECTION, {})
    return Columns.joined([columns for _, columns in blocks.values()])


def said(columns: Columns) -> list[list[str | None]]:
    """Everybody's words, row by row."""
    texts = [np.array([None, *column.words], dtype=object)[column.codes] for _, column in sorted(columns.words.items())]
    rows: list[list[str | None]] = np.column_stack(texts).tolist()
    return rows


def fill_all(analytics: Analytics) -> int:
    """Make every block that can be made; how many there were."""
    count = 0
    while fill_next(analytics.database, None):
        count += 1
    return count


async def test_full_blocks_are_made_and_say_what_the_states_say(small: Analytics) -> None:
    before = joined(small)
    assert before.rows >= 600
    assert fill_all(small) == before.rows // 64
    assert said(joined(small)) == said(before)
    assert fill_all(small) == 0


async def test_a_change_empties_its_block_and_no_other(small: Analytics) -> None:
    fill_all(small)
    full = small.database.read_blocking(made)
    known = small.database.read_blocking(responses.read_blocks, COLLECTION, {})
    small.hear((registry.RESPONSE_CORRECTED, parent(70, test=True)), version=9)
    assert small.database.read_blocking(made) == [block for block in full if block != 1]
    again = small.database.read_blocking(responses.read_blocks, COLLECTION, known)
    assert [block for block in again if again[block] is not known[block]] == [1]
    assert again[1][1].flag("test").sum() == 1


async def test_who_withdraws_is_in_no_column_at_once(small: Analytics) -> None:
    fill_all(small)
    rows_before = joined(small).rows
    small.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    assert 0 not in small.database.read_blocking(made)
    assert joined(small).rows == rows_before - 1
    assert fill_all(small) == 1
    assert joined(small).rows == rows_before - 1


async def test_a_block_that_changes_while_it_is_made_stays_empty(small: Analytics) -> None:
    found = small.database.read_blocking(responses.next_empty)
    assert found is not None
    collection, block, columns = found
    small.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    small.database.write_blocking(responses.fill, collection, block, columns)
    assert block == 0
    assert 0 not in small.database.read_blocking(made)


async def test_estimates_do_not_depend_on_which_blocks_are_made(small: Analytics) -> None:
    before = await small.get(f"/estimates?item={ITEM}&by=family_form")
    fill_all(small)
    small.app.state.samples._kept.clear()
    assert await small.get(f"/estimates?item={ITEM}&by=family_form") == before


@pytest.mark.postgres
async def test_blocks_on_postgresql(new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "BLOCK", 64)
    url = new_database()
    make_tables(url)
    analytics = Analytics(url)
    analytics.hear(*whole_study())
    before = joined(analytics)
    assert fill_all(analytics) == before.rows // 64
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    assert joined(analytics).rows == before.rows - 1
