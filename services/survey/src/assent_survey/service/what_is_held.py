"""What a parent sees by their token: the information sheet, and everything that is held about them, in the words of the questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from assent_survey.domain.coding import Coded
from assent_survey.domain.information_sheet import Sheet, SheetText, choose_language
from assent_survey.domain.instrument import Item
from assent_survey.domain.read_back import ReadBack, read_back, read_back_design
from assent_survey.service.assign_vignettes import shown_items
from assent_survey.service.define_instrument import published_items
from assent_survey.service.information_sheets import shown_at
from assent_survey.service.keys import Keys
from assent_survey.service.tokens import find_token
from assent_survey.store.fieldwork_tables import InformationSheet
from assent_survey.store.held import deliveries_of, responses_of
from assent_survey.store.information_sheets import sheet_versions
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection, Response


@dataclass(frozen=True, slots=True)
class Shown:
    """The sheet as it is shown now. `languages` are {tag: title} of every language it has."""

    version: str
    since: date
    text: SheetText
    languages: dict[str, str]


@dataclass(frozen=True, slots=True)
class HeldResponse:
    """One response, by the day. `sheet` is the version of the information sheet that was shown on arrival, `earlier` how many earlier
    versions of the response are kept. `design` came with the answers and is none: weights, and what vignettes showed.
    """

    received_on: date
    complete: bool
    consented: bool
    test: bool
    sheet: str | None
    earlier: int
    answers: list[ReadBack]
    design: list[ReadBack]


@dataclass(frozen=True, slots=True)
class Held:
    """Everything of one respondent. `deliveries` counts the raw messages that are kept as they came."""

    token: str
    language: str
    test: bool
    sheet: Shown | None
    responses: list[HeldResponse]
    deliveries: int


def read_held(session: Session, *, keys: Keys, token: str, languages: list[str]) -> Held:
    """What is held, in the first of these languages that the information sheet has. Raises UnknownToken."""
    holder = find_token(session, keys, token)
    sheets = sheet_versions(session, holder.collection)
    language = choose_language(list(sheets[-1].languages), languages) if sheets else None
    collection = find(session, Collection, holder.study, holder.collection)
    items = published_items(session, collection.instrument, collection.number)
    shown = shown_items(session, holder.study, items)
    questions = [item for item in items if item.name not in shown]
    vignettes = [item for item in items if item.name in shown]
    return Held(
        token=holder.name,
        language=language or "en",
        test=holder.test,
        sheet=_shown(sheets[-1], language) if sheets and language else None,
        responses=[_held(each, questions, vignettes, sheets, language) for each in responses_of(session, holder.respondent_index)],
        deliveries=deliveries_of(session, holder.respondent_index),
    )


def _shown(row: InformationSheet, language: str) -> Shown:
    sheet = Sheet(version=row.version, languages=row.languages)
    titles = {tag: text.title for tag, text in sheet.languages.items()}
    return Shown(row.version, row.made_at.date(), sheet.languages[language], titles)


def _held(
    response: Response,
    questions: Sequence[Item],
    vignettes: Sequence[Item],
    sheets: Sequence[InformationSheet],
    language: str | None,
) -> HeldResponse:
    coded = Coded(**response.content)
    sheet = shown_at(sheets, response.received_at)
    return HeldResponse(
        received_on=response.received_at.date(),
        complete=response.complete,
        consented=coded.consented,
        test=response.test,
        sheet=sheet.version if sheet else None,
        earlier=response.version - 1,
        answers=read_back(questions, coded, language),
        design=[*read_back_design(questions, coded, language), *read_back(vignettes, coded, language)],
    )
