"""What every service does over HTTP: strict JSON, problems, ETags, idempotent POSTs, pages, roles and studies."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
import pytest
from fastapi import Depends, Response
from fastapi import Request as HttpRequest
from sqlmodel import Field, Session, col, select
from tests.support import TOKENS, client_of

from assent_kit.app import build_app, router
from assent_kit.auth import READERS, RESEARCHERS, Principal, allow
from assent_kit.database import Database
from assent_kit.engines import write_engine
from assent_kit.etags import IfMatch, answer, check_match, etag_of
from assent_kit.idempotency import OnceOnly, idempotency_table
from assent_kit.identifiers import new_id
from assent_kit.paging import Page, PageQuery, PageRequest, paginate
from assent_kit.problems import InvalidRequest, NotFound, problems
from assent_kit.schemas import Answer, Request, Whole
from assent_kit.settings import ServiceSettings
from assent_kit.tables import table_base

Table = table_base()
Idempotency = idempotency_table(Table)


class Note(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    __tablename__ = "note"
    id: str = Field(primary_key=True)
    study: str
    number: int
    version: int = 1


class NoteIn(Request):
    number: Whole


class NoteOut(Answer):
    id: str
    number: int


def add_note(session: Session, study: str, number: int) -> str:
    note = Note(id=new_id("not"), study=study, number=number)
    session.add(note)
    return note.id


def change_note(session: Session, study: str, id: str, number: int, if_match: str) -> None:
    note = session.get(Note, id)
    if note is None or note.study != study:
        raise NotFound
    check_match(if_match, note.version)
    note.number, note.version = number, note.version + 1


def find_note(session: Session, study: str, id: str) -> tuple[NoteOut, int]:
    note = session.get(Note, id)
    if note is None or note.study != study:
        raise NotFound
    return NoteOut(id=note.id, number=note.number), note.version


def list_notes(session: Session, study: str, page: PageRequest) -> Page[NoteOut]:
    wanted = select(Note).where(Note.study == study, col(Note.id) > (page.after or "")).order_by(col(Note.id)).limit(page.fetch)
    rows = session.exec(wanted).all()
    return paginate(rows, page, key=lambda note: note.id, shape=lambda note: NoteOut(id=note.id, number=note.number))


notes = router(prefix="/v1/studies/{study}/notes", responses=problems(NotFound))
Writer = Annotated[Principal, Depends(allow(RESEARCHERS))]
Reader = Annotated[Principal, Depends(allow(READERS))]


async def show(request: HttpRequest, study: str, id: str, *, status: int = 200, **headers: str) -> Response:
    note, version = await request.app.state.database.read(find_note, study, id)
    return answer(request, note, etag=etag_of(version), status=status, headers=headers)


@notes.post("", status_code=201)
async def post(request: HttpRequest, study: str, who: Writer, body: NoteIn, once: OnceOnly) -> Response:
    made = await once.create(request.app.state.database, f"/v1/studies/{study}/notes", add_note, study, body.number)
    return await show(request, study, made.id, status=201, Location=made.location)


@notes.get("/{id}")
async def get(request: HttpRequest, study: str, id: str, who: Reader) -> Response:
    return await show(request, study, id)


@notes.patch("/{id}")
async def patch(request: HttpRequest, study: str, id: str, who: Writer, body: NoteIn, if_match: IfMatch) -> Response:
    await request.app.state.database.write(change_note, study, id, body.number, if_match)
    return await show(request, study, id)


@notes.get("")
async def many(request: HttpRequest, study: str, who: Reader, page: PageQuery) -> Page[NoteOut]:
    return await request.app.state.database.read(list_notes, study, page)


@notes.get("/broken/here")
async def broken(who: Reader) -> Response:
    raise RuntimeError("jane@example.org")


@asynccontextmanager
async def served(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A researcher's client of the notes in an empty database."""
    engine = write_engine(url, lanes=1)
    Table.metadata.create_all(engine)
    engine.dispose()
    database = Database(url)
    settings = ServiceSettings(environment="development", database_url=url, bus_url=url, gateway_public_key=TOKENS.public_key)
    app = build_app(settings, database, name="notes", title="Notes", routers=[notes], idempotency=Idempotency)
    async with client_of(app) as client:
        client.headers.update(TOKENS.headers("stu_a"))
        yield client
    database.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with served(f"sqlite:///{tmp_path}/notes.db") as client:
        yield client


HOME = "/v1/studies/stu_a/notes"


