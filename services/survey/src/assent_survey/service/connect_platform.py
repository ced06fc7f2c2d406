"""Connections: how a platform's deliveries reach a collection, with which mapping and which secrets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.tables import now
from assent_survey.domain.faults import Fault
from assent_survey.domain.mapping import Mapping, mapping_faults
from assent_survey.platforms import PLATFORMS, SOURCES
from assent_survey.problems import CollectionIsClosed, ConnectionGone, PlatformCannotBeAsked, SecretIsThePlatforms, invalid
from assent_survey.service.define_instrument import published_items
from assent_survey.service.keys import Keys
from assent_survey.store.deliveries import forget_attributions, requeue
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection, Connection

MOST_SECRETS = 20  # the newest, and those before it that still overlap: each was promised to be good until its end


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection and, where we made one just now, its secret: the only time that it is told."""

    id: str
    secret: str | None = None


def connect_platform(
    session: Session, study: str, *, keys: Keys, platform: str, collection: str, mapping: Mapping, secret: str | None
) -> Connected:
    """Make a connection. Without `secret` we make one, unless the platform does. Raises NotFound, CollectionIsClosed, InvalidRequest."""
    into = find(session, Collection, study, collection)
    if into.closed_at is not None:
        raise CollectionIsClosed
    _check_mapping(session, into, mapping)
    sender = PLATFORMS[platform]
    connection = Connection(
        id=new_id("con"), study=study, collection=collection, platform=platform, mapping=mapping.model_dump(mode="json"), secrets=[]
    )
    ours = None if secret or sender.makes_secret else sender.new_secret()
    if using := secret or ours:
        _check_secret(connection, using)
        _add_secret(connection, using, keys, overlap=timedelta(0))
    session.add(connection)
    return Connected(id=connection.id, secret=ours)


def change_connection(
    session: Session, study: str, id: str, if_match: str, *, mapping: Mapping | None, schedule: dict[str, Any]
) -> None:
    """Replace the mapping, where one is given, and set what `schedule` holds of `reconcile_hours` and `deletions`.

    What was unmapped until now is tried again. Raises NotFound, ConnectionGone, StaleVersion, InvalidRequest, PlatformCannotBeAsked.
    """
    connection = find_living(session, study, id, lock=True)
    check_match(if_match, connection.version)
    if schedule.get("reconcile_hours") is not None and connection.platform not in SOURCES:
        raise PlatformCannotBeAsked
    for name, value in schedule.items():
        setattr(connection, name, value)
    connection.version += 1
    if mapping is not None:
        _check_mapping(session, find(session, Collection, study, connection.collection), mapping)
        connection.mapping = mapping.model_dump(mode="json")
        forget_attributions(session, connection.id)
        requeue(session, connection.id, "unmapped", state="verified")


def set_secret(session: Session, study: str, id: str, *, keys: Keys, secret: str, overlap: timedelta) -> None:
    """Use the secret that the platform has made; what waited for it is verified now. The newest again may end the older ones earlier.

    Raises NotFound, ConnectionGone, InvalidRequest.
    """
    connection = find_living(session, study, id, lock=True)
    _check_secret(connection, secret)
    before = connection.secrets
    if secret in open_secrets(connection, keys, now())[:1]:
        connection.secrets = [before[0], *_ending(before[1:], overlap)]
    else:
        _add_secret(connection, secret, keys, overlap)
    if connection.secrets != before:
        connection.version += 1
    requeue(session, connection.id, "secret_not_set", state="received")


def rotate_secret(session: Session, study: str, id: str, *, keys: Keys, overlap: timedelta) -> Connected:
    """Make a new secret; the old one works for `overlap` more. Raises NotFound, ConnectionGone, SecretIsThePlatforms."""
    connection = find_living(session, study, id, lock=True)
    sender = PLATFORMS[connection.platform]
    if sender.makes_secret:
        raise SecretIsThePlatforms
    secret = sender.new_secret()
    _add_secret(connection, secret, keys, overlap)
    connection.version += 1
    return Connected(id=id, secret=secret)


def delete_connection(session: Session, study: str, id: str, if_match: str) -> None:
    """End a connection; its address answers 410 from now on. What it brought stays. Raises NotFound, ConnectionGone, StaleVersion."""
    connection = find_living(session, study, id, lock=True)
    check_match(if_match, connection.version)
    connection.deleted_at = now()
    connection.secrets = []
    connection.access = None
    connection.version += 1


def find_living(session: Session, study: str, id: str, *, lock: bool = False) -> Connection:
    """A connection that is not deleted; with `lock`, nobody else changes it meanwhile. Raises NotFound, ConnectionGone."""
    connection = find(session, Connection, study, id, lock=lock)
    if connection.deleted_at is not None:
        raise ConnectionGone
    return connection


def open_secrets(connection: Connection, keys: Keys, at: datetime) -> list[str]:
    """The secrets that are good at a moment, the newest first."""
    return [secret for secret, ends_at in secrets_with_ends(connection, keys) if ends_at is None or at < ends_at]


def secrets_with_ends(connection: Connection, keys: Keys) -> list[tuple[str, datetime | None]]:
    """Each secret with the moment at which it ends, if it does."""
    return [
        (
            keys.seal.open(each["sealed"], connection=connection.id),
            datetime.fromisoformat(each["ends_at"]) if each["ends_at"] else None,
        )
        for each in connection.secrets
    ]


def _add_secret(connection: Connection, secret: str, keys: Keys, overlap: timedelta) -> None:
    newest = {"sealed": keys.seal.close(secret, connection=connection.id), "made_at": now().isoformat(), "ends_at": None}
    connection.secrets = [newest, *_ending(connection.secrets, overlap)][:MOST_SECRETS]


def _ending(secrets: list[dict[str, Any]], overlap: timedelta) -> list[dict[str, Any]]:
    """Those that are still good, each until its end, and none for longer than this from now."""
    moment = now()
    latest = (moment + overlap).isoformat()
    ending = [{**each, "ends_at": min(each["ends_at"] or latest, latest)} for each in secrets]
    return [each for each in ending if each["ends_at"] > moment.isoformat()]


def _check_secret(connection: Connection, secret: str) -> None:
    try:
        PLATFORMS[connection.platform].check_secret(secret)
    except ValueError as error:
        raise invalid([Fault("/secret", str(error))]) from error


def _check_mapping(session: Session, collection: Collection, mapping: Mapping) -> None:
    if faults := list(mapping_faults(mapping, published_items(session, collection.instrument, collection.number))):
        raise invalid(faults)
