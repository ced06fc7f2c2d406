"""Exports through the public face: who is in them, what is in them, and what becomes of them. All data are made up."""

import io
import json
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import polars
import pyreadstat
import pytest
from lxml import etree
from sqlmodel import Session
from tests.support import eventually_blocking
from tests.survey.exports.test_round_trips import SCHEMA
from tests.survey.house import HOME, STUDY, House, make_tables
from tests.survey.senders import INSTRUMENT

from assent_kit.database import Database
from assent_kit.jobs.worker import Task, job_workers
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.instrument import Item
from assent_survey.problems import ExportOvertaken
from assent_survey.service.ask_export import ask_export, show_export
from assent_survey.service.define_instrument import create_instrument, publish_instrument
from assent_survey.service.forget_exports import forget_exports
from assent_survey.service.jobs import KINDS
from assent_survey.service.make_export import begin_attempt, keep_piece, make_export
from assent_survey.service.open_collection import open_collection
from assent_survey.store.exports import read_piece
from assent_survey.store.tables import Job

FORMATS = ("csv", "sav", "dta", "parquet", "triple_s", "ddi")
WORDS = "Elm Street, the blue door"
NAME = "jane.roe@example.org"


async def answer(house: House, collection: str, **response: Any) -> dict[str, Any]:
    """Submit a response; by default one that consents."""
    answers = {"agreed": "yes", "own_words": WORDS, **response.pop("answers", {})}
    made = await house.client.post(f"{HOME}/responses", json={"collection": collection, "answers": answers, **response})
    assert made.status_code == 201, made.text
    return dict(made.json())


async def ask(house: House, collection: str, format: str = "csv", **wanted: Any) -> httpx.Response:
    """Ask for an export."""
    return await house.client.post(f"{HOME}/collections/{collection}/exports", json={"format": format, **wanted})


def do_jobs(house: House) -> None:
    """Do everything that waits as a job."""
    worker = job_workers(Job, KINDS)[0]
    while worker.run_once(house.database, house.settings):
        pass


async def export(house: House, collection: str, format: str = "csv", **wanted: Any) -> dict[str, Any]:
    """An export that is ready."""
    asked = await ask(house, collection, format, **wanted)
    assert asked.status_code == 202, asked.text
    assert asked.headers["location"] == asked.json()["job"]
    do_jobs(house)
    found = await house.get(f"/exports/{asked.json()['id']}")
    assert found["state"] == "ready", await house.client.get(asked.json()["job"])
    return dict(found)


async def download(house: House, export: dict[str, Any]) -> zipfile.ZipFile:
    """The file of an export."""
    got = await house.client.get(f"{HOME}/exports/{export['id']}/file")
    assert got.status_code == 200, got.text
    assert len(got.content) == export["size"]
    return zipfile.ZipFile(io.BytesIO(got.content))


async def rows(house: House, export: dict[str, Any]) -> list[dict[str, Any]]:
    """The cases of a CSV export."""
    return polars.read_csv((await download(house, export)).read("data.csv")).to_dicts()


@pytest.mark.parametrize("format", FORMATS)
async def test_a_file_has_its_codebook_and_says_what_was_left_out(any_house: House, format: str) -> None:
    house = any_house
    collection = await house.collection()
    await answer(house, collection, answers={"link_records": "unacceptable"}, respondent=NAME, external_id=NAME)
    await answer(house, collection, answers={"agreed": "no"})
    await answer(house, collection, test=True)
    await answer(house, collection, complete=False)
    made = await export(house, collection, format, include_partial=False)
    assert (made["rows"], made["left_out"]) == (1, {"test": 1, "no_consent": 1, "partial": 1})
    assert made["not_exported"] == [{"item": "own_words", "why": "open text may hold what identifies somebody"}]
    archive = await download(house, made)
    assert {"README.txt", "codebook.json", "report.json", "CITATION.txt"} < set(archive.namelist())
    assert [each["name"] for each in json.loads(archive.read("codebook.json"))["variables"]] == [
        "case_id", "version", "complete", "agreed", "link_records", "lone_parent", "design_weight", "design_stratum",
    ]  # fmt: skip
    for name in archive.namelist():
        content = archive.read(name)
        assert WORDS.encode() not in content, name
        assert NAME.encode() not in content, name


