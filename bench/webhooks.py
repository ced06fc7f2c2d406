"""Webhook to durable 200, beside a bare FastAPI echo of the same requests in the same run: acked/s, applied/s, and their ratio.

Each server is a process with one worker and 32 connections kept alive. Every request is a delivery of 30 answers with an id and a proof
of its own, made before the clock starts: Formbricks' in three rounds, then every other sender's that has the answers in the body, in one.
The load comes from a third process that writes prepared bytes, so that it is not what is measured. The disk's fsync rate is printed
beside the figures: no durable commit can be faster.
Goals: 0.20 of the echo on SQLite with synchronous=FULL, 0.25 on PostgreSQL. Run: `python bench/webhooks.py [--seconds 5]`.
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import psutil
import pytest
import uvloop
from fastapi import FastAPI, Request, Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.kafka.broker import free_ports
from tests.postgres.server import run_postgres
from tests.survey.senders import SENDERS, Said

from assent_kit import migrations
from assent_kit.database import Database
from assent_kit.server import run
from assent_kit.workers import WorkerThread
from assent_survey.app import SERVICE, create_app
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.instrument import Item
from assent_survey.domain.mapping import Mapping
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.face import PATH_SECRET
from assent_survey.service.connect_platform import connect_platform
from assent_survey.service.define_instrument import create_instrument, publish_instrument
from assent_survey.service.keys import Keys
from assent_survey.service.open_collection import open_collection
from assent_survey.service.work import WORKERS, apply_pending
from assent_survey.settings import SurveySettings
from bench.fsync import measure as fsync_rate

CONNECTIONS, ANSWERS, ROUNDS = 32, 30, 3
SECONDS_EACH = 2.0  # for each other sender
FIRST = "formbricks"
WARM_UP = 0.5  # seconds that are not counted
MOST_A_SECOND = 9_000  # deliveries prepared for each second of a round
GOALS = {"SQLite FULL": 0.20, "PostgreSQL": 0.25}
STUDY, SECRET = "stu_bench", "whsec_" + "QmVuY2htYXJrIHNlY3JldCwga25vd24gdG8gYWxsLiE="  # the same in every process


# --- the servers -----------------------------------------------------------------------------------------------------------------


def settings_for(url: str) -> SurveySettings:
    """Settings on a database."""
    return SurveySettings(environment="development", database_url=url, bus_url=url)


def serve_echo(port: int) -> None:
    """The floor: the body in, a short answer out, nothing kept."""
    app = FastAPI(openapi_url=None)

    @app.post("/echo")
    async def echo(request: Request) -> Response:
        await request.body()
        return Response(b'{"delivery":"dlv_00000000000000000000000000"}', media_type="application/json")

    run(app, host="127.0.0.1", port=port)


def serve_hook(port: int, url: str, *, with_worker: bool) -> None:
    """Our hook, with or without the worker that applies deliveries beside it."""
    settings, database = settings_for(url), Database(url)
    if with_worker:
        WorkerThread(WORKERS[0], database, settings).start()
    run(create_app(settings, database), host="127.0.0.1", port=port)
    database.close()


@dataclass(frozen=True)
class Target:
    """Where deliveries of a platform go, and with which secret."""

    platform: str
    path: str
    secret: str


ECHO_PATH = "/echo"
ECHO = Target(FIRST, ECHO_PATH, SECRET)


def prepare(url: str) -> tuple[Target, str]:
    """Tables, an instrument of 30 items, a collection and a connection; its target, and the collection."""
    migrations.upgrade(url, SERVICE.migrations)
    database, keys = Database(url), Keys.of(settings_for(url))
    scale = [{"option": f"o{n}", "label": f"Option {n}"} for n in range(5)]
    items = tuple(
        Item.model_validate({"name": f"q{n}", "wording": f"Question {n}", "kind": "single", "scale": scale, "supports": ["o0"]})
        for n in range(ANSWERS)
    )
    instrument = database.write_blocking(create_instrument, STUDY, title="Bench", items=items, external_id=None)
    database.write_blocking(publish_instrument, STUDY, instrument)
    facts = CollectionFacts(wave="1", population="Nobody", sampling="probability", mode="web")
    collection = database.write_blocking(open_collection, STUDY, instrument=instrument, number=None, facts=facts)
    codes = {f"Option number {n}": f"o{n}" for n in range(5)}
    mapping = Mapping.model_validate({"items": {f"q{n}": {"field": f"question-{n}", "codes": codes} for n in range(ANSWERS)}})
    made = database.write_blocking(
        connect_platform, STUDY, keys=keys, platform="formbricks", collection=collection, mapping=mapping, secret=SECRET
    )
    database.close()
    return Target(FIRST, f"/v1/hooks/{made.id}", SECRET), collection


def connect(url: str, platform: str, collection: str) -> Target:
    """Another platform's connection. What its answers mean does not matter to the hook."""
    secret, database = PLATFORMS[platform].new_secret(), Database(url)
    keys = Keys.of(settings_for(url))
    made = database.write_blocking(
        connect_platform, STUDY, keys=keys, platform=platform, collection=collection, mapping=Mapping(), secret=secret
    )
    database.close()
    return Target(platform, f"/v1/hooks/{made.id}", secret)


