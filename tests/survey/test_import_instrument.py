"""Instruments out of files over HTTP: what is kept, what is said to be lost, an instrument read anew, and two versions compared."""

import json
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from tests.survey.house import HOME, House
from tests.survey.instruments.examples import LSS, QSF, SURVEYJS, XLSFORM, workbook
from tests.survey.instruments.written import definition
from tests.survey.senders import COLLECTION

from assent_survey.api.instrument_schemas import FormatName
from assent_survey.instruments import READERS
from assent_survey.instruments.face import LARGEST

FILES = {
    "xlsform": ("form.xlsx", workbook(XLSFORM)),
    "qsf": ("survey.qsf", json.dumps(QSF).encode()),
    "limesurvey": ("survey.lss", LSS.encode()),
    "surveyjs": ("form.json", json.dumps(SURVEYJS).encode()),
}

PLAIN = {name: COLLECTION[name] for name in ("wave", "population", "sampling", "mode", "fieldwork")}  # without design variables


async def send(house: House, content: bytes, name: str = "form.md", to: str = "", **more: Any) -> httpx.Response:
    """Import a file; `metadata` and `headers` may be given."""
    data = {"metadata": json.dumps(more["metadata"])} if "metadata" in more else {}
    return await house.client.post(
        f"{HOME}/instruments{to}/import", files={"file": (name, content)}, data=data, headers=more.get("headers")
    )


def test_the_api_names_every_format_that_is_read() -> None:
    assert set(get_args(FormatName)) == set(READERS)


@pytest.mark.parametrize("format", FILES)
async def test_a_file_becomes_an_instrument_that_can_be_published_and_connected(house: House, format: str) -> None:
    name, content = FILES[format]
    made = await send(house, content, name)
    assert made.status_code == 201, made.text
    read = made.json()
    assert (read["format"], read["title"], read["published"], read["differences"]) == (format, "Linking records", 0, None)
    assert read["losses"]
    kept = await house.client.get(made.headers["location"])
    assert kept.json()["items"] == read["items"]
    assert (await house.client.post(f"{made.headers['location']}/publish")).status_code == 201
    opened = await house.client.post(f"{HOME}/collections", json={"instrument": read["id"], **PLAIN})
    assert opened.status_code == 201, opened.text
    connected = await house.client.post(
        f"{HOME}/connections", json={"platform": "kobo", "collection": opened.json()["id"], "mapping": read["mapping"]}
    )
    assert connected.status_code == 201, connected.text


@pytest.mark.parametrize("format", ["qsf", "limesurvey", "surveyjs", "redcap", "triple_s"])
async def test_a_file_in_utf_16_is_recognised(house: House, format: str) -> None:
    dictionary = "Variable / Field Name\tForm Name\tField Type\tField Label\nrecord_id\tf\ttext\tID\nwhy\tf\tnotes\tWhy?\n"
    texts = {name: content.decode() for name, (_, content) in FILES.items() if name != "xlsform"}
    texts |= {"redcap": dictionary, "triple_s": definition('<variable type="character"><name>W</name></variable>')}
    made = await send(house, texts[format].replace("UTF-8", "UTF-16").encode("utf-16"), "file")
    assert (made.status_code, made.json().get("format")) == (201, format), made.text


async def test_what_is_said_of_the_file_counts(house: House) -> None:
    said = {"format": "xlsform", "title": "Wave 2", "language": "cy", "external_id": "w2"}
    made = (await send(house, XLSFORM.encode(), metadata=said)).json()
    assert (made["title"], made["external_id"], made["language"], made["file_version"]) == ("Wave 2", "w2", "cy", "3")
    assert made["items"][0]["wording"] == "A gaiff ysgolion gysylltu?"
    assert {"where": "survey, row 2, start", "what": "what the device adds, which is no question", "kept": None} in made["losses"]


