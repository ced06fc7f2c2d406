"""kill -9 under load loses no acknowledged delivery and doubles nothing."""

import asyncio
from collections import deque
from typing import Any

import httpx
from sqlmodel import select
from tests.kafka.broker import free_ports
from tests.support import eventually
from tests.survey.house import Hook, House
from tests.survey.running import Running
from tests.survey.senders import SENDERS, Said

from assent_kit.outbox import OUTBOX
from assent_kit.tables import now
from assent_survey.platforms import PLATFORMS
from assent_survey.store.tables import Response, ResponseVersion

RESPONSES, EDITS, SENDING = 60, 3, 16
KILLED_AFTER = (30, 70, 120)  # acknowledgements


class Platform:
    """Formbricks, as it would: each delivery is tried until it is acknowledged, with the same id and a fresh signature."""

    def __init__(self, hook: Hook, address: str) -> None:
        self._hook, self._address = hook, address
        self._waiting = deque(
            (
                f"msg_{number}_{minute}",
                Said(response=f"r{number}", respondent=f"p{number}", words="", minute=minute, **_said(minute)),
            )
            for minute in range(EDITS)
            for number in range(RESPONSES)
        )
        self.acknowledged: list[str] = []
        self.up = asyncio.Event()
        self.up.set()

    async def has_acknowledged(self, count: int) -> None:
        """Until so many were."""

        async def acknowledged() -> int:
            return len(self.acknowledged)

        await eventually(acknowledged, lambda found: found >= count, within=60)

    async def send_all(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            await asyncio.gather(*(self._send(client) for _ in range(SENDING)))

    async def _send(self, client: httpx.AsyncClient) -> None:
        while self._waiting:
            delivery, said = self._waiting.popleft()
            raw = SENDERS["formbricks"].body(said)
            signed = PLATFORMS["formbricks"].sign(raw, self._hook.secret, delivery=delivery, at=now())
            try:
                answer = await client.post(self._address + self._hook.address, content=raw, headers=signed)
            except httpx.TransportError:
                self._waiting.append((delivery, said))
                await self.up.wait()
                continue
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 200:
                self.acknowledged.append(delivery)
            else:
                self._waiting.append((delivery, said))


def _said(minute: int) -> dict[str, Any]:
    """Each edit says something else, and the last one finishes."""
    return {"link_records": ("No", "If checked", "Fine")[minute], "finished": minute == EDITS - 1}


async def test_kill_under_load(any_house: House) -> None:
    house = any_house
    hook = await house.hook("formbricks")
    (port,) = free_ports(1)
    process = Running(house.settings.database_url, port)
    await process.until_ready()
    platform = Platform(hook, process.address)
    sending = asyncio.create_task(platform.send_all())
    for count in KILLED_AFTER:
        await platform.has_acknowledged(count)
        platform.up.clear()
        process.kill()
        process = Running(house.settings.database_url, port)
        await process.until_ready()
        platform.up.set()
    await sending
    process.kill()
    house.work()

    assert sorted(platform.acknowledged) == sorted(f"msg_{n}_{minute}" for n in range(RESPONSES) for minute in range(EDITS))
    deliveries = await house.deliveries()
    applied = [each["sender_id"] for each in deliveries if each["state"] == "applied"]
    assert sorted(applied) == sorted(platform.acknowledged)
    assert {each["reason"] for each in deliveries if each["state"] == "duplicate"} <= {"same_delivery"}
    house.database.read_blocking(_each_effect_once)


def _each_effect_once(session: Any) -> None:
    """Each response is there once as it was last sent; its versions count from 1; each that was said was said once."""
    responses = session.exec(select(Response)).all()
    assert len(responses) == RESPONSES
    for response in responses:
        assert (response.content["answers"]["link_records"], response.complete) == ("acceptable", True)
        numbers = session.exec(select(ResponseVersion.number).where(ResponseVersion.response == response.id)).all()
        assert sorted(numbers) == list(range(1, response.version))  # the newest is the response itself
        said = [row.version for row in session.execute(OUTBOX.select().where(OUTBOX.c.aggregateid == response.id))]
        assert len(said) == len(set(said))
        assert max(said) == response.version
