"""Registering a release: numbered under its subject, with its manifest, and with the tables that later ones are held against."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from sqlmodel import Session

from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.manifest import Made, Manifest, Statbarn, worst
from assent_analytics.domain.release import Kind, Release, ReleasedTable, SecondLook
from assent_analytics.problems import AlreadyChecked, ReasonNeeded, RegisterMoved, SecondPersonNeeded
from assent_analytics.service.releases.check import Checked, CheckedTable
from assent_analytics.store import releases
from assent_kit.identifiers import new_id
from assent_kit.problems import NotFound
from assent_kit.tables import now


def register_release(
    session: Session,
    *,
    study: str,
    kind: Kind,
    subject: str,
    statbarn: Statbarn,
    checked: Checked,
    contents: Sequence[Mapping[str, Any]],
    content: Mapping[str, Any],
    by: str,
    note: str = "",
    exception: str | None = None,
) -> Release:
    """Release what was checked: `contents` is what is shown of each table in their order, `content` the whole.

    Of two at the same time one takes the next number, and the other is run again and told that the register has moved.
    A table that repeats an earlier one is registered with that one's figures. Raises RegisterMoved, ReasonNeeded.
    """
    if releases.newest_number(session, study) != checked.as_of:
        raise RegisterMoved
    manifest = _manifest(checked, statbarn, exception)
    before = releases.find_version(session, study, kind, subject, None)
    release = Release(
        release=new_id("rel"),
        study=study,
        number=checked.as_of + 1,
        kind=kind,
        subject=subject,
        version=before.version + 1 if before else 1,
        note=note,
        content=content,
        manifest=manifest,
        released_by=by,
        released_at=now(),
    )
    made = [_table(release, table, shown) for table, shown in zip(checked.tables, contents, strict=True)]
    release = replace(release, tables=tuple(made))
    releases.save_release(session, release)
    return release


def look_again(session: Session, *, study: str, release: str, by: str, note: str) -> Release:
    """Have somebody else say that they have looked at a release. Raises NotFound, SecondPersonNeeded, AlreadyChecked."""
    found = releases.get_release(session, study, release, to_change=True)
    if found is None:
        raise NotFound
    if found.released_by == by:
        raise SecondPersonNeeded
    if found.checked is not None:
        raise AlreadyChecked
    releases.save_second_look(session, release, SecondLook(by=by, at=now(), note=note))
    session.flush()
    looked = releases.get_release(session, study, release)
    return looked or found


def _manifest(checked: Checked, statbarn: Statbarn, exception: str | None) -> Manifest:
    wanting = [check for check in checked.checks if check.outcome != "pass"]
    if wanting and not exception:
        raise ReasonNeeded("; ".join(f"{check.name}: {check.detail}" for check in wanting))
    editions = dict.fromkeys((table.definition.collection, _edition(table)) for table in checked.tables)
    fields = {"exception": exception} if exception else {}
    return Manifest(
        statbarn=statbarn,
        software=version("assent-analytics"),
        data=[Made(collection=collection, edition=edition) for collection, edition in editions],
        threshold=THRESHOLD,
        checks=list(checked.checks),
        outcome=worst(checked.checks),
        **fields,
    )


def _edition(table: CheckedTable) -> str:
    return table.edition if table.repeats is None else table.repeats.edition


def _table(release: Release, table: CheckedTable, shown: Mapping[str, Any]) -> ReleasedTable:
    """The table as it is registered; one that repeats another is registered as that one was."""
    earlier = table.repeats
    return ReleasedTable(
        id=new_id("tbl"),
        release=release.release,
        version=release.version,
        kind=release.kind,
        definition=earlier.definition if earlier else table.definition,
        edition=_edition(table),
        counts=earlier.counts if earlier else table.counts,
        content=earlier.content if earlier else shown,
        released_at=release.released_at,
        repeats=earlier.repeats or earlier.id if earlier else None,
    )
