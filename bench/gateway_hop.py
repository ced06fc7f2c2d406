"""The gateway's hop, with authentication and limits on, beside a bare aiohttp hop and no hop at all, in one run.

Each server is a process with one worker. Two upstreams stand behind them: a *small* one that answers a fixed kilobyte at once, which shows
what a hop costs, and a *list* one that reads 50 responses from SQLite as services do, which shows what a hop costs beside real work.
The load comes from wrk where it is installed and else from an aiohttp client. Goals: CPU at most twice that of the bare hop; at least
0.90 of direct on the list.
"""

import argparse
import asyncio
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil  # type: ignore[import-untyped]
from sqlmodel import Field, Session, select
from starlette.types import ASGIApp, Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assent_gateway.app import create_app
from assent_gateway.service.issue_key import create_first_key
from assent_gateway.service.open_study import open_study
from assent_gateway.settings import GatewaySettings
from assent_gateway.store.tables import Table as GatewayTable
from assent_kit.app import build_app, router
from assent_kit.database import Database
from assent_kit.engines import write_engine
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.schemas import Answer
from assent_kit.server import run
from assent_kit.settings import ServiceSettings
from assent_kit.tables import table_base
from assent_kit.tokens import new_key_pair
from bench.fsync import measure as fsync_rate

CONNECTIONS, SECONDS, ROUNDS = 32, 2, 5
GOAL_CPU, GOAL_LIST = 2.0, 0.90
SMALL = json.dumps({"items": [{"response": f"rsp_{n:026d}", "collection": "col_1", "complete": True} for n in range(14)]}).encode()


# --- the servers -----------------------------------------------------------------------------------------------------------------

Table = table_base()


