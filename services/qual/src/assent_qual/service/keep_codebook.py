"""Add, change and delete codes. Each change publishes the whole codebook.

The first step is to count the version: whoever else would change the same codebook waits from there on, so that two changes, each right
on its own, cannot make a loop of the tree.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_qual.domain import codebook
from assent_qual.problems import CodeInUse, CodeTreeBroken, RationaleUnclear
from assent_qual.service import announcements
from assent_qual.store import queries
from assent_qual.store.tables import Code

Facts = Mapping[str, Any]
"""What is known of a code, by the names of its columns."""


def add_code(session: Session, study: str, *, facts: Facts) -> str:
    """Add a code. Returns the id. Raises CodeTreeBroken, RationaleUnclear and CodebookTooLarge."""
    version = queries.next_codebook_version(session, study)
    id = new_id("cod")
    _check(session, study, id, facts)
    session.add(Code(id=id, study=study, **facts))
    session.flush()
    announcements.codebook_published(session, study, version=version)
    return id


def change_code(session: Session, study: str, id: str, *, if_match: str, change: Callable[[Facts], Facts]) -> None:
    """Give a code the facts that `change` makes of its present ones.

    Raises NotFound, StaleVersion, CodeTreeBroken, RationaleUnclear and CodebookTooLarge.
    """
    version = queries.next_codebook_version(session, study)
    code = queries.find(session, Code, study, id, lock=True)
    check_match(if_match, code.version)
    facts = change(code.model_dump(exclude={"id", "study", "version"}))
    _check(session, study, id, facts)
    for name, value in facts.items():
        setattr(code, name, value)
    code.version += 1
    session.flush()
    announcements.codebook_published(session, study, version=version)


def delete_code(session: Session, study: str, id: str, *, if_match: str) -> None:
    """Delete a code that nothing hangs on. Raises NotFound, StaleVersion and CodeInUse."""
    version = queries.next_codebook_version(session, study)
    code = queries.find(session, Code, study, id, lock=True)
    check_match(if_match, code.version)
    if queries.code_is_used(session, id):
        raise CodeInUse
    session.delete(code)
    session.flush()
    announcements.codebook_published(session, study, version=version)


def _check(session: Session, study: str, id: str, facts: Facts) -> None:
    try:
        codebook.check_parent(id, facts["parent"], queries.code_parents(session, study))
        codebook.check_rationale(facts["role"], facts["rationale"], facts["response"])
    except codebook.TreeBroken as error:
        raise CodeTreeBroken(str(error)) from error
    except codebook.RationaleUnclear as error:
        raise RationaleUnclear(str(error)) from error
