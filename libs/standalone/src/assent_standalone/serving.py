"""Serve the one-process composition on a port, and with the demo study load and show it meanwhile."""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn

from assent_kit import metrics
from assent_kit.server import server_for
from assent_standalone.process import Process

HOST = "127.0.0.1"


def serve(folder: Path, port: int, *, demo: bool) -> int:
    """Serve until Ctrl-C; answers the exit code."""
    if _taken(port):
        sys.stderr.write(f"Port {port} is taken: choose another, as in `make demo PORT=8001`.\n")
        return 2
    address = f"http://{HOST}:{port}"
    with Process(folder, public_url=address) as process:
        settings = process.settings["gateway"]
        logging.getLogger().setLevel(settings.log_level.upper())
        metrics.serve(HOST, settings.metrics_port)
        process.start()
        server = server_for(process.app, host=HOST, port=port)
        story: threading.Thread | None = None
        if demo:
            from assent_standalone.demo.story import tell  # only the demo needs what it is made of

            story = threading.Thread(
                target=_when_up,
                args=(server, lambda: tell(folder, process.databases["gateway"], process.secrets.key_pepper, address)),
                daemon=True,
            )
            story.start()
        server.run()
    return 1 if process.failed else 0


def _when_up(server: uvicorn.Server, tell: Callable[[], None]) -> None:
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.02)

    tell()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
