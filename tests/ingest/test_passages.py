"""Coding spans of documents, and handing out their words."""

from typing import Any

import httpx
from tests.ingest.makers import pdf, upload
from tests.support import TOKENS

STUDY = "/v1/studies/stu_a"
TEXT = "Families cost money.\n\nÉcoles 👩‍👧 share data without asking."


async def document(client: httpx.AsyncClient, content: bytes | str = TEXT, **metadata: Any) -> str:
    """Upload and give the address."""
    made = await upload(client, content, **metadata)
    assert made.status_code == 201, made.text
    return made.headers["location"]


def span(words: str, text: str, **said: Any) -> dict[str, Any]:
    """A coding of these words."""
    start = text.index(words)
    return {"start": start, "end": start + len(words), "code": "consent", "stance": "against", **said}


async def test_a_span_is_coded_with_its_practice(client: httpx.AsyncClient) -> None:
    home = await document(client)
    text = (await client.get(f"{home}/text")).json()["text"]
    practice = {"data_types": ["school_records"], "operation": "link"}
    said = span("👩‍👧 share data", text, practice=practice, beneficiary="the council", note="striking")
    made = await client.post(f"{home}/passages", json=said, headers=TOKENS.headers("stu_a", role="coder", subject="ben"))
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["code"], body["stance"], body["coder"]) == ("consent", "against", "ben")
    assert body["locator"] == {"page": None, "paragraph": 2}
    assert (body["practice"]["data_types"], body["practice"]["operation"]) == (["school_records"], "link")
    assert made.headers["location"] == f"{STUDY}/passages/{body['id']}"
    assert (await client.get(made.headers["location"])).json() == body
    words = (await client.post(f"{STUDY}/passages/texts", json={"ids": [body["id"], "psg_unknown"]})).json()
    assert words["items"] == [
        {
            "id": body["id"],
            "document": home.rpartition("/")[2],
            "title": "Troubled data",
            "text": "👩‍👧 share data",
            "locator": {"paragraph": 2},
        }
    ]


async def test_a_span_may_cross_blocks_and_pages(client: httpx.AsyncClient) -> None:
    home = await document(client, pdf("The first page ends with this sentence here.", "The second page goes on from there."))
    text = (await client.get(f"{home}/text")).json()["text"]
    made = await client.post(f"{home}/passages", json=span("sentence here.\nThe second", text))
    assert made.json()["locator"] == {"page": 1, "paragraph": 1}
    on_the_break = await client.post(f"{home}/passages", json=span("\nThe second", text))
    assert on_the_break.json()["locator"] == {"page": 2, "paragraph": 1}
    ids = [answer.json()["id"] for answer in (on_the_break, made)]
    words = (await client.post(f"{STUDY}/passages/texts", json={"ids": ids})).json()["items"]
    assert [item["text"] for item in words] == ["\nThe second", "sentence here.\nThe second"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"end": 10_000}, "invalid_request"),
    ({"start": 5, "end": 5}, "invalid_request"),
    ({"start": -1}, "invalid_request"),
    ({"start": 20, "end": 21}, "invalid_request"),
    ({"start": "1"}, "invalid_request"),
    ({"stance": "neutral"}, "invalid_request"),
    ({"practice": {"operation": "guess"}}, "invalid_request"),
    ({"practice": {"data_types": ["School records"]}}, "invalid_request"),
    ({"colour": "blue"}, "invalid_request"),
    ({"code": "unheard_of"}, "unknown_rationale"),
]


async def test_a_wrong_coding_is_refused(client: httpx.AsyncClient) -> None:
    home = await document(client)
    for changed, code in WRONG:
        said = {"start": 0, "end": 8, "code": "trust", "stance": "for", **changed}
        refused = await client.post(f"{home}/passages", json=said)
        assert (refused.status_code, refused.json()["code"]) == (422, code), changed
    assert (await client.get(f"{home}/passages")).json()["items"] == []


