"""Designs of vignettes and the places that respondents have in them."""

from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import Table, delete, update
from sqlmodel import Session, col, select

from assent_kit.bulk import among, upsert
from assent_kit.paging import PageRequest
from assent_survey.store.vignette_tables import VignetteAssignment, VignetteDesign, VignetteQueue

_ASSIGNMENTS = cast(Table, VignetteAssignment.__table__)
_QUEUES = cast(Table, VignetteQueue.__table__)


def designs_page(session: Session, study: str, page: PageRequest) -> Sequence[VignetteDesign]:
    """A page of the study's designs in order of their making."""
    wanted = select(VignetteDesign).where(VignetteDesign.study == study)
    if page.after is not None:
        wanted = wanted.where(col(VignetteDesign.id) > page.after)
    return session.exec(wanted.order_by(col(VignetteDesign.id)).limit(page.fetch)).all()


def place_of(session: Session, design: str, respondent_index: str) -> VignetteAssignment | None:
    """The place that a respondent has."""
    return session.get(VignetteAssignment, (respondent_index, design))


def next_place(session: Session, design: str, collection: str, *, test: bool) -> int:
    """How many places were given out. Until this transaction ends nobody else is told, so whoever asks may look and then `take_place`."""
    queue = {"design": design, "collection": collection, "test": test}
    statement = upsert(session, _QUEUES).values(**queue, given=0)
    statement = statement.on_conflict_do_update(index_elements=list(queue), set_={"given": _QUEUES.c.given})
    return int(session.connection().execute(statement.returning(_QUEUES.c.given)).scalar_one())


def take_place(session: Session, assignment: VignetteAssignment) -> None:
    """Give out the next place."""
    session.add(assignment)
    session.connection().execute(
        update(_QUEUES)
        .where(
            _QUEUES.c.design == assignment.design,
            _QUEUES.c.collection == assignment.collection,
            _QUEUES.c.test == assignment.test,
        )
        .values(given=assignment.place + 1)
    )


def assignments_of(session: Session, respondent_indexes: Collection[str]) -> Sequence[VignetteAssignment]:
    """Every place that these respondents have."""
    wanted = select(VignetteAssignment).where(among(session, _ASSIGNMENTS.c.respondent_index, respondent_indexes))
    return session.exec(wanted).all()


def delete_assignments(session: Session, respondent_indexes: Collection[str]) -> None:
    """Forget the places of these respondents. They stay used."""
    session.connection().execute(delete(_ASSIGNMENTS).where(among(session, _ASSIGNMENTS.c.respondent_index, respondent_indexes)))
