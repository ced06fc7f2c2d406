"""What the tests of fieldwork share: issuing tokens, answering under them, and a made-up information sheet."""

from typing import Any

from tests.survey.house import HOME, House

TOPICS = (
    "nature",
    "involvement",
    "benefits_and_risks",
    "withdrawal",
    "lawful_basis",
    "uses",
    "archive",
    "confidentiality",
    "funder",
)


def sheet_text(title: str = "Parents and records: a made-up study", **changes: Any) -> dict[str, Any]:
    """A whole sheet in one language. Nobody and nothing in it exists."""
    return {
        "title": title,
        "sections": [{"about": topic, "heading": f"About {topic}", "text": f"What we say about {topic}."} for topic in TOPICS],
        "contacts": [
            {"about": "study", "name": "The made-up team", "email": "team@study.example", "phone": "+44 1632 960001"},
            {"about": "complaints", "name": "The made-up office", "url": "https://study.example/complaints"},
        ],
        "support": [
            {"name": "A made-up helpline", "what": "Listens to parents", "phone": "01632 960002", "hours": "day and night"}
        ],
        **changes,
    }


async def put_sheet(house: House, collection: str, version: str = "1", **languages: dict[str, Any]) -> Any:
    """Show a sheet; by default in English."""
    body = {"version": version, "languages": languages or {"en": sheet_text()}}
    put = await house.client.put(f"{HOME}/collections/{collection}/information-sheet", json=body)
    assert put.status_code == 200, put.text
    return put.json()


async def issue(house: House, collection: str, count: int = 1, **wanted: Any) -> list[str]:
    """Issue tokens."""
    made = await house.client.post(f"{HOME}/collections/{collection}/tokens", json={"count": count, **wanted})
    assert made.status_code == 201, made.text
    return list(made.json()["tokens"])


async def respond(house: House, collection: str, respondent: str, *, complete: bool = True, **answers: Any) -> dict[str, Any]:
    """A direct submission under a token; by default with consent and one answer."""
    given = {"agreed": "yes", "link_records": "unacceptable", **answers}
    body = {
        "collection": collection,
        "respondent": respondent,
        "answers": {name: value for name, value in given.items() if value is not None},
        "complete": complete,
    }
    made = await house.client.post(f"{HOME}/responses", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())
