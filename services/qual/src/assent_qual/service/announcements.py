"""What qual tells the other services: the whole current state of what changed. Never speech, a label, a pseudonym or a memo.

Each function reads the state from the tables, so callers flush their change first, and appends it to the outbox under the row's version.
"""

from collections.abc import Sequence

from sqlmodel import Session

from assent_contracts import registry
from assent_contracts.events import qual
from assent_contracts.groups import GroupRef
from assent_contracts.practice import Practice
from assent_kit import outbox
from assent_qual.domain.spans import speakers
from assent_qual.problems import CodebookTooLarge
from assent_qual.store import queries
from assent_qual.store.tables import Code, Cohort, Excerpt, Participant, TalkSession


def cohort_formed(session: Session, cohort: Cohort) -> None:
    """A cohort was formed."""
    composition = tuple(GroupRef.model_validate(one) for one in cohort.composition)
    state = qual.Cohort(study=cohort.study, cohort=cohort.id, composition=composition, target_size=cohort.target_size)
    outbox.append(session, registry.COHORT_FORMED, state, version=cohort.version)


def participant_changed(session: Session, participant: Participant) -> None:
    """A participant's consent or groups changed. Nothing is said before the first form was given."""
    consent = queries.consents(session, [participant.id])[participant.id]
    if consent.form_version is None:
        return
    state = qual.Participant(
        study=participant.study,
        participant=participant.id,
        groups=queries.attributes(session, [participant.id])[participant.id],
        uses=consent.in_order(),
        form_version=consent.form_version,
    )
    outbox.append(session, registry.PARTICIPANT_CONSENTED, state, version=participant.version)


def transcript_imported(session: Session, talk: TalkSession) -> None:
    """A transcript was imported, its speakers were bound, or one of them withdrew."""
    heard = queries.voices(session, [talk.id])[talk.id]
    participants = tuple(dict.fromkeys(one.participant for one in heard if one.participant is not None))
    state = qual.Session.model_validate(
        {
            "study": talk.study,
            "session": talk.id,
            "kind": talk.kind,
            "held_on": talk.held_on.isoformat() if talk.held_on else None,
            "cohort": talk.cohort,
            "contact": talk.contact,
            "participants": participants,
            "turns": talk.turns,
        }
    )
    outbox.append(session, registry.TRANSCRIPT_IMPORTED, state, version=talk.version)


def excerpts_coded(session: Session, excerpts: Sequence[Excerpt]) -> None:
    """Spans were coded, or who speaks in them changed."""
    spoken = queries.turns_of_excerpts(session, [excerpt.id for excerpt in excerpts])
    states = [(excerpt, _excerpt(excerpt, speakers(spoken[excerpt.id]))) for excerpt in excerpts]
    outbox.append_all(
        session, [outbox.Event(type=registry.EXCERPT_CODED, state=state, version=excerpt.version) for excerpt, state in states]
    )


def excerpts_uncoded(session: Session, excerpts: Sequence[Excerpt]) -> None:
    """Codings were taken back, or a speaker withdrew. To be called with rows that are about to go."""
    outbox.append_all(
        session,
        [
            outbox.Event(
                type=registry.EXCERPT_UNCODED, state=None, key=excerpt.id, study=excerpt.study, version=excerpt.version + 1
            )
            for excerpt in excerpts
        ],
    )


def participant_withdrawn(session: Session, participant: Participant) -> None:
    """A participant withdrew. To be called with the row that is about to go."""
    outbox.append(
        session,
        registry.PARTICIPANT_WITHDRAWN,
        None,
        key=participant.id,
        study=participant.study,
        version=participant.version + 1,
    )


def codebook_published(session: Session, study: str, *, version: int) -> None:
    """The codebook changed. Raises CodebookTooLarge."""
    codes = tuple(_code(code) for code in queries.codes(session, study))
    try:
        outbox.append(session, registry.CODEBOOK_PUBLISHED, qual.Codebook(study=study, codes=codes), version=version)
    except outbox.EventRefused as error:
        raise CodebookTooLarge from error


def _excerpt(excerpt: Excerpt, participants: tuple[str, ...]) -> qual.Excerpt:
    return qual.Excerpt.model_validate(
        {
            "study": excerpt.study,
            "excerpt": excerpt.id,
            "session": excerpt.session,
            "code": excerpt.code,
            "stance": excerpt.stance,
            "practice": Practice.model_validate(excerpt.practice),
            "participant": participants[0] if len(participants) == 1 else None,
            "speakers": participants,
            "start_turn": excerpt.start_turn,
            "end_turn": excerpt.end_turn,
        }
    )


def _code(code: Code) -> qual.Code:
    return qual.Code.model_validate(
        {
            "code": code.id,
            "name": code.name,
            "parent": code.parent,
            "role": code.role,
            "definition": code.definition,
            "practice": Practice.model_validate(code.practice),
            "rationale": code.rationale,
            "response": code.response,
        }
    )
