"""Add a term of its own to a study's vocabulary."""

from sqlmodel import Session

from assent_contracts.events.gateway import OwnTerms
from assent_contracts.registry import VOCABULARY_SET
from assent_contracts.vocabulary import TermDefinition, Vocabulary
from assent_gateway.domain.records import ListedTerm
from assent_gateway.domain.terms import TermRefused, TermTaken, check_new_term
from assent_gateway.problems import StudyClosed, TermExists
from assent_gateway.store import queries
from assent_gateway.store.tables import OwnTermRow
from assent_kit.outbox import append
from assent_kit.problems import FieldError, InvalidRequest, NotFound


def add_term(session: Session, study: str, *, term: TermDefinition, by: str) -> str:
    """Answers the term's place in the vocabulary, `slot/term`. Raises NotFound, StudyClosed, TermExists and InvalidRequest."""
    # The row is locked so that two terms added at once get two versions, and the later one says both.
    row = queries.study_row(session, study, for_change=True)
    if row is None:
        raise NotFound
    if row.state == "closed":
        raise StudyClosed
    own = queries.own_terms(session, study)
    try:
        check_new_term(term, own)
    except TermTaken as error:
        raise TermExists from error
    except TermRefused as error:
        raise InvalidRequest(errors=[FieldError(pointer=f"/{error.field}", message=error.reason)]) from error
    session.add(OwnTermRow(study=study, added_by=by, **term.model_dump()))
    row.vocabulary_version += 1
    append(session, VOCABULARY_SET, OwnTerms(study=study, terms=(*own, term)), version=row.vocabulary_version)
    return f"{term.slot}/{term.term}"


def list_terms(session: Session, study: str) -> list[ListedTerm]:
    """The built-in terms and the study's own, by slot and name. Raises NotFound."""
    if queries.study_row(session, study) is None:
        raise NotFound
    own = queries.own_terms(session, study)
    added = {(term.slot, term.term) for term in own}
    listed = [ListedTerm(definition=term, own=(term.slot, term.term) in added) for term in Vocabulary(own)]
    return sorted(listed, key=place_of)


def place_of(term: ListedTerm) -> str:
    """The term's place in the vocabulary, by which it is listed."""
    return f"{term.definition.slot}/{term.definition.term}"
