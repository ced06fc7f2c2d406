"""What the gateway says: studies, their groups and their own practice terms."""

from typing import Literal

from assent_contracts.events.state import State
from assent_contracts.groups import GroupVariable
from assent_contracts.vocabulary import TermDefinition


class Study(State):
    """A study, open or closed."""

    title: str
    state: Literal["open", "closed"]


class Groups(State):
    """The study's groups of parents, whole."""

    variables: tuple[GroupVariable, ...] = ()


class OwnTerms(State):
    """The practice terms that the study has added to the built-in ones, whole."""

    terms: tuple[TermDefinition, ...] = ()
