"""A steward confirms or corrects the match of a proposal and an item; who and when is kept."""

from sqlmodel import Session

from assent_analytics.domain.proposal import DecidedLevel, MatchDecision
from assent_analytics.problems import UnknownItem
from assent_analytics.service.proposals import find_proposal
from assent_analytics.service.study_items import find_item
from assent_analytics.store import queries
from assent_contracts.matching import Direction
from assent_kit.tables import now


def decide_match(
    session: Session,
    *,
    study: str,
    proposal: str,
    item: str,
    level: DecidedLevel,
    direction: Direction | None,
    note: str,
    by: str,
) -> MatchDecision:
    """Record what a steward says of a match, over what was said before. Raises NotFound, UnknownItem."""
    find_proposal(session, study=study, proposal=proposal)
    if find_item(session, study, item) is None:
        raise UnknownItem
    before = queries.find_decision(session, study, proposal, item)
    decision = MatchDecision(
        item=item,
        level=level,
        direction=direction,
        note=note,
        version=before.version + 1 if before else 1,
        decided_by=by,
        decided_at=now(),
    )
    queries.save_decision(session, study, proposal, decision)
    return decision
