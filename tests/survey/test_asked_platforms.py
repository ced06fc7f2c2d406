"""Every platform that can be asked, through the service: what its fake holds becomes responses, versions of them, and nothing twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from sqlalchemy import text
from tests.survey.house import HOME, Hook, House
from tests.survey.platforms.fakes import FAKES
from tests.survey.platforms.fakes.fake import TOKEN, Fake
from tests.survey.platforms.fakes.qualtrics import FakeQualtrics
from tests.survey.platforms.fakes.redcap import FakeRedcap
from tests.survey.platforms.fakes.surveymonkey import FakeSurveyMonkey
from tests.survey.saying import Said

from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.face import PATH_SECRET
from assent_survey.platforms.qualtrics import signed_form
from assent_survey.service import ask_platform
from assent_survey.service.fetch_answers import fetch_due
from assent_survey.service.outbound import Meter
from assent_survey.service.reconcile import step
from assent_survey.settings import SurveySettings

CODES = {"Fine": "acceptable", "If checked": "with_check", "No": "unacceptable"}


class Asked(Hook):
    """A connection whose platform is a fake."""

    fake: Fake

    def fetch(self) -> None:
        """Everything that is due, now."""
        self._hurry()
        self.house.work()
        while fetch_due(self.house.database, self.house.settings):
            self.house.work()
        self.house.work()

    async def reconcile(self, **wanted: Any) -> dict[str, Any]:
        """From beginning to end; answers the report."""
        started = await self.house.client.post(f"{HOME}/connections/{self.id}/reconciliations", json=wanted)
        assert started.status_code == 202, started.text
        report: dict[str, Any] = {"state": "running"}
        while report["state"] not in ("done", "failed"):
            self._hurry()
            step(self.house.database, self.house.settings)
            report = (await self.house.client.get(started.headers["location"])).json()
        self.house.work()
        assert report["state"] == "done", report
        return report

    async def answers(self) -> list[str | None]:
        """What stands of every response."""
        return sorted(str(each["answers"].get("link_records")) for each in await self.house.responses())

    def _hurry(self) -> None:
        def hurry(session: Any) -> None:
            for table in ("delivery", "reconciliation"):
                session.execute(text(f"UPDATE {table} SET due_at = '2000-01-01 00:00:00+00:00' WHERE due_at IS NOT NULL"))
            session.execute(text("UPDATE response SET received_at = '2000-01-01 00:00:00+00:00'"))
            session.execute(text("DELETE FROM allowance"))

        self.house.database.write_blocking(hurry)


async def connect(house: House, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Connect a fake, with the access that an operator enters."""

    @contextmanager
    def client(_: SurveySettings, meter: Meter) -> Iterator[httpx.Client]:
        with fake.client() as reaching:
            reaching.event_hooks["request"].append(meter)
            yield reaching

    monkeypatch.setattr(ask_platform, "platform_client", client)
    mapping = {
        "respondent": fake.fields["respondent"],
        "items": {"link_records": {"field": fake.fields["link_records"], "codes": CODES}},
    }
    wanted = {"platform": fake.name, "collection": await house.collection(), "mapping": mapping}
    secret = PLATFORMS[fake.name].new_secret()
    made = await house.client.post(f"{HOME}/connections", json={**wanted, "secret": secret})
    assert made.status_code == 201, made.text
    access = {**fake.entered, **dict.fromkeys(fake.token_names, TOKEN)}
    put = await house.client.put(f"{made.headers['location']}/access", json={"access": access}, headers={"If-Match": "*"})
    assert put.status_code == 200, put.text
    assert TOKEN not in put.text
    connection = made.json()["id"]
    asked = Asked(house, connection, fake.name, secret, f"/v1/hooks/{connection}")
    asked.fake = fake
    return asked


