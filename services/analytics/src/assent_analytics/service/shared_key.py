"""What all strands of a study share: its groups and its practice terms, as they stand."""

from sqlmodel import Session

from assent_analytics.store import tables
from assent_analytics.store.read_models import state
from assent_contracts.events import gateway
from assent_contracts.groups import GroupScheme
from assent_contracts.vocabulary import Vocabulary


def scheme_of(session: Session, study: str) -> GroupScheme:
    """The study's groups; an empty scheme until they are set."""
    groups = state(session, tables.Groups, gateway.Groups, study, study)
    return GroupScheme(variables=groups.variables if groups else ())


def vocabulary_of(session: Session, study: str) -> Vocabulary:
    """The practice terms: the built-in ones and the study's own."""
    own = state(session, tables.Vocabularies, gateway.OwnTerms, study, study)
    return Vocabulary(own.terms if own else ())