async def test_only_those_who_consent_are_in_it_and_no_test(house: House) -> None:
    collection = await house.collection()
    for consents, test in (("yes", False), ("no", False), ("yes", True)):
        await answer(house, collection, answers={"agreed": consents, "link_records": "acceptable"}, test=test)
    made = await export(house, collection)
    assert len(await rows(house, made)) == made["rows"] == 1


async def test_missing_answers_are_kept_apart(house: House) -> None:
    collection = await house.collection()
    for answers, complete in (
        ({"link_records": "acceptable"}, True),
        ({"link_records": "dont_know"}, True),
        ({"link_records": None}, True),
        ({}, True),
        ({}, False),
    ):
        await answer(house, collection, answers=answers, complete=complete)
    made = await export(house, collection)
    assert sorted(each["link_records"] for each in await rows(house, made)) == [-9, -8, -7, -6, 1]


async def test_two_exports_share_no_case_id(house: House) -> None:
    collection = await house.collection()
    response = await answer(house, collection)
    first, second = [await rows(house, await export(house, collection)) for _ in range(2)]
    assert first[0]["case_id"] != second[0]["case_id"]
    assert response["id"] not in (first[0]["case_id"], second[0]["case_id"])


async def test_the_day_is_there_only_when_wanted(house: House) -> None:
    collection = await house.collection()
    made = await answer(house, collection)
    (without,) = await rows(house, await export(house, collection))
    (with_day,) = await rows(house, await export(house, collection, received_day=True))
    assert "received_on" not in without
    assert with_day["received_on"] == made["received_at"][:10]


async def test_a_language_is_one_that_the_instrument_has(house: House) -> None:
    consent = {**INSTRUMENT["items"][0], "translations": {"cy": {"wording": "A ydych yn cytuno?", "labels": {"yes": "Ydw"}}}}
    collection = await house.collection({**INSTRUMENT, "items": [consent, *INSTRUMENT["items"][1:]]})
    refused = await ask(house, collection, language="fr")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/language")
    codebook = json.loads((await download(house, await export(house, collection, language="cy"))).read("codebook.json"))
    agreed = next(each for each in codebook["variables"] if each["name"] == "agreed")
    assert (agreed["label"], agreed["values"][0]["label"]) == ("A ydych yn cytuno?", "Ydw")


async def test_a_cell_that_looks_like_a_formula_is_a_text(house: House) -> None:
    wording = '=HYPERLINK("http://example.org")'
    scale = [{"option": "a", "label": "@SUM(1)"}, {"option": "b", "label": "Fine"}]
    items = [{"name": "q", "wording": wording, "kind": "single", "scale": scale}, INSTRUMENT["items"][5]]
    collection = await house.collection({"title": "T", "items": items}, weight=None)
    made = await house.client.post(
        f"{HOME}/responses", json={"collection": collection, "answers": {"q": "a", "design_stratum": "-north"}}
    )
    assert made.status_code == 201, made.text
    archive = await download(house, await export(house, collection))
    data, codes = archive.read("data.csv").decode(), archive.read("codes.csv").decode()
    assert '"\'-north"' in data
    assert '"\'@SUM(1)"' in codes
    assert '"q","-9","refused","Refused"' in codes


async def test_a_withdrawal_deletes_the_exports_of_its_collection(any_house: House) -> None:
    house = any_house
    collection, other = await house.collection(), await house.collection()
    await answer(house, collection, respondent=NAME)
    await answer(house, other, respondent="somebody else")
    hers, theirs = await export(house, collection), await export(house, other)
    waiting = (await ask(house, collection)).json()
    receipt = await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": NAME})
    assert receipt.json()["removed"]["exports"] == 2
    assert (await house.client.get(f"{HOME}/exports/{hers['id']}/file")).status_code == 404
    assert (await house.client.get(waiting["job"])).json()["state"] == "cancelled"
    assert [each["id"] for each in (await house.get("/exports"))["items"]] == [theirs["id"]]
    assert len((await download(house, theirs)).namelist()) > 0
    assert (await export(house, collection))["rows"] == 0


