"""API keys of a study."""

from fastapi import Request, Response

from assent_gateway.api.access import Data, Owner, Settings, access_changed
from assent_gateway.api.schemas import KeyIn, KeyOut, NewKeyOut
from assent_gateway.problems import LastOwner
from assent_gateway.service.issue_key import KEY_VERSION, issue_key, withdraw_key
from assent_gateway.store.queries import find_key, keys_of
from assent_kit.app import router
from assent_kit.etags import IfMatch, answer, check_match, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import (
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    SecretAlreadyShown,
    StaleVersion,
    Unauthenticated,
    problems,
)
from assent_kit.tables import now

keys = router(prefix="/v1/studies/{study}/keys", tags=["keys"], responses=problems(Unauthenticated, Forbidden, NotFound))


@keys.post("", status_code=201, response_model=NewKeyOut, responses=problems(SecretAlreadyShown))
async def create_key(
    request: Request, study: str, who: Owner, body: KeyIn, database: Data, settings: Settings, once: OnceOnly
) -> Response:
    """Issue a key. Its secret is shown in this answer and never again."""
    if body.expires_at is not None and body.expires_at <= now():
        raise InvalidRequest(errors=[FieldError(pointer="/expires_at", message="has passed")])
    made = await once.create(
        database,
        f"/v1/studies/{study}/keys",
        issue_key,
        study,
        name=body.name,
        role=body.role,
        expires_at=body.expires_at,
        by=who.subject,
        pepper=settings.key_pepper.get_secret_value(),
    )
    secret = made.first_result().secret
    key = await database.read(find_key, study, made.id)
    if key is None:
        raise NotFound
    shown = NewKeyOut(**KeyOut.of(key).model_dump(), secret=secret)
    headers = {"Location": made.location, "Cache-Control": "no-store"}
    return answer(request, shown, etag=etag_of(KEY_VERSION), status=201, headers=headers)


@keys.get("")
async def list_keys(study: str, who: Owner, database: Data, page: PageQuery) -> Page[KeyOut]:
    """The keys, oldest first, without their secrets."""
    rows = await database.read(keys_of, study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda key: key.id, shape=KeyOut.of)


@keys.get("/{key}", response_model=KeyOut)
async def read_key(request: Request, study: str, key: str, who: Owner, database: Data) -> Response:
    """A key, without its secret."""
    found = await database.read(find_key, study, key)
    if found is None:
        raise NotFound
    return answer(request, KeyOut.of(found), etag=etag_of(KEY_VERSION))


@keys.delete("/{key}", status_code=204, responses=problems(LastOwner, StaleVersion, PreconditionRequired))
async def delete_key(request: Request, study: str, key: str, who: Owner, database: Data, if_match: IfMatch) -> Response:
    """Withdraw a key: it is refused at once here, and within a minute at every other gateway."""
    check_match(if_match, KEY_VERSION)
    access_changed(request, *await database.write(withdraw_key, study, key))
    return Response(status_code=204)