async def test_a_file_read_anew_keeps_what_was_stated_and_says_what_is_different(house: House) -> None:
    made = await send(house, XLSFORM.encode())
    address, id = made.headers["location"], made.json()["id"]
    items = made.json()["items"]
    items[0] |= {"supports": ["yes"], "opposes": ["no"], "practice": {"operation": "link"}}
    assert (await house.client.post(f"{address}/publish", json={"items": items})).status_code == 201
    changed = XLSFORM.replace("| text | more | Say more |", "| text | else | What else? |").replace(
        "May schools link", "Should schools link"
    )
    again = await send(house, changed.encode(), to=f"/{id}")
    assert again.status_code == 201, again.text
    assert (again.headers["location"], again.json()["published"]) == (address, 1)
    assert again.json()["items"][0]["supports"] == ["yes"]
    told = [(each["item"], each["happening"], [part["what"] for part in each["parts"]]) for each in again.json()["differences"]]
    assert told == [("more", "removed", []), ("link", "changed", ["wording"]), ("else", "added", [])]
    second = await house.client.post(f"{address}/publish")
    assert second.json()["number"] == 2
    compared = await house.client.get(f"{address}/versions/1/diff", params={"to": 2})
    assert compared.json()["differences"] == again.json()["differences"]
    assert (compared.json()["title"], compared.json()["to"]) == (None, 2)
    backwards = await house.client.get(f"{address}/versions/2/diff", params={"to": 1})
    assert backwards.json()["differences"][1]["parts"] == [
        {"what": "wording", "before": "Should schools link records?", "after": "May schools link records?"}
    ]
    assert (await house.client.get(f"{address}/versions/1/diff", params={"to": 3})).status_code == 404
    assert (await house.client.get(f"{address}/versions/1/diff")).status_code == 422


async def test_titles_are_compared_too(house: House) -> None:
    made = await send(house, XLSFORM.encode())
    for title in ("First", "Second"):
        await house.client.post(f"{made.headers['location']}/publish", json={"title": title})
    compared = (await house.client.get(f"{made.headers['location']}/versions/1/diff", params={"to": 2})).json()
    assert compared["title"] == {"what": "title", "before": "First", "after": "Second"}
    assert compared["differences"] == []


async def test_the_same_key_makes_one_instrument(house: House) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await send(house, XLSFORM.encode(), headers=key)
    again = await send(house, XLSFORM.encode(), headers=key)
    assert (again.status_code, again.headers["location"], again.json()["losses"]) == (
        201,
        first.headers["location"],
        first.json()["losses"],
    )
    assert len((await house.get("/instruments"))["items"]) == 1
    other = await send(house, XLSFORM.replace("Say more", "Say less").encode(), headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("content", "metadata", "status", "code"),
    [
        (b"what is this?", {}, 415, "instrument_format_unknown"),
        (b"what is this?", {"format": "qsf"}, 422, "instrument_unreadable"),
        (b'{"SurveyElements": [{"Eleme', {}, 422, "instrument_unreadable"),
        (b'\xef\xbb\xbf{"pages": [', {}, 422, "instrument_unreadable"),
        (b'{"a": 1}', {}, 415, "instrument_format_unknown"),
        (XLSFORM.encode(), {"language": "fr"}, 422, "instrument_unreadable"),
        (XLSFORM.encode(), {"format": "spss"}, 422, "invalid_request"),
        (XLSFORM.encode(), {"colour": "red"}, 422, "invalid_request"),
        (b"x" * (LARGEST + 1), {}, 413, "too_large"),
        (
            b'{"SurveyElements":[{"Element":"SQ","Payload":{"QuestionID":"QID1","QuestionType":"DB"}}]}',
            {},
            422,
            "instrument_unreadable",
        ),
    ],
)
async def test_what_cannot_be_read_is_a_problem_and_nothing_is_kept(
    house: House, content: bytes, metadata: dict[str, str], status: int, code: str
) -> None:
    answer = await send(house, content, metadata=metadata)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["remedy"]
    assert (await house.get("/instruments"))["items"] == []


async def test_a_body_that_is_no_upload(house: House) -> None:
    address = f"{HOME}/instruments/import"
    assert (await house.client.post(address, json={})).status_code == 415
    without = await house.client.post(address, files={"metadata": ("", b"{}")})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/file")
    more = await house.client.post(address, files={"file": ("a", b"a"), "extra": ("b", b"b")})
    assert more.status_code == 422
    broken = await house.client.post(address, files={"file": ("a", XLSFORM.encode())}, data={"metadata": "{"})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_json")


async def test_who_may_import(house: House) -> None:
    for role in ("viewer", "analyst", "coder"):
        assert (await send(house, XLSFORM.encode(), headers=house.as_role(role))).status_code == 403
    assert (await send(house, XLSFORM.encode(), to="/ins_unknown")).status_code == 404
    made = await send(house, XLSFORM.encode())
    other = house.as_role("owner", study="stu_b")
    assert (await send(house, XLSFORM.encode(), to=f"/{made.json()['id']}", headers=other)).status_code == 404


async def test_a_name_with_folders_gives_a_title_without_them(house: House) -> None:
    nameless = XLSFORM[: XLSFORM.index("| settings |")].encode()
    made = await send(house, nameless, name=str(Path("/home/somebody") / "parents.md"))
    assert made.json()["title"] == "parents"