# --- the load --------------------------------------------------------------------------------------------------------------------


def requests(target: Target, port: int, count: int) -> Iterator[bytes]:
    """Genuine deliveries as they go over the wire, each of a response of its own."""
    platform, sender, at = PLATFORMS[target.platform], SENDERS[target.platform], datetime.now(UTC)
    answers = {f"question_{n}": f"Option number {n % 5}" for n in range(ANSWERS)}
    started = time.monotonic_ns()
    for number in range(count):
        delivery = f"msg_{started}{number}"
        if target.platform == FIRST:
            raw = formbricks_body(f"r{started}{number}", at)
        else:
            said = Said(response=f"r{started}{number}", respondent=f"p{number}", extra=answers)
            raw = sender.sealed(sender.body(said, delivery), target.secret)
        signed = dict(platform.sign(raw, target.secret, delivery=delivery, at=at))
        end = f"/{signed.pop(PATH_SECRET)}" if PATH_SECRET in signed else ""
        end += "/submission" if target.platform == "openrosa" else ""
        path = target.path if target.path == ECHO_PATH else target.path + end
        headers = {"host": f"127.0.0.1:{port}", "user-agent": "bench", **signed, "content-length": str(len(raw))}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        yield "\r\n".join(lines).encode("latin-1") + raw


def formbricks_body(response: str, at: datetime) -> bytes:
    """A delivery whose every answer is mapped, so that the worker has its full work with it."""
    moment = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    answers = {f"question-{n}": f"Option number {n % 5}" for n in range(ANSWERS)}
    data = {"id": response, "finished": True, "createdAt": moment, "updatedAt": moment, "data": answers}
    return json.dumps({"webhookId": "w", "event": "responseFinished", "data": data}).encode()


class Sender(asyncio.Protocol):
    """One connection: the next request as soon as the last is answered."""

    def __init__(self, prepared: Iterator[bytes], tally: "Tally") -> None:
        self._prepared, self._tally = prepared, tally
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        if (request := next(self._prepared, None)) is None or time.perf_counter() > self._tally.ends:
            self._transport.close()
            return
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
        if len(rest) >= length:
            self._tally.count(head, rest)
            self._received = b""
            self._send()

    def connection_lost(self, _: Exception | None) -> None:
        self._tally.open -= 1
        if not self._tally.open:
            self._tally.done.set()


class Tally:
    """What was answered after the warm-up."""

    def __init__(self, seconds: float) -> None:
        self.starts = time.perf_counter() + WARM_UP
        self.ends = self.starts + seconds
        self.acked, self.open = 0, CONNECTIONS
        self.refused: list[str] = []
        self.done = asyncio.Event()

    def count(self, head: bytes, body: bytes) -> None:
        """One answer."""
        if head.split(b" ", 2)[1] not in (b"200", b"201"):
            self.refused.append(body.decode())
        elif time.perf_counter() >= self.starts:
            self.acked += 1


def load(port: int, target: Target, seconds: float, pipe: Pipe) -> None:
    """Prepare, say so, wait for the word, send for so long, and say how many were acked and refused."""
    prepared = list(requests(target, port, int((seconds + WARM_UP) * MOST_A_SECOND)))
    pipe.send("ready")
    pipe.recv()

    async def send_all() -> tuple[int, list[str]]:
        tally, waiting = Tally(seconds), iter(prepared)
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: Sender(waiting, tally), "127.0.0.1", port)
        await tally.done.wait()
        return tally.acked, tally.refused

    pipe.send(uvloop.run(send_all()))


# --- the measurement -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """Requests acked a second, and the server's CPU for each."""

    rate: float
    cpu: float  # microseconds, of the server's process

    def __str__(self) -> str:
        return f"{self.rate:8,.0f} acked/s   {self.cpu:6,.0f} µs CPU each"


SPAWN = multiprocessing.get_context("spawn")


