"""What is different between two published versions of an instrument."""

from dataclasses import dataclass

from sqlmodel import Session

from assent_survey.domain.item_differences import ItemDifference, item_differences
from assent_survey.service.define_instrument import items_of
from assent_survey.store.queries import find_version


@dataclass(frozen=True, slots=True)
class Compared:
    """The titles of both versions, and the differences of their items."""

    titles: tuple[str, str]
    differences: list[ItemDifference]


def compare_versions(session: Session, study: str, instrument: str, number: int, to: int) -> Compared:
    """What is different in version `to`. Raises NotFound."""
    before, after = (find_version(session, study, instrument, each) for each in (number, to))
    return Compared((before.title, after.title), item_differences(items_of(before.items), items_of(after.items)))
