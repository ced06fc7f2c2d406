"""A parent withdraws by their token: the same withdrawal as a steward's, and its receipt is the study's."""

from datetime import datetime

from sqlmodel import Session

from assent_kit.lane import alone
from assent_survey.problems import UnknownToken
from assent_survey.service.keys import Keys
from assent_survey.service.tokens import find_token
from assent_survey.service.withdraw_respondent import withdraw_by_name
from assent_survey.store.tables import Withdrawal
from assent_survey.store.tokens import lock_token


@alone
def withdraw_by_token(session: Session, *, keys: Keys, token: str) -> datetime:
    """Withdraw whoever holds this token; answers when. Raises UnknownToken.

    Of two withdrawals at once the second waits for the first, and then finds nothing.
    """
    holder = find_token(session, keys, token)
    if not lock_token(session, keys.blind.token(holder.name)):
        raise UnknownToken
    receipt = withdraw_by_name(session, holder.study, keys=keys, collection=holder.collection, respondent=holder.name)
    return session.get_one(Withdrawal, receipt).at