class Row(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A response as a service keeps it."""

    __tablename__ = "response"
    id: str = Field(primary_key=True)
    respondent: str
    collection: str
    state: str
    answers: str


class RowOut(Answer):
    """A response as it is listed."""

    id: str
    respondent: str
    collection: str
    state: str
    answers: dict[str, str]


async def small(scope: Scope, receive: Receive, send: Send) -> None:
    """The least that a service can do."""
    if scope["type"] != "http":
        await _lifespan(receive, send)
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(SMALL)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": SMALL})


def listing(folder: Path) -> ASGIApp:
    """A service that lists responses from SQLite."""
    url = f"sqlite:///{folder}/list.db"
    engine = write_engine(url, lanes=1)
    Table.metadata.create_all(engine)
    engine.dispose()
    database = Database(url)
    answers = json.dumps({f"item_{n}": "acceptable" for n in range(10)})
    rows = [
        {"id": f"rsp_{n:026d}", "respondent": f"r{n}", "collection": "col_1", "state": "received", "answers": answers}
        for n in range(500)
    ]
    database.write_blocking(lambda session: session.add_all([Row(**row) for row in rows]))
    routes = router(prefix="/v1/studies/{study}/responses")

    @routes.get("")
    async def many(page: PageQuery) -> Page[RowOut]:
        def look(session: Session) -> Page[RowOut]:
            found = session.exec(select(Row).where(Row.id > (page.after or "")).order_by(Row.id).limit(page.fetch)).all()
            return paginate(
                found,
                page,
                key=lambda row: row.id,
                shape=lambda row: RowOut(**row.model_dump(exclude={"answers"}), answers=json.loads(row.answers)),
            )

        return await database.read(look)

    settings = ServiceSettings(environment="development", database_url=url, bus_url=url)
    return build_app(settings, database, name="list", title="list", routers=[routes])


def bare(upstream: str) -> ASGIApp:
    """A hop with nothing on it: raw ASGI and an aiohttp client."""
    session: list[aiohttp.ClientSession] = []

    async def hop(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        if not session:
            session.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False))
        target = upstream + scope["path"] + "?" + scope["query_string"].decode()
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"] if name != b"host"]
        async with session[0].request(scope["method"], target, headers=headers, allow_redirects=False) as answer:
            kept = [
                (name.lower(), value)
                for name, value in answer.raw_headers
                if name.lower() not in (b"connection", b"transfer-encoding")
            ]
            await send({"type": "http.response.start", "status": answer.status, "headers": kept})
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    return hop


def gateway(upstream: str, folder: Path) -> ASGIApp:
    """The gateway, with a study and a key; prints both."""
    settings = GatewaySettings(
        environment="development",
        database_url=f"sqlite:///{folder}/gateway.db",
        bus_url="sqlite:///unused",
        gateway_private_key=new_key_pair()[0],
        key_pepper="p" * 32,
        survey_url=upstream,
        requests_per_minute=10_000_000,
    )
    engine = write_engine(settings.database_url, lanes=1)
    GatewayTable.metadata.create_all(engine)
    engine.dispose()
    database = Database(settings.database_url)
    key = database.write_blocking(create_first_key, pepper="p" * 32)
    study = database.write_blocking(open_study, title="Bench", description="", by=key.id, openers=())
    (folder / "access.json").write_text(json.dumps({"key": key.secret, "study": study}))
    return create_app(settings, database)


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def serve(role: str, port: int, upstream: str, folder: Path) -> None:
    """Run one server until it is told to stop."""
    apps: dict[str, Any] = {
        "small": lambda: small,
        "list": lambda: listing(folder),
        "bare": lambda: bare(upstream),
        "gateway": lambda: gateway(upstream, folder),
    }
    run(apps[role](), host="127.0.0.1", port=port)


# --- the measuring ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: psutil.Process
    address: str

    def cpu(self) -> float:
        """CPU seconds used so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@dataclass(frozen=True)
class Figure:
    """Requests a second, and CPU microseconds a request of the server that was asked."""

    rate: float
    cpu: float


@contextmanager
def running(role: str, folder: Path, upstream: str = "-") -> Iterator[Server]:
    """A server in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [sys.executable, __file__, "--role", role, "--port", str(port), "--upstream", upstream, "--folder", str(folder)]
    process = subprocess.Popen(arguments)
    try:
        _wait_for(port)
        yield Server(psutil.Process(process.pid), f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(15)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def load(server: Server, path: str, key: str) -> Figure:
    """Ask one server as fast as it answers."""
    url = server.address + path
    before = server.cpu()
    requests, seconds = (_wrk if shutil.which("wrk") else _aiohttp)(url, key)
    return Figure(rate=requests / seconds, cpu=(server.cpu() - before) / max(1, requests) * 1e6)


def _wrk(url: str, key: str) -> tuple[int, float]:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", f"Authorization: Bearer {key}", url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise RuntimeError(f"{url} did not answer 2xx: {told}")
    found = re.search(r"(\d+) requests in ([\d.]+)s", told)
    assert found is not None, told
    return int(found[1]), float(found[2])


def _aiohttp(url: str, key: str) -> tuple[int, float]:
    async def ask_all() -> tuple[int, float]:
        ends = time.perf_counter() + SECONDS
        count = 0
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:

            async def ask() -> None:
                nonlocal count
                while time.perf_counter() < ends:
                    async with session.get(url) as answer:
                        answer.raise_for_status()
                        await answer.read()
                    count += 1

            started = time.perf_counter()
            await asyncio.gather(*[ask() for _ in range(CONNECTIONS)])
            return count, time.perf_counter() - started

    return asyncio.run(ask_all())


def compare(servers: dict[str, Server], path: str, key: str) -> list[dict[str, Figure]]:
    """Several rounds, in each of which all servers take turns, so that a busy moment hits all alike."""
    for server in servers.values():
        request = urllib.request.Request(server.address + path, headers={"Authorization": f"Bearer {key}"})
        urllib.request.urlopen(request).read()
    return [{name: load(server, path, key) for name, server in servers.items()} for _ in range(ROUNDS)]


def main() -> None:
    """Measure, and print the figures, the ratios and the goals."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found: dict[str, list[dict[str, Figure]]] = {}
        for upstream in ("small", "list"):
            folder = root / upstream
            folder.mkdir()
            direct = stack.enter_context(running(upstream, folder))
            hop = stack.enter_context(running("bare", folder, direct.address))
            house = stack.enter_context(running("gateway", folder, direct.address))
            access = json.loads((folder / "access.json").read_text())
            path = f"/v1/studies/{access['study']}/responses?limit=50"
            found[upstream] = compare({"direct": direct, "bare hop": hop, "gateway": house}, path, access["key"])
    generator = "wrk" if shutil.which("wrk") else "aiohttp"
    print(
        f"fsync: {fsync_rate():,.0f}/s; load from {generator}, {CONNECTIONS} connections, median of {ROUNDS} rounds of {SECONDS} s"
    )
    for upstream, rounds in found.items():
        for name in rounds[0]:
            rate = statistics.median(one[name].rate for one in rounds)
            used = statistics.median(one[name].cpu for one in rounds)
            print(f"{upstream:6} {name:9} {rate:8,.0f} requests/s {used:7.0f} µs CPU a request of this process")
    cpu = statistics.median(one["gateway"].cpu / one["bare hop"].cpu for one in found["small"])
    share = statistics.median(one["gateway"].rate / one["direct"].rate for one in found["list"])
    print(f"CPU of the gateway: {cpu:.2f} × a bare aiohttp hop (goal: ≤ {GOAL_CPU:.2f}) {_judged(cpu <= GOAL_CPU)}")
    print(f"Rate through the gateway: {share:.2f} of direct on the list (goal: ≥ {GOAL_LIST:.2f}) {_judged(share >= GOAL_LIST)}")


def _judged(reached: bool) -> str:
    return "reached" if reached else "MISSED"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role")
    parser.add_argument("--port", type=int)
    parser.add_argument("--upstream")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.role:
        serve(given.role, given.port, given.upstream, given.folder)
    else:
        main()