async def test_create_read_change(client: httpx.AsyncClient) -> None:
    made = await client.post(HOME, json={"number": 1})
    assert made.status_code == 201
    assert made.json()["number"] == 1
    address, etag = made.headers["location"], made.headers["etag"]
    assert (await client.get(address, headers={"If-None-Match": etag})).status_code == 304
    assert (await client.patch(address, json={"number": 2})).json()["code"] == "precondition_required"
    changed = await client.patch(address, json={"number": 2}, headers={"If-Match": etag})
    assert changed.json()["number"] == 2
    stale = await client.patch(address, json={"number": 3}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


async def test_the_same_key_makes_one_thing(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await client.post(HOME, json={"number": 1}, headers=key)
    changed = await client.patch(first.headers["location"], json={"number": 9}, headers={"If-Match": first.headers["etag"]})
    again = await client.post(HOME, json={"number": 1}, headers=key)
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])
    assert again.json() == changed.json()
    other = await client.post(HOME, json={"number": 2}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len((await client.get(HOME)).json()["items"]) == 1


@pytest.mark.postgres
async def test_the_same_key_in_two_processes_at_the_same_moment_makes_one_thing(new_database: Callable[[], str]) -> None:
    url = new_database()
    async with served(url) as one, served(url) as other:
        for key in map(str, range(20)):
            posts = [client.post(HOME, json={"number": 1}, headers={"Idempotency-Key": key}) for client in (one, other)]
            answers = await asyncio.gather(*posts)
            assert {(made.status_code, made.headers.get("location")) for made in answers} == {(201, answers[0].headers["location"])}
        assert len((await one.get(HOME)).json()["items"]) == 20


async def test_pages_hold_everything_once(client: httpx.AsyncClient) -> None:
    made = {(await client.post(HOME, json={"number": n})).json()["id"] for n in range(7)}
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(HOME, params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert seen == sorted(made)
    assert (await client.get(HOME, params={"limit": 501})).json()["errors"][0]["pointer"] == "?limit"


@pytest.mark.parametrize("cursor", ["Ä", "a", "AA", "_w"])
async def test_a_cursor_that_was_not_handed_out_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    refused = await client.get(HOME, params={"cursor": cursor})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?cursor")


def test_the_cursor_of_numbered_rows_is_a_number() -> None:
    assert [PageRequest(limit=1, after=after).position for after in (None, "0", "17")] == [0, 0, 17]
    for other in ("-1", "1.5", "x", "٣", "9" * 19):
        with pytest.raises(InvalidRequest):
            PageRequest(limit=1, after=other).position  # noqa: B018


async def test_nul_in_a_query_is_refused_before_a_database_chokes_on_it(client: httpx.AsyncClient) -> None:
    refused = await client.get(HOME, params={"q": "a\0b"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        b'{"number":', b'{"number": NaN}', b'{"number": 1e400}', b'{"number": 1, "number": 2}', b'{"number": "\\ud800"}',
        b'{"number": "\\u0000"}', b"\xff\xfe{}", b'{"a":' * 500 + b"1" + b"}" * 500, b"[" * 100_000,
        b'"' + b'\\"' * 500_000,
    ],
)  # fmt: skip
async def test_json_that_parsers_read_differently_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answered = await client.post(HOME, content=body, headers={"Content-Type": "application/json"})
    assert (answered.status_code, answered.json()["code"]) == (400, "malformed_json")
    assert answered.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [{"number": "1"}, {"number": True}, {"number": 1, "extra": 2}, {}, [], {"number": 1.5}])
async def test_a_wrong_shape_names_the_field(client: httpx.AsyncClient, body: Any) -> None:
    answered = await client.post(HOME, json=body)
    assert (answered.status_code, answered.json()["code"]) == (422, "invalid_request")
    assert answered.json()["errors"]
    assert answered.json()["request_id"] == answered.headers["x-request-id"]


async def test_roles_and_studies(client: httpx.AsyncClient) -> None:
    made = (await client.post(HOME, json={"number": 1})).headers["location"]
    other = TOKENS.headers("stu_b")
    assert (await client.get(made, headers=other)).status_code == 404
    assert (await client.get(made.replace("stu_a", "stu_b"), headers=other)).status_code == 404
    viewer = await client.post(HOME, json={"number": 1}, headers=TOKENS.headers("stu_a", role="viewer"))
    assert (viewer.status_code, viewer.json()["code"]) == (403, "forbidden")


async def test_an_id_with_nul_is_nobodys(client: httpx.AsyncClient) -> None:
    answered = await client.get(f"{HOME}/a%00b")
    assert (answered.status_code, answered.json()["code"]) == (404, "not_found")
    assert answered.json()["request_id"] == answered.headers["x-request-id"]


async def test_forged_tokens_are_refused(client: httpx.AsyncClient) -> None:
    claims = {
        "sub": "x",
        "study": "stu_a",
        "role": "owner",
        "iss": "assent-gateway",
        "aud": "assent-services",
        "exp": 9e9,
        "iat": 0,
    }
    for token in ("", "x.y.z", jwt.encode(claims, None, algorithm="none"), jwt.encode(claims, "s" * 40, algorithm="HS256")):
        answered = await client.get(HOME, headers={"Authorization": f"Bearer {token}"})
        assert (answered.status_code, answered.json()["code"]) == (401, "unauthenticated")


async def test_an_unexpected_error_tells_nothing(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    answered = await client.get(f"{HOME}/broken/here")
    assert (answered.status_code, answered.json()["code"]) == (500, "internal_error")
    assert answered.json()["request_id"] == answered.headers["x-request-id"] != ""
    assert "jane" not in answered.text


async def test_unknown_addresses_and_methods_are_problems(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/nowhere")).json()["code"] == "not_found"
    assert (await client.put(HOME)).json()["code"] == "method_not_allowed"
    assert (await client.get("/health/ready")).json() == {"ready": True}
