"""Searching the text of documents; the same on both databases."""

import httpx
from tests.ingest.makers import pdf, upload
from tests.support import TOKENS

HOME = "/v1/studies/stu_a/search"
LETTER = (
    "The council links children's records.\n\n"
    "A CHILD protection plan; third-party data.\n\n"
    "Café owners and the ﬁnance team. Drop table_names; 'quoted' & piped | text: NOT (near)."
)


FOUND = {
    "children": ["children"],
    "CHILD": ["CHILD"],
    "child*": ["children", "CHILD"],
    '"child protection"': ["CHILD protection"],
    '"protection child"': [],
    "third-party": ["third-party"],
    "party plan": ["plan", "party"],
    "children plan": [],
    "cafe": ["Café"],
    "finance": ["ﬁnance"],
    "'quoted' & piped | text:": ["quoted", "piped", "text"],
    "NOT near": ["NOT", "near"],
    "table_names": ["table_names"],
    "children's": ["children's"],
    '"unclosed phrase': [],
    "x" * 200: [],
    "' OR 1=1 --": [],
}


async def test_queries(client: httpx.AsyncClient) -> None:
    made = await upload(client, LETTER)
    text = (await client.get(f"{made.headers['location']}/text")).json()["text"]

    async def found(query: str) -> list[str]:
        hits = (await client.get(HOME, params={"q": query})).json()["items"]
        return [text[place["start"] : place["end"]] for hit in hits for place in hit["hits"]]

    assert {query: await found(query) for query in FOUND} == FOUND


async def test_a_query_without_words_or_with_too_many_is_refused(client: httpx.AsyncClient) -> None:
    for query in ("\\", "***", '""', " ".join(f"w{number}" for number in range(25)), "y" * 201, ""):
        answered = await client.get(HOME, params={"q": query})
        assert (answered.status_code, answered.json()["errors"][0]["pointer"]) == (422, "?q")


async def test_a_hit_says_where_and_whose(client: httpx.AsyncClient) -> None:
    made = await upload(
        client, pdf("Nothing here at all.", "Linked records of families."), "a.pdf", publisher="A council", published_on="2019"
    )
    await upload(client, "Other records.", stakeholder="news_media")
    (hit,) = (await client.get(HOME, params={"q": "records", "stakeholder": "local_government"})).json()["items"]
    assert hit["locator"] == {"page": 2, "paragraph": 1}
    assert hit["snippet"] == "Linked records of families."
    assert hit["document"] == {
        "id": made.json()["id"],
        "title": "Troubled data",
        "stakeholder": "local_government",
        "kind": "report",
        "author": "institution",
        "publisher": "A council",
        "published_on": "2019",
    }
    assert (await client.get(HOME, params={"q": "records"}, headers=TOKENS.headers("stu_b"))).status_code == 404
    elsewhere = await client.get(HOME.replace("stu_a", "stu_b"), params={"q": "records"}, headers=TOKENS.headers("stu_b"))
    assert elsewhere.json()["items"] == []


async def test_hits_come_in_pages_in_reading_order(client: httpx.AsyncClient) -> None:
    await upload(client, "\n\n".join(f"Line {number} about data." for number in range(7)))
    seen: list[str] = []
    params = {"q": "data", "limit": 3}
    while True:
        page = (await client.get(HOME, params=params)).json()
        seen += [hit["snippet"] for hit in page["items"]]
        if page.get("next") is None:
            break
        params["cursor"] = page["next"]
    assert seen == [f"Line {number} about data." for number in range(7)]
    assert (await client.get(HOME, params={"q": "data", "cursor": "bm9uZQ"})).status_code == 422


async def test_very_long_words_and_lines_can_be_found(client: httpx.AsyncClient) -> None:
    await upload(client, "a" * 5000 + " " + " ".join(f"w{number}" for number in range(60_000)))
    assert len((await client.get(HOME, params={"q": "a" * 100 + "*"})).json()["items"]) == 1
    assert len((await client.get(HOME, params={"q": "w59999"})).json()["items"]) == 1
    assert (await client.get(HOME, params={"q": "a" * 100})).json()["items"] == []
