"""Real servers and raw sockets on the loopback address, for what only the wire shows."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp
from tests.support import eventually

from assent_kit.server import GuardedProtocol, server_for


class Impatient(GuardedProtocol):
    """The server's protocol with limits that a test can wait for."""

    header_seconds = 0.2
    header_bytes = 8 * 1024
    linger_seconds = 0.2


@asynccontextmanager
async def serving(app: ASGIApp, **options: object) -> AsyncIterator[int]:
    """The app on a real server in this event loop; gives its port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = server_for(app, host="127.0.0.1", port=0, **options)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await eventually(lambda: asyncio.sleep(0, server.started))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


async def say(port: int, *parts: bytes, hang_up: bool = False, hang_up_after: bytes = b"") -> bytes:
    """Send these bytes as they are and answer what comes back until the server closes, or until we do.

    We hang up at once with `hang_up`, or when `hang_up_after` was heard.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if hang_up:
            return b""
        return await reader.readuntil(hang_up_after) if hang_up_after else await reader.read()
    except asyncio.IncompleteReadError as ended:
        return ended.partial
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as bytes, asking the server to close afterwards."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: gateway",
        "Connection: close",
        *[f"{name}: {value}" for name, value in headers.items()],
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
