"""The check that every release goes through, whoever makes it: filters, combinations with earlier tables, and reasons for exceptions."""

from dataclasses import replace

import pytest
from tests.analytics.conftest import Analytics
from tests.analytics.parents import FATHER, ITEM, LONE_PARENT, STUDY, collection
from tests.analytics.test_proposals import make
from tests.analytics.test_releases import release

from assent_analytics.domain.manifest import Check
from assent_analytics.domain.release import Release, TableDefinition
from assent_analytics.problems import Differencing, ReasonNeeded, RegisterMoved, StillOpen, UnknownItem
from assent_analytics.service.releases.check import Checked, check_release
from assent_analytics.service.releases.find import find_release, newest_release
from assent_analytics.service.releases.register import register_release
from assent_contracts import registry
from assent_contracts.groups import GroupRef
from assent_kit.problems import NotFound

TOWN, VILLAGE, ISLAND = (GroupRef(variable="place", group=group) for group in ("town", "village", "island"))
COUPLE = GroupRef(variable="family_form", group="couple")
MOTHER = GroupRef(variable="gender", group="mother")
PLAIN = TableDefinition(collection="col_panel", item=ITEM)


def check(analytics: Analytics, *tables: TableDefinition) -> Checked:
    """Check tables as an analysis does before it is released."""
    return analytics.database.read_blocking(check_release, analytics.app.state.samples, study=STUDY, tables=tables)


def register(analytics: Analytics, checked: Checked, *, subject: str = "ana_a", exception: str | None = None) -> Release:
    """Release what was checked."""
    return analytics.database.write_blocking(
        register_release,
        study=STUDY,
        kind="analysis",
        subject=subject,
        statbarn="frequencies",
        checked=checked,
        contents=[{"figures": at} for at, _ in enumerate(checked.tables)],
        content={"whole": True},
        by="tester",
        exception=exception,
    )


async def test_a_filter_that_leaves_a_few_people_out_is_refused(analytics: Analytics) -> None:
    made = await release(analytics, await make(analytics))
    with pytest.raises(Differencing) as refused:
        check(analytics, replace(PLAIN, within=(TOWN, VILLAGE)))
    assert made["release"] in refused.value.detail
    assert "“everyone”" in refused.value.detail
    check(analytics, replace(PLAIN, within=(TOWN,)))


def test_tables_of_one_release_are_held_against_each_other(analytics: Analytics) -> None:
    with pytest.raises(Differencing, match="another table of this release"):
        check(analytics, PLAIN, replace(PLAIN, within=(TOWN, VILLAGE)))


def test_what_is_hidden_tells_nothing_and_leaves_nothing_over(analytics: Analytics) -> None:
    hidden = ((ISLAND,), (VILLAGE,))
    register(analytics, check(analytics, replace(PLAIN, groups=((TOWN,), *hidden), hidden=hidden)))
    check(analytics, replace(PLAIN, groups=((TOWN,), *hidden), hidden=hidden))
    with pytest.raises(Differencing):
        check(analytics, replace(PLAIN, groups=((VILLAGE,),)))


def test_with_what_was_released_a_low_count_could_be_worked_out(analytics: Analytics) -> None:
    """Enough lone mothers support it; less than all lone parents, they leave the few lone fathers who do. Couples are many either way."""
    register(analytics, check(analytics, replace(PLAIN, groups=((LONE_PARENT,), (COUPLE,), (FATHER,), (MOTHER,)))))
    with pytest.raises(Differencing, match="could be worked out"):
        check(analytics, replace(PLAIN, groups=((LONE_PARENT, MOTHER),)))


def test_where_every_part_is_large_nothing_is_refused(analytics: Analytics) -> None:
    register(analytics, check(analytics, replace(PLAIN, groups=((FATHER,), (MOTHER,)))))
    check(analytics, replace(PLAIN, groups=((LONE_PARENT,), (COUPLE,))))


def test_an_open_collection_is_refused(analytics: Analytics) -> None:
    analytics.hear((registry.COLLECTION_OPENED, collection(state="open")), version=2)
    with pytest.raises(StillOpen):
        check(analytics, PLAIN)


@pytest.mark.parametrize(
    ("definition", "problem"),
    [(replace(PLAIN, item="ins_a.1.none"), UnknownItem), (replace(PLAIN, collection="col_none"), NotFound)],
)
def test_what_is_not_there_is_refused(analytics: Analytics, definition: TableDefinition, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        check(analytics, definition)


def test_a_check_that_wants_a_look_needs_a_reason(analytics: Analytics) -> None:
    checked = check(analytics, PLAIN)
    doubtful = replace(checked, checks=(*checked.checks, Check(name="degrees_of_freedom", outcome="review", detail="only 4")))
    with pytest.raises(ReasonNeeded, match="only 4"):
        register(analytics, doubtful)
    made = register(analytics, doubtful, exception="a pilot of four schools, said so on the page")
    assert (made.manifest.outcome, made.manifest.exception) == ("review", "a pilot of four schools, said so on the page")


def test_a_release_is_held_against_the_register_as_it_is_and_not_as_it_was(analytics: Analytics) -> None:
    checked = check(analytics, PLAIN)
    register(analytics, checked)
    with pytest.raises(RegisterMoved):
        register(analytics, checked)


def test_versions_of_each_subject_are_numbered_apart(analytics: Analytics) -> None:
    assert register(analytics, check(analytics, PLAIN)).version == 1
    assert register(analytics, check(analytics, PLAIN)).version == 2
    assert register(analytics, check(analytics, PLAIN), subject="ana_b").version == 1
    newest = analytics.database.read_blocking(newest_release, study=STUDY, kind="analysis", subject="ana_a")
    assert newest is not None
    assert (newest.version, newest.content, newest.tables[0].content) == (2, {"whole": True}, {"figures": 0})
    with pytest.raises(NotFound):
        analytics.database.read_blocking(find_release, study=STUDY, kind="analysis", subject="ana_a", version=3)


def test_counts_behind_a_table_are_of_every_cell(analytics: Analytics) -> None:
    definition = replace(PLAIN, groups=((LONE_PARENT,), (ISLAND,)), hidden=((ISLAND,),))
    (table,) = check(analytics, definition).tables
    assert table.counts["everyone: people"] == 600
    assert table.counts["family_form=lone_parent: people"] == 150
    assert table.counts["place=island: people"] == 6
    assert table.counts["everyone: refused"] == 0
    assert 0 < table.counts["family_form=lone_parent: all support"] < 150
