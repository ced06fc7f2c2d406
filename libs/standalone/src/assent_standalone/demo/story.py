"""What `make demo` tells once the services answer: load the study, print the evidence of its proposals, say what to do next."""

import asyncio
from pathlib import Path

import httpx
from rich.console import Console

from assent_gateway.service.issue_key import create_first_key
from assent_kit.database import Database
from assent_standalone.demo import LABEL, load
from assent_standalone.demo.client import Api
from assent_standalone.demo.handout import write_handout
from assent_standalone.demo.show import show

TIMEOUT_SECONDS = 60.0


def tell(folder: Path, gateway: Database, pepper: str, address: str) -> None:
    """Load, show and explain. `gateway` is where the first key is made, when the folder has none yet."""
    key = _key(folder, gateway, pepper)
    asyncio.run(_tell(key, folder, address, Console()))


async def _tell(key: str, folder: Path, address: str, console: Console) -> None:
    console.print(f"[bold]Assent[/bold] at {address} - {LABEL}")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        try:
            loaded = await load.load(http, console)
        except (load.Refused, load.NotCaughtUp, httpx.HTTPError) as error:
            console.print(f"[red]The demo study could not be loaded:[/red] {error or type(error).__name__}")
            return
        api = Api(http, loaded.study)
        handout = folder / "env"
        if loaded.new or not handout.exists() or address not in handout.read_text():
            await write_handout(handout, key, address, api, loaded)
        for proposal in loaded.proposals.values():
            show(await load.evidence(api, proposal), console)
    console.print(
        f"API and documentation: [bold]{address}/docs[/bold]. Everything is kept in {folder}/; Ctrl-C ends this.", soft_wrap=True
    )
    console.print(f"To feed it your own material: [bold]source {folder}/env[/bold], then as the README says.", soft_wrap=True)


def _key(folder: Path, gateway: Database, pepper: str) -> str:
    """The installation's first key, kept beside the databases where only its owner can read it."""
    path = folder / "key"
    if not path.exists():
        key = gateway.write_blocking(create_first_key, pepper=pepper, another=True)
        path.touch(mode=0o600)
        path.write_text(key.secret + "\n")
    return path.read_text().strip()
