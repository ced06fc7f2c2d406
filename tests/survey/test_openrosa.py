"""What ODK Collect and Enketo hear when they send to us: their own envelope, their own rules of the same, of edits and of parts."""

import itertools
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
import pytest
from tests.survey.house import HOME, House
from tests.survey.saying import Said
from tests.survey.senders_with_a_secret import XFORM_MAPPING, instance, multipart

from assent_kit.database import Database
from assent_survey.problems import OtherInstance

XML = {"content-type": "multipart/form-data; boundary=made-by-us"}


class Collect:
    """A client on a device, as it is set up with the address that the connection shows."""

    def __init__(self, house: House, made: dict[str, Any]) -> None:
        self.house, self.id, self.secret = house, made["id"], made["secret"]
        self.server = made["address"].removeprefix(house.settings.public_url.rstrip("/"))

    async def send(self, xml: bytes, **attachments: bytes) -> httpx.Response:
        """Send an instance, or a part of it."""
        return await self.house.platform.post(f"{self.server}/submission", content=multipart(xml, **attachments), headers=XML)

    async def responses(self) -> list[dict[str, Any]]:
        """What came of it."""
        self.house.work()
        return await self.house.responses()


@pytest.fixture
async def collect(house: House) -> Collect:
    wanted = {"platform": "openrosa", "collection": await house.collection(), "mapping": XFORM_MAPPING}
    made = await house.client.post(f"{HOME}/connections", json=wanted)
    assert made.status_code == 201, made.text
    return Collect(house, made.json())


def edit(said: Said, replaces: str) -> bytes:
    """An instance that replaces another one."""
    given = f"<instanceID>uuid:{said.response}</instanceID>"
    return instance(said).replace(given.encode(), f"{given}<deprecatedID>uuid:{replaces}</deprecatedID>".encode())


def message(answer: httpx.Response) -> str:
    """What the client shows, out of the envelope."""
    root = fromstring(answer.content)
    assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    assert answer.headers["x-openrosa-version"] == "1.0"
    assert answer.headers["content-type"].startswith("text/xml")
    return str(root[0].text)


async def test_the_address_that_is_shown_is_the_client_s_server(collect: Collect) -> None:
    assert collect.server.endswith(collect.secret)
    asked = await collect.house.platform.head(f"{collect.server}/submission")
    assert asked.status_code == 204
    assert asked.headers["x-openrosa-accept-content-length"] == str(collect.house.settings.survey_hook_bytes)
    assert asked.headers["location"].endswith("/submission")


async def test_a_submission_is_kept_once_and_becomes_a_response(collect: Collect) -> None:
    first = await collect.send(instance(Said("r1", link_records="Fine")))
    again = await collect.send(instance(Said("r1", link_records="Fine")))
    assert (first.status_code, again.status_code) == (201, 202)
    assert "kept" in message(first)
    assert "before" in message(again)
    [response] = await collect.responses()
    assert response["answers"]["link_records"] == "acceptable"
    assert [each["state"] for each in await collect.house.deliveries()] == ["applied"]


async def test_attachments_may_come_in_several_parts_and_all_are_kept(collect: Collect) -> None:
    xml = instance(Said("r1"))
    answers = [
        await collect.send(xml, first=b"a photo"),
        await collect.send(xml, second=b"another"),
        await collect.send(xml, first=b"a photo"),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 202]
    assert len(await collect.responses()) == 1
    assert b"a photo" in (kept := collect.house.everything().encode())
    assert b"another" in kept
    assert (await collect.send(xml, second=b"another")).status_code == 202


async def test_the_same_id_with_another_content_is_refused(collect: Collect) -> None:
    assert (await collect.send(instance(Said("r1")))).status_code == 201
    other = await collect.send(instance(Said("r1", link_records="Fine")))
    assert other.status_code == 409
    assert message(other) == f"{OtherInstance.title}. {OtherInstance.remedy}"
    [response] = await collect.responses()
    assert response["answers"]["link_records"] == "unacceptable"


