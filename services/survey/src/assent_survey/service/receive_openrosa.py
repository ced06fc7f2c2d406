"""Receiving submissions from OpenRosa clients, which must hear at once whether theirs is kept, was kept before, or cannot be.

The same instance again with the very same XML brings further attachments, or nothing new. An edit replaces the version that it names,
if nothing has replaced that yet; the first version names the response for ever. A response that was deleted does not come back. Every
request that is kept is a delivery like any other, with its attachments in its body.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from assent_kit.problems import Problem
from assent_survey.domain.submission import Unreadable
from assent_survey.platforms.openrosa import EDITS, ROOT, Sent, edits_of, read_sent
from assent_survey.platforms.xform_instance import Ids, read_ids
from assent_survey.problems import NoInstance, OtherInstance, OutdatedEdit, ResponseDeleted
from assent_survey.store.deliveries import Row, insert_deliveries, settle
from assent_survey.store.responses import withdrawn_among
from assent_survey.store.submissions import known_before

REPLACED_BY = ":replaced-by"
"""Stands among the kept headers of a version for the id of the one that replaced it."""

Outcome = Literal["kept", "known"]
Name = tuple[str, str]
"""A connection, and the id of an instance."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A genuine submission: the row to keep, what it holds, its own blind index, and how its connection's responses are indexed."""

    row: Row
    sent: Sent
    ids: Ids
    own_index: str
    index: Callable[[str], str]

    @property
    def connection(self) -> str:
        """Where it came in."""
        return str(self.row["connection"])


@dataclass(slots=True)
class _Part:
    """One request that brought an instance, or a part of it. `is_new` until it is written."""

    row: Row
    sent: Sent
    is_new: bool
    changed: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.row["headers"])

    @property
    def root(self) -> str:
        return self.headers.get(ROOT) or str(self.row["sender_id"])


def read_submission(row: Row, index: Callable[[str], str]) -> Submitted:
    """What a request brings. Raises NoInstance."""
    try:
        sent = read_sent(row["body"], row["headers"])
        ids = read_ids(sent.xml)
    except Unreadable as unreadable:
        raise NoInstance(str(unreadable)) from unreadable
    return Submitted({**row, "sender_id": ids.instance_id}, sent, ids, index(ids.instance_id), index)


def receive_openrosa(session: Session, submitted: list[Submitted]) -> list[Outcome | Problem]:
    """Keep genuine submissions, in their order: the bulk use case behind the endpoint.

    Each is `kept`; or `known`, when all that it brings is here already and nothing is kept; or refused as OtherInstance, OutdatedEdit
    or ResponseDeleted.
    """
    parts, withdrawn = _before(session, submitted)
    outcomes = [_receive(each, parts, withdrawn) for each in submitted]
    all_parts = [part for known in parts.values() for part in known]
    if replaced := [part for part in all_parts if part.changed and not part.is_new]:
        settle(session, [{"id": part.row["id"], "headers": part.headers} for part in replaced])
    insert_deliveries(session, sorted((part.row for part in all_parts if part.is_new), key=lambda row: str(row["id"])))
    return outcomes


def _before(session: Session, submitted: Sequence[Submitted]) -> tuple[dict[Name, list[_Part]], set[str]]:
    """What is known of the instances, and of those that they replace; and the blind indexes, of all that these may be, that withdrew."""
    named: dict[str, set[str]] = {}
    for each in submitted:
        ids = (each.ids.instance_id, each.ids.deprecated_id)
        named.setdefault(each.connection, set()).update(id for id in ids if id)
    own = {each.own_index for each in submitted}
    rows, withdrawn = known_before(session, named, own)
    parts: dict[Name, list[_Part]] = {}
    roots: dict[str, set[str]] = {}
    for kept in rows:
        row = {"id": kept.id, "sender_id": kept.sender_id, "headers": kept.headers}
        part = _Part(row, read_sent(kept.body, kept.headers), is_new=False)
        parts.setdefault((kept.connection, kept.sender_id), []).append(part)
        roots.setdefault(kept.connection, set()).add(part.root)
    first = {each.index(root) for each in submitted for root in roots.get(each.connection, ())}
    return parts, withdrawn | withdrawn_among(session, first - own)


def _receive(each: Submitted, parts: dict[Name, list[_Part]], withdrawn: set[str]) -> Outcome | Problem:
    """Judge one submission by what is known, and add it to that if it is kept."""
    ids, name = each.ids, (each.connection, each.ids.instance_id)
    before: Sequence[_Part] = parts.get(name, ())
    replaced: Sequence[_Part] = parts.get((each.connection, ids.deprecated_id), ()) if ids.deprecated_id and not before else ()
    root, edits = _lineage(ids, before, replaced)
    if (each.own_index if root == ids.instance_id else each.index(root)) in withdrawn:
        return ResponseDeleted()
    if before:
        if any(part.sent.xml != each.sent.xml for part in before):
            return OtherInstance()
        if each.sent.attachments <= frozenset().union(*(part.sent.attachments for part in before)):
            return "known"
    elif ids.deprecated_id:
        if not replaced or any(REPLACED_BY in part.headers for part in replaced):
            return OutdatedEdit()
        for part in replaced:
            part.row, part.changed = {**part.row, "headers": {**part.headers, REPLACED_BY: ids.instance_id}}, True
    row = {**each.row, "headers": {**each.row["headers"], ROOT: root, EDITS: str(edits)}}
    parts.setdefault(name, []).append(_Part(row, each.sent, is_new=True))
    return "kept"


def _lineage(ids: Ids, before: Sequence[_Part], replaced: Sequence[_Part]) -> tuple[str, int]:
    """The id of the first version of the response, and how many edits lead from it to the one with these ids."""
    for known, more in ((before, 0), (replaced, 1)):
        if known:
            return known[0].root, (edits_of(known[0].headers) or 0) + more
    return ids.instance_id, 0
