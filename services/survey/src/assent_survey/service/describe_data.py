"""The codebook of a collection, or of an instrument's version alone."""

from sqlmodel import Session

from assent_kit.tables import now
from assent_survey.domain.codebook import Codebook, Source, codebook_of, languages_of
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.faults import Fault
from assent_survey.problems import invalid
from assent_survey.service.define_instrument import items_of, published_items
from assent_survey.store.queries import find, find_version
from assent_survey.store.tables import Collection


def codebook_of_version(session: Session, study: str, instrument: str, number: int, language: str | None) -> Codebook:
    """The codebook of an instrument's version, as any collection of it would have it. Raises NotFound, InvalidRequest."""
    version = find_version(session, study, instrument, number)
    check_language(session, instrument, number, language)
    source = Source(study, instrument, number, version.title, made_at=now())
    return codebook_of(source, items_of(version.items), language=language)


def codebook_of_collection(
    session: Session,
    study: str,
    collection: str,
    *,
    language: str | None = None,
    received: bool = False,
    skips: dict[str, int] | None = None,
) -> Codebook:
    """The codebook of a collection's responses; see `variables_of`. Raises NotFound, InvalidRequest."""
    found = find(session, Collection, study, collection)
    version = find_version(session, study, found.instrument, found.number)
    check_language(session, found.instrument, found.number, language)
    source = Source(
        study=study,
        instrument=found.instrument,
        number=found.number,
        title=version.title,
        made_at=now(),
        collection=collection,
        facts=CollectionFacts.model_validate(found.facts),
    )
    return codebook_of(source, items_of(version.items), language=language, received=received, skips=skips)


def check_language(session: Session, instrument: str, number: int, language: str | None) -> None:
    """Refuse a language that no item is translated into. Raises InvalidRequest."""
    if language is not None and language not in languages_of(published_items(session, instrument, number)):
        raise invalid([Fault("/language", "no item of the instrument is translated into this language")])
