"""What would change minds, from items and from talk, and whether the proposal does it."""

from assent_analytics.domain import view
from assent_analytics.domain.conditions import met_by
from assent_analytics.service.evidence.material import Material
from assent_analytics.service.evidence.survey import Survey
from assent_analytics.service.evidence.talk import Talk
from assent_contracts.practice import SLOTS, Practice
from assent_contracts.vocabulary import Vocabulary


def find_conditions(material: Material, survey: Survey, talk: Talk) -> list[view.Condition]:
    """The section: each change of the practice that an item or a code names as a condition, with where it comes from."""
    sources: dict[Practice, list[str]] = {}
    for item in {one.estimated.item.id: one.estimated.item for one in survey.measured}.values():
        if item.item.condition is not None:
            sources.setdefault(item.item.condition, []).append(f"item {item.item.name}")
    for code in material.codes.values():
        sessions = {spoken.session.session for spoken in talk.spoken if spoken.excerpt.code == code.code}
        if code.role == "condition" and code.practice.stated() and sessions:
            sources.setdefault(code.practice, []).append(f"code “{code.name}”, sessions: {len(sessions)}")
    return [
        view.Condition(
            practice_change=change,
            label=in_words(change, material.vocabulary),
            evidence=evidence,
            met_by_proposal=met_by(material.proposal.draft.practice, change),
        )
        for change, evidence in sources.items()
    ]


def in_words(practice: Practice, vocabulary: Vocabulary) -> str:
    """A practice slot by slot, such as `safeguards: Right to see, Public register`."""
    stated = [(slot, sorted(practice.values(slot))) for slot in SLOTS if practice.values(slot)]
    return "; ".join(
        f"{slot.replace('_', ' ')}: {', '.join(vocabulary.label(slot, term) for term in terms)}" for slot, terms in stated
    )