@contextmanager
def server(target: Any, *arguments: Any, **options: Any) -> Iterator[tuple[int, psutil.Process]]:
    """A server in a process of its own, on a free port."""
    (port,) = free_ports(1)
    process = SPAWN.Process(target=target, args=(port, *arguments), kwargs=options)
    process.start()
    try:
        wait_for(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.join(10)


def wait_for(port: int) -> None:
    """Until somebody listens."""

    async def connect() -> None:
        for _ in range(600):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
        raise TimeoutError(f"nobody listens on {port}")

    asyncio.run(connect())


def measure(port: int, process: psutil.Process, target: Target, seconds: float) -> Figure:
    """Load a server from a process of its own."""
    ours, theirs = SPAWN.Pipe()
    sender = SPAWN.Process(target=load, args=(port, target, seconds, theirs))
    sender.start()
    ours.recv()
    before, started = sum(process.cpu_times()[:2]), time.perf_counter()
    ours.send("go")
    acked, refused = ours.recv()
    spent = (sum(process.cpu_times()[:2]) - before) * seconds / (time.perf_counter() - started)
    sender.join()
    if refused:
        raise RuntimeError(f"{len(refused)} deliveries were refused, the first with {refused[0]}")
    return Figure(rate=acked / seconds, cpu=1e6 * spent / max(acked, 1))


def best(figures: list[Figure]) -> Figure:
    """The best of several rounds: the machine may have been busy in the others."""
    return max(figures, key=lambda figure: figure.rate)


def waiting(url: str) -> int:
    """Deliveries that are durable and not applied yet."""
    database = Database(url)
    count = database.read_blocking(lambda session: session.connection().exec_driver_sql(WAITING).scalar_one())
    database.close()
    return int(count)


def drain(url: str) -> float:
    """Deliveries applied a second by the worker alone."""
    count, settings, database = waiting(url), settings_for(url), Database(url)
    started = time.perf_counter()
    while apply_pending(database, settings):
        pass
    elapsed = time.perf_counter() - started
    database.close()
    return count / elapsed


WAITING = "SELECT count(*) FROM delivery WHERE state = 'verified'"


def compare(name: str, url: str, seconds: float) -> None:
    """The hook on one database beside the echo, in turns."""
    (target, collection), write = prepare(url), sys.stdout.write
    bare, hooked = [], []
    for _ in range(ROUNDS):
        with server(serve_echo) as (port, process):
            bare.append(measure(port, process, ECHO, seconds))
        with server(serve_hook, url, with_worker=False) as (port, process):
            hooked.append(measure(port, process, target, seconds))
    applied = drain(url)
    with server(serve_hook, url, with_worker=True) as (port, process):
        together = measure(port, process, target, seconds)
        behind = waiting(url)
    floor, hook = best(bare), best(hooked)
    ratio, goal = hook.rate / floor.rate, GOALS[name]
    write(f"{name}\n")
    write(f"  bare FastAPI echo                 {floor}\n")
    write(
        f"  hook, verified and durable        {hook}   ratio {ratio:.2f} (goal {goal:.2f}: {'met' if ratio >= goal else 'missed'})\n"
    )
    write(
        f"  hook, with the worker beside it   {together}   ratio {together.rate / floor.rate:.2f}, {behind:,} behind at the end\n"
    )
    write(f"  worker alone                      {applied:8,.0f} applied/s\n")
    compare_others(url, collection, goal)


def compare_others(url: str, collection: str, goal: float) -> None:
    """Every other sender that has the answers in the body, each beside an echo of the same deliveries just before it."""
    for platform in sorted(SENDERS.keys() - {FIRST}):
        target = connect(url, platform, collection)
        with server(serve_echo) as (port, process):
            floor = measure(port, process, replace(target, path=ECHO_PATH), SECONDS_EACH)
        with server(serve_hook, url, with_worker=False) as (port, process):
            hook = measure(port, process, target, SECONDS_EACH)
        ratio = hook.rate / floor.rate
        met = "met" if ratio >= goal else "missed"
        sys.stdout.write(f"  {platform:<33} {hook}   ratio {ratio:.2f} (goal {goal:.2f}: {met})\n")


def main() -> None:
    """Measure on SQLite and, where it is installed, on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--folder", default=None, help="where the databases are; default: the system's temporary folder")
    chosen = parser.parse_args()
    sys.stdout.write(f"fsync: {fsync_rate(folder=chosen.folder):,.0f} durable 4 kB writes/s from one writer\n")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        compare("SQLite FULL", f"sqlite:///{folder}/survey.db", chosen.seconds)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(run_postgres())
        except pytest.skip.Exception as reason:
            sys.stdout.write(f"PostgreSQL: not measured: {reason}\n")
        else:
            compare("PostgreSQL", url, chosen.seconds)
    sys.stdout.write(f"fsync: {fsync_rate(folder=chosen.folder):,.0f} durable 4 kB writes/s from one writer\n")


if __name__ == "__main__":
    main()
