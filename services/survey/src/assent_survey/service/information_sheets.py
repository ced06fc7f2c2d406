"""Information sheets: each version is kept as it was shown, because parents agreed to what they read."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from assent_kit.problems import NotFound
from assent_survey.domain.information_sheet import Sheet, sheet_faults
from assent_survey.problems import InformationSheetIsFixed, invalid
from assent_survey.store.fieldwork_tables import InformationSheet
from assent_survey.store.information_sheets import sheet_versions
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection


def put_sheet(session: Session, study: str, collection: str, sheet: Sheet) -> None:
    """Show this version from now on. The newest one again changes nothing.

    Raises NotFound, InvalidRequest for a sheet that lacks what it must say, and InformationSheetIsFixed for another text under the name
    of a version that was shown before.
    """
    find(session, Collection, study, collection)
    if faults := list(sheet_faults(sheet)):
        raise invalid(faults)
    kept, languages = sheet_versions(session, collection), sheet.model_dump(mode="json")["languages"]
    if any(each.version == sheet.version and each.languages != languages for each in kept):
        raise InformationSheetIsFixed
    if kept and kept[-1].version == sheet.version:
        return
    row = InformationSheet(collection=collection, number=len(kept) + 1, study=study, version=sheet.version, languages=languages)
    session.add(row)


def read_sheet(session: Session, study: str, collection: str) -> InformationSheet:
    """The version that is shown now. Raises NotFound."""
    return read_sheets(session, study, collection)[-1]


def read_sheets(session: Session, study: str, collection: str) -> Sequence[InformationSheet]:
    """Every version, oldest first; at least one. Raises NotFound."""
    find(session, Collection, study, collection)
    found = sheet_versions(session, collection)
    if not found:
        raise NotFound
    return found


def shown_at(versions: Sequence[InformationSheet], moment: datetime) -> InformationSheet | None:
    """The version that was shown at a moment; None before the first. `versions` are oldest first."""
    return next((each for each in reversed(versions) if each.made_at <= moment), None)
