"""Files of responses over HTTP: what is read, what becomes of it, and what must not stay."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from tests.survey.house import HOME, House
from tests.survey.importing import ANNE, BELA, CARA, HEADER, MAPPING, imported, run_jobs, send, table, task_of
from tests.survey.senders import Said

from assent_contracts.registry import RESPONSES
from assent_kit.bus import TopicSettings
from assent_kit.bus.log import LogBus
from assent_kit.relay import Relay
from assent_survey.app import SERVICE
from assent_survey.domain.spreadsheet_cells import safe_cell
from assent_survey.service import run_import
from assent_survey.service.work import sweep


async def test_rows_become_responses_and_are_said(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    found = await imported(house, collection, table(ANNE, BELA, CARA))
    assert (found["state"], found["file_kept"]) == ("done", False), found
    assert found["outcomes"] == {"made": 3, "changed": 0, "unchanged": 0, "superseded": 0, "withdrawn": 0, "to_compare": 0}
    anne, bela, cara = await house.responses(collection=collection)
    assert anne["answers"] == {"agreed": "yes", "link_records": "with_check", "lone_parent": "no"}
    assert (anne["groups"], anne["weight"], anne["stratum"]) == ({"lone_parent": "couple"}, 1.5, "north")
    assert bela["missing"] == {"link_records": "dont_know", "lone_parent": "refused"}
    assert (cara["consented"], anne["connection"], anne["version"]) == (False, None, 1)
    told = {event["key"]: event["state"] for event in house.events()}
    assert told[anne["id"]]["answers"] == anne["answers"]
    assert told[anne["id"]]["respondent"] == anne["respondent"]
    assert (told[cara["id"]]["answers"], told[cara["id"]]["weight"]) == ({}, None)
    whole = house.everything()
    assert "Anne Example" not in whole
    assert "Jane Roe" not in str(told)


async def test_the_same_file_again_makes_nothing_and_a_changed_row_a_version(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    await imported(house, collection, table(ANNE, BELA))
    again = await imported(house, collection, table(ANNE, BELA))
    assert (again["outcomes"]["unchanged"], again["outcomes"]["made"]) == (2, 0)
    assert len(house.events()) == 2
    changed = ("c1", "Anne Example", "Yes", "unacceptable", "no", "", "1.5", "north")
    edited = await imported(house, collection, table(changed, CARA))
    assert (edited["outcomes"]["changed"], edited["outcomes"]["made"]) == (1, 1)
    anne = (await house.responses(collection=collection))[0]
    assert (anne["version"], anne["answers"]["link_records"]) == (2, "unacceptable")
    versions = (await house.get(f"/responses/{anne['id']}/versions"))["items"]
    assert [each["answers"]["link_records"] for each in versions] == ["with_check", "unacceptable"]
    # What was announced is said as it stands when it is said.
    assert [(event["version"], event["type"].split(".")[-2]) for event in house.events() if event["key"] == anne["id"]] == [
        (2, "corrected"),
        (2, "corrected"),
    ]


async def test_two_rows_of_one_response_are_two_accounts_of_it(house: House) -> None:
    second = ("c1", "Anne Example", "Yes", "acceptable", "no", "", "1", "north")
    found = await imported(house, await house.collection(), table(ANNE, BELA, second))
    assert (found["outcomes"]["made"], found["outcomes"]["changed"]) == (2, 1)
    assert {each["answers"].get("link_records") for each in await house.responses()} == {"acceptable", None}


async def test_a_dry_run_keeps_nothing(house: House) -> None:
    collection = await house.collection()
    found = await imported(house, collection, table(ANNE, BELA), metadata={"dry_run": True})
    assert (found["state"], found["outcomes"]["made"], found["report"]["rows"]) == ("done", 2, 2)
    assert await house.responses() == []
    assert house.events() == []


async def test_whoever_withdrew_is_skipped_and_leaves_no_token(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    gone = await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": "Anne Example"})
    assert gone.status_code == 201, gone.text
    found = await imported(house, collection, table(ANNE, BELA))
    assert (found["outcomes"]["withdrawn"], found["outcomes"]["made"]) == (1, 1)
    assert len(await house.responses()) == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
async def test_separators_and_encodings_of_csv(house: House, separator: str, encoding: str) -> None:
    row = ("c1", "Zoë Example", "Yes", "acceptable", "no", 'she said "über" ; and,\nleft', "1", "north")
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    found = await imported(house, await house.collection(), mark + table(row, separator=separator).encode(encoding))
    assert found["outcomes"]["made"] == 1, found
    (response,) = await house.responses()
    shown = await house.get(f"/responses/{response['id']}")
    assert shown["texts"] == {"own_words": row[5]}


async def test_a_named_encoding_and_gzip(house: House) -> None:
    row = ("c1", "Zoë", "Yes", "acceptable", "no", "übel", "1", "north")
    packed = gzip.compress(table(row).encode("cp1252"))
    found = await imported(house, await house.collection(), packed, encoding="cp1252")
    assert found["outcomes"]["made"] == 1, found
    (response,) = await house.responses()
    assert (await house.get(f"/responses/{response['id']}"))["texts"] == {"own_words": "übel"}


async def test_cells_that_were_guarded_against_spreadsheets_are_read_without_their_guard(house: House) -> None:
    texts = ["=1+1", "'tis", "@home", "-5", "'=2", "plain"]
    rows = [(f"c{n}", f"p{n}", "Yes", "acceptable", "no", safe_cell(text), "1", "north") for n, text in enumerate(texts)]
    await imported(house, await house.collection(), table(*rows))
    shown = [await house.get(f"/responses/{each['id']}") for each in await house.responses()]
    assert [each["texts"]["own_words"] for each in shown] == texts


async def test_what_cannot_be_coded_is_counted_and_the_response_kept(house: House) -> None:
    odd = ("c4", "Dan", "Yes", "Jane Roe said so", "no", "", "heavy", "north")
    found = await imported(house, await house.collection(), table(ANNE, odd))
    assert found["report"]["problems"] == [
        {"item": "design_weight", "why": "not a number", "rows": 1},
        {"item": "link_records", "why": "the scale has no such option", "rows": 1},
    ]
    assert (found["report"]["with_problems"], found["outcomes"]["made"]) == (1, 2)
    _, dan = await house.responses()
    assert {each["item"] for each in dan["problems"]} == {"link_records", "design_weight"}
    assert "Jane Roe said so" not in house.everything()


async def test_rows_that_cannot_be_read_are_named_by_their_number(house: House) -> None:
    content = table(ANNE) + "c9,too,few\r\n" + table(("", "", "Yes", "acceptable", "", "", "", ""), BELA).split("\r\n", 1)[1]
    content += f"c8,p\0q,Yes,acceptable,no,,1,north\r\n,,,,,,,\r\nc9,p9,Yes,acceptable,no,{'x' * 200_000},1,north\r\n"
    found = await imported(house, await house.collection(), content)
    assert found["state"] == "done", found
    report = found["report"]
    assert [each["row"] for each in report["rejected_rows"]] == [3, 4, 6, 8]
    assert (report["rows"], report["blank"], report["rejected"], found["outcomes"]["made"]) == (7, 1, 4, 2)
    assert "cells" in report["rejected_rows"][0]["why"]
    assert "NUL" in report["rejected_rows"][2]["why"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "file_unreadable"),
        (table(ANNE).encode().replace(b"Anne", b"\xff\xfe\xfd"), "file_unreadable"),
        (table(ANNE).encode("utf-16-le"), "file_unreadable"),
        (gzip.compress(table(ANNE).encode())[:-9], "file_unreadable"),
        (table(ANNE, header=("case", "case", *HEADER[2:])).encode(), "columns_unfit"),
        (table(ANNE, header=("x", *HEADER[1:])).encode(), "columns_unfit"),
        (table((*ANNE[:5], "x" * 20_000_000, *ANNE[6:])).encode(), "file_unreadable"),
    ],
)
async def test_files_that_are_none_fail_and_leave_nothing(house: House, content: bytes, code: str) -> None:
    found = await imported(house, await house.collection(), content)
    assert (found["state"], found["file_kept"]) == ("failed", False)
    job = (await house.client.get(found["job"])).json()
    assert job["problem"]["code"] == code, job
    assert await house.responses() == []
    assert "Example" not in house.everything()


async def test_what_is_wrong_with_the_metadata_is_said_at_once(house: House) -> None:
    collection = await house.collection()
    unnamed = await send(house, collection, table(ANNE), respondent=None, response=None)
    assert (unnamed.status_code, unnamed.json()["errors"][0]["pointer"]) == (422, "/metadata/response")
    unknown = await send(house, collection, table(ANNE), items={"nothing": {"column": "x"}})
    assert unknown.json()["errors"][0]["pointer"] == "/metadata/items/nothing"
    both = await send(house, collection, table(ANNE), items={"agreed": {}})
    assert (both.status_code, both.json()["code"]) == (422, "invalid_request")
    await house.client.post(f"{HOME}/collections/{collection}/close")
    assert (await send(house, collection, table(ANNE))).json()["code"] == "collection_closed"
    assert (await house.get("/imports"))["items"] == []


async def test_a_file_over_the_limit_says_what_to_do(build: Any) -> None:
    house = build(survey_import_bytes=1024)
    refused = await send(house, await house.collection(), table(*[ANNE] * 100))
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert "ASSENT_SURVEY_IMPORT_BYTES" in refused.json()["detail"]


async def test_the_same_key_sends_a_file_once(house: House) -> None:
    collection = await house.collection()
    first = await send(house, collection, table(ANNE), headers={"Idempotency-Key": "k"})
    second = await send(house, collection, table(ANNE), headers={"Idempotency-Key": "k"})
    assert (second.status_code, second.json()["id"]) == (202, first.json()["id"])
    assert len((await house.get("/imports"))["items"]) == 1
    other = await send(house, collection, table(BELA), headers={"Idempotency-Key": "k"})
    assert other.status_code == 409


async def test_a_cancelled_import_leaves_no_file(house: House) -> None:
    sent = await send(house, await house.collection(), table(ANNE))
    assert (await house.client.delete(sent.headers["location"])).json()["state"] == "cancelled"
    run_jobs(house)
    sweep(house.database, house.settings)
    found = await house.get(f"/imports/{sent.json()['id']}")
    assert (found["state"], found["file_kept"]) == ("cancelled", False)
    assert "Example" not in house.everything()


async def test_a_deleted_import_leaves_no_file_and_keeps_what_it_made(house: House) -> None:
    collection = await house.collection()
    done = await imported(house, collection, table(ANNE))
    sent = await send(house, collection, table(BELA))
    for id in (done["id"], sent.json()["id"]):
        etag = (await house.client.get(f"{HOME}/imports/{id}")).headers["etag"]
        deleted = await house.client.delete(f"{HOME}/imports/{id}", headers={"If-Match": etag})
        assert deleted.status_code == 204, deleted.text
    run_jobs(house)
    assert len(await house.responses()) == 1
    assert "Bela" not in house.everything()


async def test_an_import_goes_on_after_a_worker_that_died(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = any_house
    collection = await house.collection()
    rows = [(f"c{n}", f"p{n}", "Yes", "acceptable", "no", "", "1", "north") for n in range(12_000)]
    sent = await send(house, collection, table(*rows))

    class Died(BaseException):
        """The end of a process."""

    take = run_import._Run._take

    def die(run: Any, bucket: int, columns: Any) -> None:
        if bucket == 1:
            raise Died
        take(run, bucket, columns)

    monkeypatch.setattr(run_import._Run, "_take", die)
    with pytest.raises(Died):
        run_import.run_import(task_of(house, sent.json()["id"]))
    monkeypatch.setattr(run_import._Run, "_take", take)
    there = len(await house.responses())
    assert there == 500  # a page; some of them are kept already
    run_jobs(house)
    found = await house.get(f"/imports/{sent.json()['id']}")
    assert (found["state"], found["outcomes"]["made"], found["outcomes"]["unchanged"]) == ("done", 12_000, 0)
    events = house.events()
    assert (len(events), len({event["key"] for event in events})) == (12_000, 12_000)


TRUST = ({"option": "1", "label": "None"}, {"option": "2", "label": "Some"})


async def test_columns_of_options_labels_and_completeness(house: House) -> None:
    instrument = {
        "title": "What would help",
        "items": [
            {
                "name": "helps",
                "wording": "What would help?",
                "kind": "multiple",
                "scale": [{"option": "notice", "label": "A notice"}, {"option": "veto", "label": "A veto"}],
            },
            {"name": "trust", "wording": "Trust?", "kind": "single", "scale": list(TRUST)},
            {"name": "children", "wording": "How many?", "kind": "number", "range": {"low": 0, "high": 20}, "missing": {"refused": "-9"}},
        ],
    }  # fmt: skip
    collection = await house.collection(instrument, weight=None, stratum=None)
    items = {
        "helps": {"columns": {"notice": "h1", "veto": "h2"}},
        "trust": {"column": "t"},
        "children": {"column": "k"},
    }
    rows = [
        ("a", "1", "0", "Some", "2", "done"),
        ("b", "0", "0", "None", "-9", "done"),
        ("c", "", "A veto", "", "99", "partial"),
        ("d", "", "", "Some", "", "partial"),
    ]
    content = table(*rows, header=("who", "h1", "h2", "t", "k", "state"))
    plan = {"items": items, "response": None, "codes_by": "label", "complete": {"column": "state", "values": ["Done"]}}
    found = await imported(house, collection, content, **plan)
    assert found["outcomes"]["made"] == 4, found
    a, b, c, d = await house.responses()
    assert (a["answers"], a["complete"]) == ({"helps": ["notice"], "trust": "2", "children": 2.0}, True)
    assert (b["answers"], b["missing"]) == ({"trust": "1"}, {"helps": "refused", "children": "refused"})
    assert (c["answers"], c["complete"], c["problems"][0]["item"]) == ({"helps": ["veto"]}, False, "children")
    assert (d["answers"], d["missing"]) == ({"trust": "2"}, {"helps": "not_asked", "children": "break_off"})


@pytest.mark.parametrize("kind", ["sav", "dta"])
async def test_statistical_files_are_read_by_value_or_label(house: House, tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame(
        {
            "case": ["c1", "c2", "c3"],
            "who": [101.0, 102.0, 103.0],
            "agreed": [1.0, 1.0, 2.0],
            "link": [2.0, 9.0, None],
            "lone": [1.0, 1.0, 1.0],
            "why": ["because", "", ""],
            "weight": [1.5, 1.0, 2.0],
            "stratum": ["north", "south", ""],
        }
    )
    labels: dict[str, Any] = {"agreed": {1: "Yes", 2: "No"}, "link": {1: "acceptable", 2: "with_check", 9: "dont_know"}}
    path = tmp_path / f"answers.{kind}"
    write: Any = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[kind]
    write(frame, str(path), variable_value_labels=labels)
    items = {**MAPPING["items"], "lone_parent": {"column": "lone", "codes": {"1": "yes"}}}
    found = await imported(house, await house.collection(), path.read_bytes(), metadata={"format": kind}, items=items)
    assert found["outcomes"]["made"] == 3, found
    one, two, three = await house.responses()
    assert (one["answers"], one["stratum"]) == ({"agreed": "yes", "link_records": "with_check", "lone_parent": "yes"}, "north")
    assert two["missing"]["link_records"] == "dont_know"
    assert (three["consented"], three["missing"]["link_records"]) == (False, "not_asked")
    again = await imported(house, one["collection"], path.read_bytes(), metadata={"format": kind}, items=items)
    assert again["outcomes"]["unchanged"] == 3


async def test_an_export_of_a_platform_and_its_webhooks_are_the_same_responses(house: House) -> None:
    collection = await house.collection()
    hook = await house.hook("typeform", collection)
    await hook.send(Said(response="c1", respondent="Anne Example", link_records="If checked", words="because of Jane Roe"))
    house.work()
    (delivered,) = await house.responses()
    row = ("c1", "Anne Example", "Yes", "with_check", "yes", "because of Jane Roe", "1.25", "north")
    found = await imported(house, collection, table(row, BELA), platform="typeform")
    assert (found["outcomes"]["unchanged"], found["outcomes"]["made"]) == (1, 1)
    assert (await house.responses())[0] == delivered


async def test_a_response_may_hold_more_text_than_an_event_may(house: House) -> None:
    """What is said of it holds no text."""
    texts = {f"text_{number}": "a" * 99_000 for number in range(10)}
    items = [{"name": name, "wording": "Why?", "kind": "text"} for name in texts]
    collection = await house.collection({"title": "At length", "items": items}, weight=None, stratum=None)
    header = ("case", "who", *texts)
    found = await imported(
        house,
        collection,
        table(("c1", "Anne", *texts.values()), ("c2", "Bela", *("" for _ in texts)), header=header),
        items={name: {"column": name} for name in texts},
    )
    assert found["outcomes"]["made"] == 2, found
    assert [len(event["state"]["answers"]) for event in house.events()] == [0, 0]


async def test_what_was_imported_travels_as_it_stands(any_house: House, tmp_path: Path) -> None:
    """Through the relay and the bus: Anne's correction, nothing of Bela, who withdrew before the relay had its turn, and Cara."""
    house = any_house
    collection = await house.collection()
    await imported(house, collection, table(ANNE, BELA, CARA))
    changed = ("c1", "Anne Example", "Yes", "unacceptable", "no", "", "1.5", "north")
    edited = await imported(house, collection, table(changed))
    assert edited["outcomes"]["changed"] == 1, edited
    gone = await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": "Bela Example"})
    assert gone.status_code == 201, gone.text
    with LogBus(tmp_path / "bus.db") as bus:
        bus.ensure_topics([topic.name for topic in SERVICE.topics], TopicSettings())
        relay = Relay("survey", house.database, bus, erased_after=timedelta(days=1), composers=SERVICE.composers)
        while relay.run_once():
            pass
        relay.close()
        records = [record for batch in bus.read([RESPONSES.name]) for record in batch]
    newest = {record.key: record for record in records}
    said = {key: json.loads(record.value) for key, record in newest.items() if record.value}
    assert sorted(said) == [each["id"] for each in await house.responses()]
    assert [said[key]["answers"].get("link_records") for key in sorted(said)] == ["unacceptable", None]  # Cara did not agree
    assert [dict(newest[key].headers)["ce_aggregateversion"] for key in sorted(said)] == ["2", "1"]
    assert len(newest) - len(said) == 1
    assert [record.key for record in records if record.value and record.key not in said] == []