async def test_edits_are_versions_of_the_first_and_only_of_the_newest(collect: Collect) -> None:
    assert (await collect.send(instance(Said("r1")))).status_code == 201
    assert (await collect.send(edit(Said("r2", link_records="Fine"), "r1"))).status_code == 201
    assert (await collect.send(edit(Said("r3", link_records="If checked"), "r2"))).status_code == 201
    assert (await collect.send(edit(Said("r3", link_records="If checked"), "r2"))).status_code == 202
    late = await collect.send(edit(Said("r4"), "r1"))
    unknown = await collect.send(edit(Said("r5"), "never"))
    assert (late.status_code, unknown.status_code) == (409, 409)
    assert "newest version" in message(late)
    [response] = await collect.responses()
    assert (response["answers"]["link_records"], response["version"]) == ("with_check", 3)


async def test_whatever_the_order_in_which_devices_find_a_network_the_newest_edit_stands(collect: Collect) -> None:
    """A client sends again what was not accepted, as often as it must."""
    for number, order in enumerate(itertools.permutations(range(4))):
        first, second, third = (f"{name}-{number}" for name in ("first", "second", "third"))
        who = f"panel-{number}"
        sendings = [
            multipart(instance(Said(first, respondent=who))),
            multipart(instance(Said(first, respondent=who)), photo=b"a photo"),
            multipart(edit(Said(second, respondent=who, link_records="If checked"), first)),
            multipart(edit(Said(third, respondent=who, link_records="Fine"), second)),
        ]
        waiting = [sendings[place] for place in order]
        while waiting:
            answers = [
                await collect.house.platform.post(f"{collect.server}/submission", content=raw, headers=XML) for raw in waiting
            ]
            assert {answer.status_code for answer in answers} <= {201, 202, 409}
            waiting = [raw for raw, answer in zip(waiting, answers, strict=True) if answer.status_code == 409]
    responses = await collect.responses()
    assert [each["answers"]["link_records"] for each in responses] == ["acceptable"] * 24


async def test_what_was_withdrawn_does_not_come_back(collect: Collect) -> None:
    await collect.send(instance(Said("r1")))
    [response] = await collect.responses()
    withdrawal = {"collection": response["collection"], "respondent": "panel-0001"}
    assert (await collect.house.client.post(f"{HOME}/withdrawals", json=withdrawal)).status_code == 201
    for again in (instance(Said("r1")), edit(Said("r2"), "r1")):
        refused = await collect.send(again)
        assert refused.status_code == 409
    assert await collect.responses() == []


async def test_without_proof_nothing_is_kept_and_the_client_is_asked_for_it(collect: Collect) -> None:
    bare = f"/v1/hooks/{collect.id}/submission"
    for address in (bare, f"/v1/hooks/{collect.id}/{collect.secret[::-1]}/submission"):
        for answer in (
            await collect.house.platform.head(address),
            await collect.house.platform.post(address, content=multipart(instance(Said())), headers=XML),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic")
    assert await collect.house.deliveries() == []
    proved = await collect.house.platform.post(
        bare, content=multipart(instance(Said())), headers=XML, auth=("interviewer", collect.secret)
    )
    assert proved.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form",
        multipart(b"<data/>"),
        multipart(b"not xml"),
        multipart(b"<data><meta><instanceID>uuid:1</instanceID></meta>"),
        multipart(instance(Said())).replace(b"xml_submission_file", b"another_file"),
        instance(Said()).replace(b'id="acceptable"', b'id="acceptable" encrypted="yes"'),
    ],
)
async def test_what_is_no_instance_is_refused_and_not_kept(collect: Collect, body: bytes) -> None:
    answer = await collect.house.platform.post(f"{collect.server}/submission", content=body, headers=XML)
    assert answer.status_code == 400
    assert message(answer)
    assert await collect.house.deliveries() == []


async def test_an_address_of_another_platform_or_of_none_is_not_there(collect: Collect) -> None:
    hook = await collect.house.hook("kobo")
    for connection in (hook.id, "con_none"):
        answer = await collect.house.platform.post(f"/v1/hooks/{connection}/submission", content=b"", headers=XML)
        assert answer.status_code == 404


async def test_too_much_is_refused(collect: Collect) -> None:
    answer = await collect.send(instance(Said()), video=b"x" * (collect.house.settings.survey_hook_bytes + 1))
    assert answer.status_code == 413
    assert message(answer)


async def test_an_absent_database_may_pass(collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    await collect.house.platform.head(f"{collect.server}/submission")  # the door is known

    async def fail(*_: Any, **__: Any) -> None:
        raise ConnectionError("no database")

    monkeypatch.setattr(Database, "write_bulk", fail)
    answer = await collect.send(instance(Said()))
    assert answer.status_code == 503
    assert message(answer)
