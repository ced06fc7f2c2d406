"""The file that the README's examples begin with: key, study, proposal, collections, an item, a parent's page, each open connection.

A connection's secret is shown once, so a new one is set when the file is written, and the file is for its owner only.
"""

import shlex
from datetime import UTC, datetime
from pathlib import Path

from assent_standalone.demo.client import Api
from assent_standalone.demo.load import Loaded
from assent_survey.platforms import PLATFORMS


async def write_handout(path: Path, key: str, address: str, api: Api, loaded: Loaded) -> None:
    """Write `KEY`, `STUDY`, `PROPOSAL`; a closed `COLLECTION` and an `ITEM` of it; an `OPEN` one with the `TOKEN` and `PAGE` of a
    parent; and `<PLATFORM>_HOOK` and `_SECRET` of each connection.
    """
    collections = [collection async for collection in api.all("/collections")]
    attitudes = [item["item"] async for item in api.all("/items") if item["role"] == "attitude"]
    values = {
        "KEY": key,
        "STUDY": f"{address}/v1/studies/{loaded.study}",
        "PROPOSAL": next(iter(loaded.proposals.values())),
        "COLLECTION": next(collection["id"] for collection in collections if collection["state"] == "closed"),
        "ITEM": attitudes[0],
        "EXAMPLES": str(Path(__file__).parent / "content" / "examples"),
    }
    still_open = {collection["id"] for collection in collections if collection["state"] == "open"}
    values["OPEN"] = min(still_open)
    batch = await api.create(
        f"/collections/{values['OPEN']}/tokens", {"count": 1, "label": f"handed out {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"}
    )
    values |= {"TOKEN": batch["tokens"][0], "PAGE": f"{address}/v1/p/{batch['tokens'][0]}"}
    async for connection in api.all("/connections"):
        if connection["collection"] in still_open:
            platform = connection["platform"]
            secret = PLATFORMS[platform].new_secret()
            await api.put(f"/connections/{connection['id']}/secret", {"secret": secret})
            values |= {f"{platform.upper()}_HOOK": connection["hook"], f"{platform.upper()}_SECRET": secret}
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items()))
