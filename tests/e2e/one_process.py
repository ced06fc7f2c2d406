"""The one-process composition as a process of its own, with `assent serve`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
from tests.kafka.broker import free_ports
from tests.support import eventually_blocking

ASSENT = str(Path(sys.executable).parent / "assent")


class OneProcess:
    """`assent serve` on a folder, killed and started again at will. `settings` are environment variables without their prefix."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._port, metrics = free_ports(2)
        self.address = f"http://127.0.0.1:{self._port}"
        self.metrics = f"http://127.0.0.1:{metrics}/metrics"
        self._folder = folder
        self._environment = {f"ASSENT_{name.upper()}": value for name, value in {"metrics_port": str(metrics), **settings}.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [ASSENT, "serve", "--port", str(self._port), "--folder", str(self._folder / "installation")]
        with (self._folder / "assent.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **self._environment})
        eventually_blocking(lambda: _ready(self.address), within=60)

    def end(self, how: signal.Signals) -> int | None:
        if self._process is None:
            return None
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        self._process = None
        return code

    def log(self) -> str:
        """Everything that it has printed."""
        return (self._folder / "assent.log").read_text()

    def key(self) -> str:
        command = [ASSENT, "bootstrap", "--folder", str(self._folder / "installation")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
