"""What the Dockerfile runs, run without Docker: each service installs from its lock into an empty environment and starts there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import IN_CI, ROOT

SERVICES = ("gateway", "ingest", "survey", "qual", "analytics")


@pytest.mark.timeout(300)
@pytest.mark.skipif(not IN_CI, reason="installs a whole environment for each service; done in CI")
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_installs_from_its_lock(service: str, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run([ROOT / "deploy" / "install.sh", service], check=True, env={**os.environ, "PYTHON": str(python)})
    said = subprocess.run([python, "-m", f"assent_{service}", "--help"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "migrate" in said.stdout
    others = [other for other in SERVICES if other != service]
    found = subprocess.run([python, "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert not [other for other in others if f"assent-{other}" in found]


def test_the_dockerfile_only_copies_and_installs() -> None:
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("RUN")]
    assert [re.sub(r"\s+", " ", line) for line in lines] == [
        'RUN python -m venv /venv && PYTHON=/venv/bin/python deploy/install.sh "$SERVICE"',
        "RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin assent",
    ]


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem)
def test_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    packages = re.findall(r"^[A-Za-z0-9_.\-]+(?:\[[^\]]*\])?==", text, re.MULTILINE)
    assert packages
    assert len(re.findall(r"--hash=sha256:", text)) >= len(packages)
