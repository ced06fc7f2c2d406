"""Consent and tests from end to end: what survey says, fed to analytics, and what analytics then estimates."""

import json
from typing import Any

from tests.analytics.conftest import Analytics, make_tables
from tests.survey.fieldwork import issue, respond
from tests.survey.house import HOME, STUDY, House

from assent_kit.bus import Record
from assent_kit.outbox import OUTBOX


def said_by(house: House) -> list[Record]:
    """Everything that survey has said, as the bus hands it out."""

    def read(session: Any) -> list[Record]:
        return [
            Record(
                topic=row.aggregatetype,
                partition=0,
                offset=row.position,
                key=row.aggregateid,
                value=row.payload.encode() if row.payload else None,
                headers=json.loads(row.headers),
            )
            for row in session.execute(OUTBOX.select().order_by(OUTBOX.c.position))
        ]

    return house.database.read_blocking(read)


async def test_neither_a_test_nor_an_answer_without_consent_is_ever_estimated(house: House, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/analytics.db"
    make_tables(url)
    analytics = Analytics(url)
    collection = await house.collection(weight=None, stratum=None)
    (test_token,) = await issue(house, collection, test=True)
    made = [await respond(house, collection, f"p{number}", lone_parent="yes") for number in range(30)]
    await respond(house, collection, test_token)
    await respond(house, collection, "declined", agreed="no")
    await respond(house, collection, "never asked", agreed=None)
    for each in made[:3]:
        await house.client.patch(f"{HOME}/responses/{each['id']}", json={"test": True}, headers={"If-Match": "*"})
    await house.client.patch(f"{HOME}/responses/{made[0]['id']}", json={"test": False}, headers={"If-Match": "*"})
    await house.client.post(f"{HOME}/collections/{collection}/close")

    said = said_by(house)
    analytics.hear_records(said)
    (item,) = (await analytics.get("/items", study=STUDY))["items"]
    (found,) = (await analytics.get(f"/estimates?item={item['item']}", study=STUDY))["items"]
    assert found["base"] == 28
    latest = {record.key: json.loads(record.value or b"null") for record in said if record.topic == "assent.survey.responses"}
    usable = [state for state in latest.values() if state["consented"] and not state["test"]]
    assert len(usable) == 28
    assert all(state["answers"] == {} == state["groups"] for state in latest.values() if state not in usable)
    await analytics.client.aclose()
    analytics.database.close()
