"""From rows to answers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from assent_survey.api import connection_schemas, delivery_schemas, schemas
from assent_survey.domain.differences import Change, changes_of
from assent_survey.domain.instrument import Item
from assent_survey.platforms import SOURCES
from assent_survey.service.define_instrument import items_of
from assent_survey.settings import SurveySettings
from assent_survey.store.tables import (
    Collection,
    Connection,
    Delivery,
    Instrument,
    InstrumentVersion,
    Reconciliation,
    Response,
    ResponseVersion,
    Withdrawal,
)

_DELIVERY = set(delivery_schemas.DeliveryOut.model_fields)
_RECONCILIATION = set(connection_schemas.ReconciliationOut.model_fields)


STAYS = (
    "figures that were released before: they are of at least ten people each, and later releases repeat them until at least ten people's "
    "answers have moved, because the difference would tell about whoever left"
)


def instrument_out(row: Instrument) -> schemas.InstrumentOut:
    """An instrument."""
    return schemas.InstrumentOut(**row.model_dump(exclude={"items", "study", "version"}), items=_items(row.items))


def version_out(row: InstrumentVersion) -> schemas.InstrumentVersionOut:
    """A published version."""
    return schemas.InstrumentVersionOut(**row.model_dump(exclude={"items", "study"}), items=_items(row.items))


def collection_out(row: Collection) -> schemas.CollectionOut:
    """A collection with its facts."""
    return schemas.CollectionOut(
        id=row.id,
        instrument=row.instrument,
        number=row.number,
        state="open" if row.closed_at is None else "closed",
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        **row.facts,
    )


def hook_of(row: Connection, settings: SurveySettings) -> str:
    """The address of a connection, without a secret."""
    return f"{settings.public_url.rstrip('/')}/v1/hooks/{row.id}"


def connection_out(
    row: Connection, settings: SurveySettings, held: dict[str, int] | None = None
) -> connection_schemas.ConnectionOut:
    """A connection without its secrets."""
    return connection_schemas.ConnectionOut(
        **row.model_dump(include={"id", "platform", "collection", "mapping", "created_at"}),
        hook=hook_of(row, settings),
        awaits_secret=not row.secrets,
        can_be_asked=row.platform in SOURCES,
        **row.model_dump(include={"access_set_at", "reconcile_hours", "deletions"}),
        secrets=[connection_schemas.SecretAge(**{name: each[name] for name in ("made_at", "ends_at")}) for each in row.secrets],
        quarantined=held or {},
    )


def delivery_out(row: Delivery) -> delivery_schemas.DeliveryOut:
    """A delivery without its body."""
    return delivery_schemas.DeliveryOut(**row.model_dump(include=_DELIVERY))


def delivery_body(row: Delivery) -> delivery_schemas.DeliveryBody:
    """A delivery with its body."""
    return delivery_schemas.DeliveryBody(
        **row.model_dump(include=_DELIVERY), headers=row.headers, body=row.body.decode("utf-8", "replace")
    )


def response_out(row: Response, *, with_texts: bool) -> schemas.ResponseOut:
    """A response as it stands."""
    facts = row.model_dump(
        include={"id", "collection", "connection", "respondent", "version", "complete", "test", "received_at", "changed_at"}
        | {"problems", "form_version"}
    )
    return schemas.ResponseOut(**facts, **_content(row.content, with_texts=with_texts))


def versions_out(rows: Sequence[ResponseVersion], *, with_texts: bool) -> schemas.VersionsOut:
    """Every version of a response, each with what it changed."""
    changes = changes_of([row.content for row in rows], with_texts=with_texts)
    return schemas.VersionsOut(
        items=[_version_out(row, changed, with_texts=with_texts) for row, changed in zip(rows, changes, strict=True)]
    )


def _version_out(row: ResponseVersion, changed: list[Change], *, with_texts: bool) -> schemas.ResponseVersionOut:
    facts = row.model_dump(include={"number", "delivery", "complete", "problems", "form_version", "made_at"})
    changes = [schemas.ChangeOut(**each._asdict()) for each in changed]
    return schemas.ResponseVersionOut(**facts, changes=changes, **_content(row.content, with_texts=with_texts))


def reconciliation_out(row: Reconciliation) -> connection_schemas.ReconciliationOut:
    """A reconciliation and its report."""
    return connection_schemas.ReconciliationOut(**row.model_dump(include=_RECONCILIATION))


def receipt_out(row: Withdrawal, settings: SurveySettings) -> schemas.ReceiptOut:
    """The receipt of a withdrawal, with the time limits of this installation."""
    log = max(settings.compaction_lag_seconds, settings.segment_seconds) + settings.file_delete_delay_seconds
    reaches = [
        schemas.Reach(where="responses, versions and deliveries of this service", by=row.at),
        schemas.Reach(where="estimates and evidence, computed anew from the log", by=row.at + timedelta(minutes=5)),
        schemas.Reach(where="the event log", by=row.at + timedelta(seconds=2 * log + 60)),
    ]
    backups = row.at + timedelta(days=settings.survey_backup_days)
    beyond = [schemas.Reach(where="backups of the databases and of the event log, until they expire", by=backups)]
    if not settings.uses_sqlite:
        pages = row.at + timedelta(days=settings.survey_database_days)
        beyond.insert(0, schemas.Reach(where="dead tuples in PostgreSQL's pages, until vacuum has reused them", by=pages))
        beyond.insert(1, schemas.Reach(where="PostgreSQL's write-ahead log, until its segments are recycled", by=pages))
        beyond.append(schemas.Reach(where="archived write-ahead log, kept as long as the backups", by=backups))
    return schemas.ReceiptOut(id=row.id, at=row.at, removed=row.removed, reaches=reaches, beyond_reach=beyond, stays=STAYS)


def _items(stored: list[Any]) -> list[Item]:
    return list(items_of(stored))


def _content(content: dict[str, Any], *, with_texts: bool) -> dict[str, Any]:
    return {**content, "texts": content["texts"] if with_texts else {}}