async def test_an_export_expires(build: Any) -> None:
    house: House = build(survey_export_days=1e-9)
    async with house.client, house.platform:
        made = await export(house, await house.collection())
        house.purge()
        assert (await house.client.get(f"{HOME}/exports/{made['id']}")).status_code == 404
        assert house.database.read_blocking(read_piece, made["id"], 0) is None


async def test_an_export_is_deleted_once_it_was_read(house: House) -> None:
    made = await export(house, await house.collection())
    path = f"{HOME}/exports/{made['id']}"
    assert (await house.client.delete(path)).status_code == 428
    etag = (await house.client.get(path)).headers["etag"]
    assert (await house.client.delete(path, headers={"If-Match": etag})).status_code == 204
    assert (await house.client.get(f"{path}/file")).status_code == 404


async def test_there_is_no_file_before_it_is_made(house: House) -> None:
    asked = await ask(house, await house.collection())
    got = await house.client.get(f"{HOME}/exports/{asked.json()['id']}/file")
    assert (got.status_code, got.json()["code"]) == (409, "export_not_ready")


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 202)])
async def test_viewers_get_no_responses(house: House, role: str, status: int) -> None:
    collection = await house.collection()
    asked = await house.client.post(f"{HOME}/collections/{collection}/exports", json={"format": "csv"}, headers=house.as_role(role))
    assert asked.status_code == status
    codebook = await house.client.get(f"{HOME}/collections/{collection}/codebook", headers=house.as_role(role))
    assert codebook.status_code == 200


async def test_another_study_finds_nothing(house: House) -> None:
    made = await export(house, await house.collection())
    there = house.as_role("owner", study="stu_b")
    for path in (f"exports/{made['id']}", f"exports/{made['id']}/file", f"collections/{made['collection']}/codebook"):
        assert (await house.client.get(f"/v1/studies/stu_b/{path}", headers=there)).status_code == 404


async def test_a_version_has_a_codebook_before_anyone_answers(house: House) -> None:
    instrument = (await house.get(f"/collections/{await house.collection()}"))["instrument"]
    codebook = await house.get(f"/instruments/{instrument}/versions/1/codebook")
    assert (codebook["collection"], codebook["number"]) == (None, 1)
    assert "design_weight" in [each["name"] for each in codebook["variables"]]


async def test_a_number_that_is_a_missing_code_gets_other_codes(house: House) -> None:
    items = [{"name": "degrees", "wording": "How cold was it?", "kind": "number"}]
    collection = await house.collection({"title": "T", "items": items}, weight=None, stratum=None)
    for answers in ({"degrees": -8}, {"degrees": None}, {}):
        made = await house.client.post(f"{HOME}/responses", json={"collection": collection, "answers": answers})
        assert made.status_code == 201, made.text
    made = await export(house, collection)
    assert sorted(each["degrees"] for each in await rows(house, made)) == [-99, -97, -8]


async def test_spss_takes_no_number_that_was_answered_for_a_missing_one(house: House, tmp_path: Path) -> None:
    items = [
        {"name": "change", "wording": "By how many degrees?", "kind": "number"},
        {"name": "worth", "wording": "What are you worth?", "kind": "number", "range": {"low": -1e10}},
    ]
    numbers = [-8.5, *(1.0 - 10**digits for digits in range(1, 10))]
    collection = await house.collection({"title": "T", "items": items}, weight=None, stratum=None)
    for number in [*numbers, None]:
        answers = {"change": number, "worth": number}
        made = await house.client.post(f"{HOME}/responses", json={"collection": collection, "answers": answers})
        assert made.status_code == 201, made.text
    (await download(house, await export(house, collection, "sav"))).extractall(tmp_path)
    frame, _ = pyreadstat.read_sav(tmp_path / "data.sav")
    for name in ("change", "worth"):
        assert sorted(frame[name].dropna()) == sorted(numbers)
        assert frame[name].isna().sum() == 1


