"""What the other services hear of documents, passages and the codebook."""

import json
from typing import Any

import httpx
from sqlmodel import col, select
from tests.ingest.makers import upload

from assent_ingest.store.tables import Outbox
from assent_kit.database import Database

STUDY = "/v1/studies/stu_a"


async def events(database: Database) -> list[tuple[str, int, Any]]:
    """(happening, version, state) of every event that waits, in order."""
    rows = await database.read(lambda session: session.exec(select(Outbox).order_by(col(Outbox.position))).all())
    return [(row.type.split(".", 2)[2], row.version, json.loads(row.payload) if row.payload else None) for row in rows]


async def test_the_first_document_publishes_the_codebook(client: httpx.AsyncClient, database: Database) -> None:
    made = await upload(client, "Families cost money.", title="Budget", publisher="A council", published_on="2019-05")
    (_, _, codebook), (name, version, document) = await events(database)
    assert [rationale["code"] for rationale in codebook["rationales"]][:2] == ["transmitted_deprivation", "anti_social_behaviour"]
    assert codebook["study"] == "stu_a"
    assert (name, version) == ("document.ingested.v1", 1)
    assert document == {
        "study": "stu_a",
        "document": made.json()["id"],
        "title": "Budget",
        "stakeholder": "local_government",
        "kind": "report",
        "author": "institution",
        "publisher": "A council",
        "published_on": "2019-05",
        "status": "ready",
    }
    await upload(client, "Families cost money.")
    await upload(client, "Another.")
    assert [name for name, _, _ in await events(database)].count("rationales.published.v1") == 1
    assert len(await events(database)) == 3


async def test_a_passage_travels_without_its_words(client: httpx.AsyncClient, database: Database) -> None:
    home = (await upload(client, "Families cost money.")).headers["location"]
    said = {"start": 0, "end": 8, "code": "trust", "stance": "for", "practice": {"operation": "link"}, "note": "Aha"}
    passage = (await client.post(f"{home}/passages", json=said)).json()
    name, version, state = (await events(database))[-1]
    assert (name, version) == ("passage.coded.v1", 1)
    assert (state["passage"], state["code"], state["start"], state["end"]) == (passage["id"], "trust", 0, 8)
    assert (state["practice"]["operation"], state["page"], state["paragraph"]) == ("link", None, 1)
    assert "Families" not in json.dumps(state)
    assert "Aha" not in json.dumps(state)


async def test_a_private_persons_title_does_not_travel(client: httpx.AsyncClient, database: Database) -> None:
    made = await upload(client, "Text.", title="Zelda", author="private_person")
    assert (await events(database))[-1][2]["title"] is None
    etag = {"If-Match": made.headers["etag"]}
    await client.patch(made.headers["location"], json={"author": "institution"}, headers=etag)
    assert [(version, state["title"]) for _, version, state in (await events(database))[-2:]] == [(1, None), (2, "Zelda")]


async def test_removal_says_so_of_every_passage(client: httpx.AsyncClient, database: Database) -> None:
    made = await upload(client, "Families cost money.")
    home = made.headers["location"]
    said = {"start": 0, "end": 8, "code": "trust", "stance": "for"}
    passages = [(await client.post(f"{home}/passages", json=said)).json()["id"] for _ in range(2)]
    await client.delete(f"{STUDY}/passages/{passages[0]}", headers={"If-Match": "*"})
    await client.delete(home, headers={"If-Match": made.headers["etag"]})
    rest = [event for event in await events(database) if event[0] != "rationales.published.v1"]
    assert rest == [("passage.uncoded.v1", 2, None), ("passage.uncoded.v1", 2, None), ("document.removed.v1", 2, None)]


async def test_each_change_of_the_codebook_is_published_whole(client: httpx.AsyncClient, database: Database) -> None:
    new = {"code": "dignity", "label": "Dignity", "definition": "A case, not a person.", "stance": "against"}
    await client.post(f"{STUDY}/rationales", json=new)
    etag = (await client.get(f"{STUDY}/rationales/dignity")).headers["etag"]
    await client.patch(f"{STUDY}/rationales/dignity", json={"label": "Human dignity"}, headers={"If-Match": etag})
    published = await events(database)
    assert [(version, len(state["rationales"])) for _, version, state in published] == [(1, 14), (2, 15), (3, 15)]
    assert published[-1][2]["rationales"][-1] == {**new, "label": "Human dignity"}


async def test_refused_requests_say_nothing(client: httpx.AsyncClient, database: Database) -> None:
    await upload(client, b"\x89PNG\r\n")
    await client.post(f"{STUDY}/documents/doc_none/passages", json={"start": 0, "end": 1, "code": "trust", "stance": "for"})
    assert await events(database) == []