@pytest.fixture(params=sorted(FAKES))
async def asked(request: pytest.FixtureRequest, house: House, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return await connect(house, FAKES[request.param](), monkeypatch)


async def test_reconciling_finds_what_was_missed_edited_and_deleted(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    for constant, size in asked.fake.sizes.items():
        monkeypatch.setattr(constant, size)
    asked.fake.say(*(Said(f"r{number}", respondent=f"p{number}", link_records="No", minute=number) for number in range(1, 6)))
    assert (await asked.reconcile())["found"]["missed"] == 5
    assert await asked.answers() == ["unacceptable"] * 5
    again = await asked.reconcile()
    assert again["found"]["same"] >= 5
    assert set(again["found"]) <= {"same", "gone"}
    asked.fake.say(Said("r2", respondent="p2", link_records="Fine", minute=30))
    assert (await asked.reconcile())["found"]["edited"] == 1
    assert await asked.answers() == ["acceptable", *["unacceptable"] * 4]
    asked.fake.delete("r3")
    gone = await asked.reconcile(deletions="apply")
    assert len(await asked.answers()) == (4 if asked.fake.source.lists_everything else 5)
    assert gone["found"].get("missed", 0) == 0


async def test_an_answer_that_is_taken_back_and_given_again_stands(asked: Asked) -> None:
    for minute, answer in enumerate(("Fine", "No", "Fine")):
        asked.fake.say(Said("r1", link_records=answer, minute=minute))
        await asked.reconcile()
    assert await asked.answers() == ["acceptable"]


async def test_no_token_is_in_the_database_and_nothing_of_a_person_in_events(asked: Asked) -> None:
    asked.fake.say(Said("r1"))
    await asked.reconcile()
    assert TOKEN not in asked.house.everything()
    told = str(asked.house.events())
    assert told
    assert not any(word in told for word in ("Jane", "Roe", "panel-0001", "192.0.2"))


def announced(fake: Fake, secret: str, response: str, n: int) -> tuple[bytes, dict[str, str | None]]:
    """What the platform's webhook sends about a response, with its headers."""
    match fake:
        case FakeSurveyMonkey():
            resources = {"survey_id": "s1", "collector_id": "col1"}
            body = {"event_type": "response_completed", "event_id": f"e{n}", "object_id": response, "resources": resources}
            raw = orjson.dumps(body)
        case FakeQualtrics():
            message = f'{{"SurveyID":"SV_1","ResponseID":"{response}","Status":"Complete","CompletedDate":"{n}"}}'
            return signed_form(message, secret), {"content-type": "application/x-www-form-urlencoded"}
        case FakeRedcap():
            place = {"project_id": "12", "record": response, "instrument": "views", "redcap_event_name": "wave_1_arm_1"}
            return urlencode(place).encode(), {"content-type": "application/x-www-form-urlencoded", PATH_SECRET: secret}
        case _:
            raise AssertionError("it sends answers")
    return raw, {**PLATFORMS[fake.name].sign(raw, secret, delivery="", at=None)}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["surveymonkey", "qualtrics", "redcap"])
async def test_what_is_announced_is_fetched_when_it_is_there(house: House, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FAKES[name]()
    asked = await connect(house, fake, monkeypatch)
    fake.say(Said("r1", link_records="Fine"))
    fake.lagging.add("r1")
    assert (await asked.post(*announced(fake, asked.secret, "r1", 1))).status_code == 200
    asked.fetch()
    assert await asked.answers() == []
    fake.lagging.clear()
    asked.fetch()
    assert await asked.answers() == ["acceptable"]
    fake.say(Said("r1", link_records="No", minute=3))
    assert (await asked.post(*announced(fake, asked.secret, "r1", 2))).status_code == 200
    asked.fetch()
    assert await asked.answers() == ["unacceptable"]


@pytest.mark.parametrize("name", ["surveymonkey", "qualtrics", "redcap"])
async def test_a_forged_notice_is_refused_and_asks_nobody(house: House, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FAKES[name]()
    asked = await connect(house, fake, monkeypatch)
    fake.say(Said("r1"))
    forged = PLATFORMS[name].new_secret()
    assert (await asked.post(*announced(fake, forged, "r1", 1))).status_code == 401
    asked.fetch()
    assert fake.requests == []


async def test_a_response_that_surveymonkey_deletes_is_deleted_here(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeSurveyMonkey()
    asked = await connect(house, fake, monkeypatch)
    fake.say(Said("r1"))
    await asked.post(*announced(fake, asked.secret, "r1", 1))
    asked.fetch()
    assert len(await asked.answers()) == 1
    raw = orjson.dumps({"event_type": "response_deleted", "event_id": "e2", "object_id": "r1"})
    await asked.post(raw, {**PLATFORMS["surveymonkey"].sign(raw, asked.secret, delivery="", at=None)})  # type: ignore[arg-type]
    asked.fetch()
    assert await asked.answers() == []