async def test_a_private_persons_words_are_not_handed_out(client: httpx.AsyncClient) -> None:
    home = await document(client, stakeholder="parenting_site", kind="forum_thread", title="My daughter Zelda")
    said = {"start": 0, "end": 8, "code": "trust", "stance": "against"}
    made = await client.post(f"{home}/passages", json=said)
    words = await client.post(f"{STUDY}/passages/texts", json={"ids": [made.json()["id"]]})
    (item,) = words.json()["items"]
    assert item["paraphrase_only"] is True
    assert "text" not in item
    assert "Zelda" not in words.text
    viewer = TOKENS.headers("stu_a", role="viewer")
    register = await client.get(home, headers=viewer)
    assert (register.status_code, register.json()["title"], register.json()["filename"]) == (200, None, None)
    assert (await client.get(home)).json()["title"] == "My daughter Zelda"
    assert "Zelda" not in (await client.get(home.rpartition("/")[0], headers=viewer)).text
    for path in (f"{home}/text", f"{home}/original"):
        refused = await client.get(path, headers=viewer)
        assert (refused.status_code, refused.json()["code"]) == (403, "paraphrase_only")
        assert (await client.get(path)).status_code == 200
    found = await client.get(f"{STUDY}/search", params={"q": "families"}, headers=viewer)
    (hit,) = found.json()["items"]
    assert hit["paraphrase_only"] is True
    assert "snippet" not in hit
    assert "Zelda" not in found.text


async def test_passages_are_chosen_by_code_stance_and_stakeholder(client: httpx.AsyncClient) -> None:
    first = await document(client, "Money is short.", stakeholder="local_government")
    second = await document(client, "Nobody asked us.", stakeholder="charity_or_advocacy")
    codings = [(first, "consent", "for"), (first, "trust", "mixed"), (second, "consent", "against")]
    for home, code, stance in codings:
        said = {"start": 0, "end": 5, "code": code, "stance": stance}
        assert (await client.post(f"{home}/passages", json=said)).status_code == 201

    async def chosen(path: str = f"{STUDY}/passages", **filters: str) -> list[tuple[str, str]]:
        items = (await client.get(path, params=filters)).json()["items"]
        return [(item["code"], item["stance"]) for item in items]

    assert await chosen() == [("consent", "for"), ("trust", "mixed"), ("consent", "against")]
    assert await chosen(code="consent") == [("consent", "for"), ("consent", "against")]
    assert await chosen(stance="mixed") == [("trust", "mixed")]
    assert await chosen(stakeholder="charity_or_advocacy") == [("consent", "against")]
    assert await chosen(f"{first}/passages") == [("consent", "for"), ("trust", "mixed")]


async def test_a_code_can_be_taken_back(client: httpx.AsyncClient) -> None:
    home = await document(client)
    made = await client.post(f"{home}/passages", json={"start": 0, "end": 8, "code": "trust", "stance": "for"})
    address = made.headers["location"]
    assert (await client.delete(address)).status_code == 428
    assert (await client.delete(address, headers=TOKENS.headers("stu_b") | {"If-Match": "*"})).status_code == 404
    assert (await client.delete(address, headers={"If-Match": made.headers["etag"]})).status_code == 204
    assert (await client.get(address)).status_code == 404
    words = await client.post(f"{STUDY}/passages/texts", json={"ids": [made.json()["id"]]})
    assert words.json() == {"items": []}


async def test_passages_of_another_study_stay_there(client: httpx.AsyncClient) -> None:
    home = await document(client)
    made = await client.post(f"{home}/passages", json={"start": 0, "end": 8, "code": "trust", "stance": "for"})
    stranger = TOKENS.headers("stu_b")
    assert (await client.get(made.headers["location"].replace("stu_a", "stu_b"), headers=stranger)).status_code == 404
    words = await client.post("/v1/studies/stu_b/passages/texts", json={"ids": [made.json()["id"]]}, headers=stranger)
    assert words.json() == {"items": []}
    coded = await client.post(
        f"{home.replace('stu_a', 'stu_b')}/passages",
        json={"start": 0, "end": 8, "code": "trust", "stance": "for"},
        headers=stranger,
    )
    assert coded.status_code == 404
