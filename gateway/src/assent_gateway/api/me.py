"""Who am I, and where may I do what."""

from sqlmodel import Session

from assent_gateway.api.access import Data, Reader, Settings
from assent_gateway.api.schemas import MembershipOut, MeOut
from assent_gateway.service.open_study import may_open_studies
from assent_gateway.store.queries import memberships_of
from assent_kit.app import router
from assent_kit.problems import Unauthenticated, problems

MOST_STUDIES = 500

me = router(tags=["me"], responses=problems(Unauthenticated))


@me.get("/v1/me")
async def read_me(who: Reader, database: Data, settings: Settings) -> MeOut:
    """The caller."""

    def look(session: Session) -> MeOut:
        found = memberships_of(session, who.subject, limit=MOST_STUDIES)
        return MeOut(
            principal=who.subject,
            may_open_studies=may_open_studies(session, who.subject, openers=settings.study_openers),
            studies=[MembershipOut.model_validate(one, from_attributes=True) for one in found],
        )

    return await database.read(look)
