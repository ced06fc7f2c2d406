"""The service as a process of its own that a test can kill: the hook, and the worker beside it. Its events stay in the outbox."""

import os
import signal
import subprocess
import sys

import httpx
from tests.support import ROOT, eventually
from tests.survey.house import settings_for

from assent_kit.database import Database
from assent_kit.server import run
from assent_kit.workers import WorkerThread
from assent_survey.app import create_app
from assent_survey.service.work import WORKERS


class Running:
    """A process on a port."""

    def __init__(self, url: str, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen([sys.executable, "-m", "tests.survey.running", url, str(port)], env=environment)

    async def until_ready(self) -> None:
        """Until it answers."""

        async def ready() -> bool:
            assert self._process.poll() is None, "the process has ended"
            try:
                async with httpx.AsyncClient(trust_env=False) as client:
                    return (await client.get(f"{self.address}/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(ready, within=60)

    def kill(self) -> None:
        """As a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=30)


if __name__ == "__main__":
    url, port = sys.argv[1:]
    settings, database = settings_for(url), Database(url)
    WorkerThread(WORKERS[0], database, settings).start()
    run(create_app(settings, database), host="127.0.0.1", port=int(port))
