"""Asking a platform for responses, within what it allows: opening the sealed access, keeping to its pace, counting what was asked.

Not here: what is asked and what becomes of the answers (fetch_answers, reconcile).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from cryptography.exceptions import InvalidTag
from pydantic import SecretStr, ValidationError
from pydantic_core import to_json
from sqlmodel import Session

from assent_kit.database import Database
from assent_kit.etags import check_match
from assent_kit.tables import now
from assent_survey.domain import pacing
from assent_survey.domain.faults import Fault
from assent_survey.platforms import SOURCES
from assent_survey.platforms.source import Access, AccessRefused, NotThere, PlatformAway, SlowDown, Source
from assent_survey.problems import AccessNotSet, PlatformCannotBeAsked, invalid
from assent_survey.service.connect_platform import find_living
from assent_survey.service.keys import Keys
from assent_survey.service.outbound import Forbidden, Meter, check_address, platform_client
from assent_survey.settings import SurveySettings
from assent_survey.store import allowances
from assent_survey.store.deliveries import requeue
from assent_survey.store.tables import Connection

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asking:
    """A connection's platform, ready to be asked with the access of `set_at`.

    `account` is a blind name of who asks, for the platform's limits are an account's.
    """

    connection: str
    source: Source
    access: Access
    account: str
    set_at: datetime | None = None

    @property
    def limits(self) -> pacing.Limits:
        """What the platform allows."""
        return pacing.Limits(self.source.pace.a_minute, self.source.pace.a_day)


def set_access(session: Session, study: str, id: str, if_match: str, *, keys: Keys, access: dict[str, Any]) -> None:
    """Keep what we need to ask the platform; notices that waited for it are read again.

    Raises NotFound, ConnectionGone, StaleVersion, PlatformCannotBeAsked, InvalidRequest.
    """
    connection = find_living(session, study, id, lock=True)
    check_match(if_match, connection.version)
    source = SOURCES.get(connection.platform)
    if source is None:
        raise PlatformCannotBeAsked
    connection.access = keys.seal.close(_plain(_read_access(source, access)), connection=connection.id)
    connection.access_set_at = now()
    connection.version += 1
    for reason in ("access_not_set", "access_refused"):
        requeue(session, connection.id, reason, state="verified")


def open_asking(connection: Connection, keys: Keys) -> Asking:
    """What is needed to ask a connection's platform. Raises PlatformCannotBeAsked, AccessNotSet."""
    source = SOURCES.get(connection.platform)
    if source is None:
        raise PlatformCannotBeAsked
    if connection.access is None:
        raise AccessNotSet
    try:
        access = source.access.model_validate_json(keys.seal.open(connection.access, connection=connection.id))
    except (InvalidTag, ValueError) as error:  # ValidationError is one: another key, or a form of access that we have outgrown
        raise AccessNotSet(detail="the access that was set cannot be used any more; set it again") from error
    account = keys.blind.account(connection.platform, _secrets(access))
    return Asking(connection.id, source, access, account, connection.access_set_at)


def ask(database: Database, settings: SurveySettings, asking: Asking, question: Callable[[httpx.Client], T]) -> T:
    """Ask within the platform's allowance, and count what it took.

    Raises SlowDown when the allowance is used up or the platform says so, AccessRefused, NotThere, and PlatformAway, also for an
    answer that nobody understands.
    """
    wait = database.write_blocking(_claim, asking)
    if wait > 0:
        raise SlowDown(wait)
    meter, pause = Meter(), 0.0
    try:
        if (base_url := getattr(asking.access, "base_url", None)) is not None:
            check_address(base_url, settings)
        with platform_client(settings, meter) as client:
            return question(client)
    except SlowDown as asked:
        pause = asked.seconds
        raise
    except (AccessRefused, NotThere, PlatformAway):
        raise
    except Forbidden as error:
        raise AccessRefused(str(error)) from error
    except Exception as error:
        # Whatever a platform answers must not end the worker that asks: it counts as a failure of this platform, and others go on.
        logger.exception("a platform's answer was not understood", extra={"connection": asking.connection})
        raise PlatformAway(f"the platform's answer was not understood: {type(error).__name__}") from error
    finally:
        database.write_blocking(_count, asking, meter.requests - 1, pause)


def _claim(session: Session, asking: Asking) -> float:
    """Take one request out of the allowance; answers how many seconds to wait when there is none."""
    moment = now()
    row = allowances.find_allowance(session, asking.account)
    if row is not None and row.not_before is not None and row.not_before > moment:
        return (row.not_before - moment).total_seconds()
    kept = pacing.full(asking.limits, moment) if row is None else pacing.Levels(row.minute, row.day, row.at)
    levels = pacing.refilled(kept, asking.limits, moment)
    wait = pacing.wait(levels, asking.limits)
    if wait == 0:
        allowances.keep_allowance(session, asking.account, pacing.spent(levels, asking.limits, 1), not_before=None)
    return wait


def _count(session: Session, asking: Asking, more: int, pause: float) -> None:
    """Take what the question took beyond the one request, and remember a pause that the platform asked for."""
    row = allowances.find_allowance(session, asking.account)
    if row is None:
        return
    levels = pacing.spent(pacing.Levels(row.minute, row.day, row.at), asking.limits, max(more, 0))
    allowances.keep_allowance(session, asking.account, levels, not_before=now() + timedelta(seconds=pause) if pause else None)


def _read_access(source: Source, access: dict[str, Any]) -> Access:
    try:
        return source.access.model_validate(access)
    except ValidationError as error:
        faults = [Fault("/access" + "".join(f"/{part}" for part in each["loc"]), each["msg"]) for each in error.errors()]
        raise invalid(faults) from error


def _secrets(access: Access) -> str:
    """What identifies the account: its secrets alone, for several connections may ask for several surveys of one account."""
    return "\x1f".join(value.get_secret_value() for _, value in sorted(access) if isinstance(value, SecretStr))


def _plain(access: Access) -> str:
    """The access as JSON with its secrets in clear, to be sealed."""
    revealed = {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in access}
    return to_json(revealed).decode()
