"""All that the study has told analytics which may bear on one proposal, read in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from assent_analytics.domain.proposal import AgreedSettings, MatchDecision, Proposal
from assent_analytics.domain.targets import GroupKey, Target
from assent_analytics.service.evidence.matches import is_corrected
from assent_analytics.service.proposals import find_proposal
from assent_analytics.service.sample import declared_groups
from assent_analytics.service.shared_key import scheme_of, vocabulary_of
from assent_analytics.service.showings import first_seen
from assent_analytics.service.study_items import StudyItem, list_items
from assent_analytics.store import queries, tables
from assent_analytics.store.read_models import departures, state, states
from assent_contracts.events import gateway, ingest, qual
from assent_contracts.groups import GroupScheme
from assent_contracts.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Material:
    """The proposal, the shared key of the study, and what each strand has said.

    `first_seen` is when figures were first shown that may decide the reading. `targets_of_all` are those of all proposals: what may be
    shown of one is judged beside the others. `excerpts` are those in which a participant speaks; in `unbound` many more nobody does whom
    the study knows, and a moderator's words are no parent's.
    """

    study: str
    title: str
    proposal: Proposal
    first_seen: datetime | None
    agreed: AgreedSettings
    targets_of_all: list[Target]
    decisions: dict[str, MatchDecision]
    scheme: GroupScheme
    vocabulary: Vocabulary
    items: list[StudyItem]
    documents: dict[str, ingest.Document]
    passages: list[ingest.Passage]
    rationales: list[ingest.Rationale]
    cohorts: dict[str, qual.Cohort]
    participants: dict[str, qual.Participant]
    sessions: dict[str, qual.Session]
    excerpts: list[qual.Excerpt]
    unbound: int
    codes: dict[str, qual.Code]
    withdrawn: int

    @property
    def groups(self) -> list[GroupKey]:
        """Whom the view is about: every declared group in its order, and then the targets that are none of them."""
        declared = [who for some in declared_groups(self.scheme).values() for who in some]
        return declared + [target.who for target in self.proposal.draft.targets if target.who not in declared]


def corrected_matches(material: Material) -> list[tuple[StudyItem, MatchDecision]]:
    """The items of whose match a steward says something else than the comparison does."""
    practice, vocabulary = material.proposal.draft.practice, material.vocabulary
    decided = [(item, material.decisions[item.id]) for item in material.items if item.id in material.decisions]
    return [(item, decision) for item, decision in decided if is_corrected(practice, item.item.practice, vocabulary, decision)]


def gather(session: Session, *, study: str, proposal: str) -> Material:
    """Read everything but the responses, which are read for matching items only. Raises NotFound."""
    found = find_proposal(session, study=study, proposal=proposal)
    facts = state(session, tables.Studies, gateway.Study, study, study)
    rationales = state(session, tables.Rationales, ingest.RationaleCodebook, study, study)
    coded = states(session, tables.Excerpts, qual.Excerpt, study)
    spoken = [excerpt for excerpt in coded if excerpt.participant or excerpt.speakers]
    decisions = queries.list_decisions(session, study, proposal)
    codebook = state(session, tables.Codebooks, qual.Codebook, study, study)
    return Material(
        study=study,
        title=facts.title if facts else study,
        proposal=found,
        first_seen=first_seen(session, study, found.draft.practice, decisions),
        agreed=queries.find_settings(session, study),
        targets_of_all=queries.list_targets(session, study),
        decisions=decisions,
        scheme=scheme_of(session, study),
        vocabulary=vocabulary_of(session, study),
        items=list_items(session, study),
        documents={one.document: one for one in states(session, tables.Documents, ingest.Document, study)},
        passages=states(session, tables.Passages, ingest.Passage, study),
        rationales=list(rationales.rationales) if rationales else [],
        cohorts={one.cohort: one for one in states(session, tables.Cohorts, qual.Cohort, study)},
        participants={one.participant: one for one in states(session, tables.Participants, qual.Participant, study)},
        sessions={one.session: one for one in states(session, tables.Sessions, qual.Session, study)},
        excerpts=spoken,
        unbound=len(coded) - len(spoken),
        codes={one.code: one for one in codebook.codes} if codebook else {},
        withdrawn=departures(session, study),
    )
