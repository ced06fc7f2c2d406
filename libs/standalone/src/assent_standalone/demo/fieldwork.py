"""Load the survey strand: publish the instrument, open the collections, connect the platforms, send their webhooks."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from assent_standalone.demo.client import Api
from assent_standalone.demo.deliveries import Delivery, formbricks, kobo, typeform
from assent_standalone.demo.parents import OPEN_LINK_VISITORS, panel, visitors
from assent_standalone.demo.progress import Step
from assent_standalone.demo.study import Row, read, with_practice
from assent_survey.platforms import PLATFORMS

BY_TYPEFORM = OPEN_LINK_VISITORS // 2


class Hook:
    """A connection of a platform: the address that it calls and the secret with which it proves itself."""

    def __init__(self, platform: str, address: str, secret: str) -> None:
        self._platform = PLATFORMS[platform]
        self._address = address
        self._secret = secret

    async def deliver(self, api: Api, delivery: Delivery) -> None:
        """Call the address as the platform would."""
        headers = self._platform.sign(delivery.body, self._secret, delivery=delivery.id, at=datetime.now(UTC))
        await api.call_hook(self._address, delivery.body, headers)


async def prepare(api: Api) -> dict[str, str]:
    """Publish the instrument, open its collections and say what parents are told; {name: id}, with the instrument's own."""
    instrument = read("instrument")
    made = await api.create("/instruments", {**instrument, "items": [with_practice(item) for item in instrument["items"]]})
    await api.create(f"/instruments/{made['id']}/publish", {})
    collections = {
        name: (await api.create("/collections", {**facts, "instrument": made["id"]}))["id"]
        for name, facts in read("collections").items()
    }
    for collection in collections.values():
        await api.put(f"/collections/{collection}/information-sheet", read("information_sheet"))
    return {"instrument": made["id"], **collections}


async def connect(api: Api, collections: Mapping[str, str]) -> dict[str, Hook]:
    """Make the connections, each with the secret that the platform or we have made; {our name of the connection: hook}."""
    return {name: await _connect(api, row, collections) for name, row in read("connections").items()}


async def _connect(api: Api, connection: Row, collections: Mapping[str, str]) -> Hook:
    platform = connection["platform"]
    made = await api.create("/connections", {**connection, "collection": collections[connection["collection"]]})
    secret = made.get("secret")
    if secret is None:
        secret = PLATFORMS[platform].new_secret()
        await api.put(f"/connections/{made['id']}/secret", {"secret": secret})
    return Hook(platform, made["hook"], secret)


async def deliver(api: Api, hooks: Mapping[str, Hook], step: Step) -> None:
    """Send what the platforms have to say, many calls at once and so in any order."""
    passing_by = visitors()
    deliveries = [*formbricks(panel()), *typeform(passing_by[:BY_TYPEFORM]), *kobo(passing_by[BY_TYPEFORM:])]
    step.expect(len(deliveries))
    await _all(hooks, api, deliveries, step)


async def _all(hooks: Mapping[str, Hook], api: Api, deliveries: Iterable[Delivery], step: Step) -> None:
    async def one(delivery: Delivery) -> None:
        await hooks[delivery.platform].deliver(api, delivery)
        step.advance()

    await asyncio.gather(*(one(delivery) for delivery in deliveries))


def panel_respondents() -> int:
    """How many members of the panel agreed to take part and have not withdrawn: what the closed collection is to hold in the end."""
    return sum(parent.state != "declined" for parent in panel()) - 1