async def test_answers_whose_labels_are_cut_alike_stay_apart(house: House, tmp_path: Path) -> None:
    scale = [{"option": option, "label": f"{'The same beginning ' * 10}{option}"} for option in ("yes", "no")]
    items = [{"name": "q", "wording": "Q", "kind": "single", "scale": scale}]
    collection = await house.collection({"title": "T", "items": items}, weight=None, stratum=None)
    made = await export(house, collection, "sav")
    (await download(house, made)).extractall(tmp_path)
    _, facts = pyreadstat.read_sav(tmp_path / "data.sav")
    labels = [facts.variable_value_labels["q"][code] for code in (1, 2)]
    assert [label[-5:] for label in labels] == ["… (1)", "… (2)"]
    assert [each["became"] for each in made["changes"]] == labels


@pytest.mark.parametrize(("format", "became"), [("ddi", ["one\n\n\ufffdtwo"]), ("triple_s", ["one\n\ufffdtwo"]), ("csv", [])])
async def test_a_text_that_a_format_cannot_hold_is_reported(house: House, format: str, became: list[str]) -> None:
    items = [{"name": "q", "wording": "one\n\n\x01two", "kind": "number"}]
    collection = await house.collection({"title": "T", "items": items}, weight=None, stratum=None)
    changes = (await export(house, collection, format))["changes"]
    assert [each["became"] for each in changes] == became


async def test_every_name_that_is_not_the_instruments_own_is_reported_and_the_same_in_each_export(house: House) -> None:
    scale = [{"option": option, "label": option} for option in ("a.b", "c")]
    items: list[dict[str, Any]] = [{"name": "n" * 64, "wording": "Q", "kind": "multiple", "scale": scale}]
    items += [{"name": name, "wording": "Q", "kind": "number"} for name in ("received_on", "case_id")]
    collection = await house.collection({"title": "T", "items": items}, weight=None, stratum=None)
    plain, with_day = await export(house, collection), await export(house, collection, received_day=True)
    assert [(each["was"], each["became"]) for each in plain["changes"]] == [
        ("n" * 64 + "_a.b", "n" * 64), ("n" * 64 + "_c", "n" * 62 + "_2"), ("received_on", "received_on_2"), ("case_id", "case_id_2"),
    ]  # fmt: skip
    assert plain["changes"] == with_day["changes"]


async def test_a_collection_has_a_ddi_codebook(house: House) -> None:
    collection = await house.collection()
    got = await house.client.get(f"{HOME}/collections/{collection}/codebook", params={"as": "ddi"})
    assert (got.status_code, got.headers["content-type"]) == (200, "application/xml")
    SCHEMA.assertValid(etree.fromstring(got.content))


async def test_what_was_begun_before_a_withdrawal_keeps_nothing_after_it(house: House) -> None:
    collection = await house.collection()
    await answer(house, collection, respondent=NAME)
    asked = (await ask(house, collection)).json()
    plan = house.database.write_blocking(begin_attempt, asked["id"])
    house.database.write_blocking(keep_piece, plan, 0, b"hers")
    await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": NAME})
    with pytest.raises(ExportOvertaken):
        house.database.write_blocking(keep_piece, plan, 1, b"hers")
    assert "hers" not in house.everything()


async def test_an_attempt_that_was_thought_dead_keeps_nothing(house: House) -> None:
    asked = (await ask(house, await house.collection())).json()
    first = house.database.write_blocking(begin_attempt, asked["id"])
    second = house.database.write_blocking(begin_attempt, asked["id"])
    house.database.write_blocking(keep_piece, second, 0, b"whole")
    with pytest.raises(ExportOvertaken):
        house.database.write_blocking(keep_piece, first, 1, b"of another attempt")


