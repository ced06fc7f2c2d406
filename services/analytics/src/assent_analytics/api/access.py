"""Who may ask what: the dependencies that the routers share."""

from typing import Annotated

from fastapi import Depends

from assent_analytics.problems import NothingReleased
from assent_kit.auth import READERS, RESEARCHERS, STEWARDS, Principal, allow

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
Steward = Annotated[Principal, Depends(allow(STEWARDS))]


def _live(who: Reader) -> Principal:
    """Live figures move with every arrival and withdrawal, so those who are to see released ones only do not see them."""
    if who.role == "viewer":
        raise NothingReleased
    return who


LiveReader = Annotated[Principal, Depends(_live)]
