"""A soak: deliveries of all senders mixed, while the service and its connections to the database are killed; nothing is lost or doubled.

`tests/survey/test_soak.py` takes a few; `make chaos` fifty thousand.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from sqlalchemy import text
from sqlmodel import select
from tests.kafka.broker import free_ports
from tests.support import eventually
from tests.survey.house import Hook, House
from tests.survey.running import Running
from tests.survey.senders import SENDERS, Said

from assent_kit.engines import write_engine
from assent_kit.outbox import OUTBOX
from assent_kit.tables import now
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.face import PATH_SECRET
from assent_survey.store.tables import Delivery, Response, ResponseVersion

EDITS = ("No", "If checked", "Fine")
LAST = "acceptable"
AT_ONCE, REPEATED = 24, 0.1
PATIENCE = 120.0  # seconds without a single acknowledgement

TERMINATE = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


@dataclass(frozen=True)
class Parcel:
    """One delivery: which hook, and what is said."""

    hook: Hook
    said: Said
    name: str


@dataclass
class Post:
    """Brings every parcel until it is acknowledged, some of them twice. A chain is brought in its order, chains in any."""

    chains: list[list[Parcel]]
    address: str
    random: random.Random
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Parcels that were acknowledged at least once."""
        return len(self.acknowledged)

    async def has_brought(self, count: int) -> None:
        """Until so many were acknowledged."""

        async def brought() -> int:
            return self.count

        await eventually(brought, lambda found: found >= count or bool(self.refused), within=PATIENCE + count / 50)

    async def bring_all(self) -> None:
        """From several hands at once."""
        waiting = iter(self.random.sample(self.chains, len(self.chains)))
        limits = aiohttp.TCPConnector(limit=AT_ONCE, force_close=False)
        async with aiohttp.ClientSession(connector=limits, timeout=aiohttp.ClientTimeout(total=30)) as client:
            await asyncio.gather(*(self._bring(client, waiting) for _ in range(AT_ONCE)))

    async def _bring(self, client: aiohttp.ClientSession, waiting: Any) -> None:
        for chain in waiting:
            for parcel in chain:
                await self._until_acknowledged(client, parcel)
                if self.random.random() < REPEATED:
                    await self._until_acknowledged(client, parcel)

    async def _until_acknowledged(self, client: aiohttp.ClientSession, parcel: Parcel) -> None:
        hook = parcel.hook
        sender = SENDERS[hook.platform]
        raw = sender.sealed(sender.body(parcel.said, parcel.name), hook.secret)
        while True:
            headers = PLATFORMS[hook.platform].sign(raw, hook.secret, delivery=parcel.name, at=now())
            ending = headers.pop(PATH_SECRET, None)
            path = f"{hook.address}/{ending}" if ending else hook.address
            try:
                async with client.post(self.address + path, data=raw, headers=headers) as answer:
                    status, told = answer.status, await answer.text()
            except (aiohttp.ClientError, TimeoutError, OSError):
                await asyncio.sleep(0)  # the service is being killed: at once again, as no platform would
                continue
            if status == 200:
                self.acknowledged[parcel.name] += 1
                return
            if status != 503:
                self.refused.append(f"{hook.platform}: {status} {told}")
                return


async def soak(house: House, *, deliveries: int, kills: int, seed: int = 20_260_901) -> Counter[str]:
    """Bring so many deliveries past so many kills, alternately of the process and of its database connections; answers the states.

    Raises AssertionError for anything lost or doubled.
    """
    chance = random.Random(seed)
    hooks = [await house.hook(name) for name in sorted(SENDERS)]
    people = max(deliveries // (len(hooks) * len(EDITS)), 1)
    chains = [chain for hook in hooks for person in range(people) for chain in _chains(hook, person)]
    total = sum(len(chain) for chain in chains)
    (port,) = free_ports(1)
    process = Running(house.settings.database_url, port)
    await process.until_ready()
    post = Post(chains, process.address, chance)
    bringing = asyncio.create_task(post.bring_all())
    for number in range(1, kills + 1):
        await post.has_brought(total * number // (kills + 1))
        if number % 2 and not house.database.is_sqlite:
            _cut_connections(house.settings.database_url)
            continue
        process.kill()
        process = Running(house.settings.database_url, port)
        await process.until_ready()
    await bringing
    process.kill()
    house.work()
    assert post.refused == []
    assert post.count == total
    return house.database.read_blocking(_check, hooks, people, post.acknowledged)


def _chains(hook: Hook, person: int) -> list[list[Parcel]]:
    """What one person sends: in order where only arrival tells it, else each by itself."""
    sender = SENDERS[hook.platform]
    parcels = [
        Parcel(
            hook,
            Said(
                response=f"{hook.platform}-{person}",
                respondent=f"{hook.platform}-p{person}",
                words=f"{hook.platform}-{person}",
                link_records=answer,
                minute=minute,
                finished=minute == len(EDITS) - 1 or not sender.sends_partials,
            ),
            f"msg_{hook.platform}_{person}_{minute}",
        )
        for minute, answer in enumerate(EDITS)
    ]
    return [[parcel] for parcel in parcels] if sender.orders_edits else [parcels]


def _cut_connections(url: str) -> None:
    """As a failing network or a restarted PostgreSQL would."""
    engine = write_engine(url, lanes=1)
    with engine.connect() as connection:
        connection.execute(TERMINATE)
    engine.dispose()


def _check(session: Any, hooks: Sequence[Hook], people: int, acknowledged: Counter[str]) -> Counter[str]:
    """Each response once, as it was last sent; versions without a gap, each said once; every acknowledged call durable."""
    states: Counter[str] = Counter()
    versions: dict[str, list[int]] = {}
    for response, number in session.exec(select(ResponseVersion.response, ResponseVersion.number)):
        versions.setdefault(response, []).append(number)
    said: dict[str, list[int]] = {}
    for row in session.execute(select(OUTBOX.c.aggregateid, OUTBOX.c.version)):
        said.setdefault(row.aggregateid, []).append(row.version)
    for hook in hooks:
        responses = session.exec(select(Response).where(Response.connection == hook.id)).all()
        assert sorted(each.content["texts"]["own_words"] for each in responses) == sorted(
            f"{hook.platform}-{n}" for n in range(people)
        )
        for each in responses:
            assert (each.content["answers"]["link_records"], each.complete) == (LAST, True), hook.platform
            assert set(versions.get(each.id, [])) | {each.version} == set(range(1, each.version + 1))
            assert len(versions.get(each.id, [])) == len(set(versions.get(each.id, [])))
            assert each.version <= len(EDITS)
            assert said[each.id][-1] == each.version
            assert len(said[each.id]) == len(set(said[each.id]))
        kept = Counter(session.exec(select(Delivery.state).where(Delivery.connection == hook.id)))
        calls = sum(times for name, times in acknowledged.items() if name.startswith(f"msg_{hook.platform}_"))
        assert kept.total() >= calls, f"{hook.platform}: {calls} calls were acknowledged and {kept.total()} are kept"
        assert set(kept) <= {"applied", "duplicate"}
        states += kept
    return states


def told(states: Counter[str]) -> str:
    """The states in words."""
    return ", ".join(f"{count:,} {state}" for state, count in sorted(states.items()))