async def test_an_export_is_told_how_far_it_is_and_can_be_stopped(house: House) -> None:
    collection = await house.collection()
    await answer(house, collection)
    asked = (await ask(house, collection)).json()
    told: list[tuple[int, int | None]] = []

    def note(done: int, total: int | None, message: str) -> bool:
        told.append((done, total))
        return True

    task = Task("job", "stu_a", {"export": asked["id"]}, "me", house.database, house.settings, note)
    assert make_export(task) == f"{HOME}/exports/{asked['id']}"
    assert told[0] == (1, 1)
    assert house.database.read_blocking(show_export, "stu_a", asked["id"]).state == "ready"
    waiting = (await ask(house, collection)).json()
    assert (await house.client.delete(waiting["job"])).json()["state"] == "cancelled"
    assert (await house.get(f"/exports/{waiting['id']}"))["state"] == "cancelled"


async def test_the_same_key_asks_once(house: House) -> None:
    collection = await house.collection()
    made = [
        await house.client.post(
            f"{HOME}/collections/{collection}/exports", json={"format": "csv"}, headers={"Idempotency-Key": "k1"}
        )
        for _ in range(2)
    ]
    assert made[0].json()["id"] == made[1].json()["id"]
    assert len((await house.get("/exports", collection=collection))["items"]) == 1


@pytest.mark.parametrize(
    "later", [{"answers": {"agreed": "no"}}, {"answers": {"agreed": "yes", "lone_parent": "no"}, "test": True}]
)
async def test_consent_that_is_taken_back_or_a_test_that_is_told_later_deletes_the_exports_too(
    house: House, later: dict[str, Any]
) -> None:
    collection = await house.collection()
    await answer(house, collection, external_id="r1")
    made = await export(house, collection)
    await answer(house, collection, external_id="r1", **later)
    assert (await house.client.get(f"{HOME}/exports/{made['id']}/file")).status_code == 404
    assert (await export(house, collection))["rows"] == 0


async def test_what_turns_out_to_be_a_test_is_in_no_export(house: House) -> None:
    collection = await house.collection()
    response = await answer(house, collection)
    made = await export(house, collection)
    marked = await house.client.patch(f"{HOME}/responses/{response['id']}", json={"test": True}, headers={"If-Match": "*"})
    assert marked.status_code == 200, marked.text
    assert (await house.client.get(f"{HOME}/exports/{made['id']}/file")).status_code == 404
    assert (await export(house, collection))["rows"] == 0


@pytest.mark.postgres
def test_an_export_that_is_asked_for_while_consent_is_taken_back_waits_for_it(new_database: Callable[[], str]) -> None:
    url, begun, go_on = new_database(), threading.Event(), threading.Event()
    make_tables(url)

    def make_collection(session: Session) -> str:
        instrument = create_instrument(
            session, STUDY, title="T", items=(Item(name="q", wording="?", kind="text"),), external_id=None
        )
        publish_instrument(session, STUDY, instrument)
        facts = CollectionFacts(wave="1", population="Nobody", sampling="probability", mode="web")
        return open_collection(session, STUDY, instrument=instrument, number=None, facts=facts)

    def take_back(session: Session) -> int:
        found = forget_exports(session, STUDY, collection)
        begun.set()
        assert go_on.wait(20)
        return found

    def waits(session: Session) -> bool:
        return bool(session.connection().exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())

    with closing(Database(url)) as one, closing(Database(url)) as other, ThreadPoolExecutor(2) as threads:
        collection = one.write_blocking(make_collection)
        taken = threads.submit(one.write_blocking, take_back)
        assert begun.wait(20)
        asked = threads.submit(other.write_blocking, ask_export, STUDY, collection, format="csv", wanted={}, by="us")
        eventually_blocking(lambda: other.read_blocking(waits))
        assert not asked.done()
        go_on.set()
        assert taken.result(20) == 0
        assert asked.result(20)  # only then is there something to forget
        assert one.write_blocking(forget_exports, STUDY, collection) == 1
