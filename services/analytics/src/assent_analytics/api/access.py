"""Who may ask what: the dependencies that the routers share."""

import logging
from typing import Annotated

from fastapi import Depends

from assent_analytics.problems import NothingReleased
from assent_kit.auth import READERS, RESEARCHERS, STEWARDS, Principal, allow

logger = logging.getLogger(__name__)

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
Steward = Annotated[Principal, Depends(allow(STEWARDS))]


def sees_live(who: Principal) -> bool:
    """Whether somebody sees live figures; viewers see released ones only.

    Live figures move with every arrival and withdrawal, and two of them can give away one parent's answer; so it is noted who sees any.
    """
    if who.role == "viewer":
        return False
    logger.info("live figures are shown", extra={"study": who.study, "subject": who.subject, "role": who.role})
    return True


def _live(who: Reader) -> Principal:
    if not sees_live(who):
        raise NothingReleased
    return who


LiveReader = Annotated[Principal, Depends(_live)]


def _live_researcher(who: Researcher) -> Principal:
    """A researcher, who sees live figures, and may see single answers."""
    sees_live(who)
    return who


LiveResearcher = Annotated[Principal, Depends(_live_researcher)]
