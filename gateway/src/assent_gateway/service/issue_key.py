"""Issue and withdraw API keys. A key is a principal like any other: its role in a study is its membership."""

from datetime import datetime

from sqlmodel import Session

from assent_gateway.domain import keys
from assent_gateway.domain.membership import MemberRole, leaves_no_owner
from assent_gateway.domain.records import NewKey
from assent_gateway.problems import LastOwner
from assent_gateway.settings import GatewaySettings
from assent_gateway.store import queries
from assent_gateway.store.tables import KeyRow, MemberRow
from assent_kit.database import Database
from assent_kit.identifiers import new_id
from assent_kit.problems import NotFound
from assent_kit.service import Refused

KEY_VERSION = 1  # a key never changes; it is withdrawn and another is issued


class FirstKeyExists(Exception):
    """The installation has its first key already."""


def issue_key(
    session: Session, study: str, *, name: str, role: MemberRole, expires_at: datetime | None, by: str, pepper: str
) -> NewKey:
    """A key for a study, with a role there."""
    secret = keys.new_secret()
    key = KeyRow(id=new_id("key"), study=study, name=name, code=keys.code_of(secret, pepper), created_by=by, expires_at=expires_at)
    session.add(key)
    session.add(MemberRow(study=study, principal=key.id, role=role))
    return NewKey(id=key.id, secret=keys.compose(key.id, secret))


def create_first_key(session: Session, *, pepper: str, name: str = "first key", another: bool = False) -> NewKey:
    """A key of the installation: its holder may open studies, and owns those it opens.

    Raises FirstKeyExists when there is one, unless `another` is asked for, as when the first was lost.
    """
    if not another and queries.installation_has_key(session):
        raise FirstKeyExists
    secret = keys.new_secret()
    key = KeyRow(id=new_id("key"), study=None, name=name, code=keys.code_of(secret, pepper), created_by="the operator")
    session.add(key)
    return NewKey(id=key.id, secret=keys.compose(key.id, secret))


def bootstrap(database: Database, settings: GatewaySettings, *, another: bool) -> str:
    """The operator's verb: make the first key and answer its secret, which is shown this once. Raises Refused."""
    try:
        key = database.write_blocking(create_first_key, pepper=settings.key_pepper.get_secret_value(), another=another)
    except FirstKeyExists as error:
        raise Refused("There is a first key already; `--another` makes one more.") from error
    return key.secret


def withdraw_key(session: Session, study: str, key: str) -> list[str]:
    """Delete a key of a study, and with it every membership it has; answers in which studies. Raises NotFound and LastOwner."""
    queries.study_row(session, study, for_change=True)
    row = queries.key_row(session, key)
    if row is None or row.study != study:
        raise NotFound
    if leaves_no_owner(queries.roles_in(session, study), key, becomes=None):
        raise LastOwner
    session.delete(row)
    return queries.forget_principal(session, key)
