"""The `assent` command: what cannot be done is said in one line, without a traceback."""

import fcntl
import os
from pathlib import Path

import pytest

from assent_standalone import cli
from assent_survey.platforms import PLATFORMS


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


@pytest.fixture(autouse=True)
def _keep_logging_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent_kit.logs.set_up", lambda *_: None)


@pytest.mark.parametrize(
    "platform", sorted(name for name, platform in PLATFORMS.items() if platform.proof in ("signature", "secret_header"))
)
def test_a_body_is_signed_as_its_platform_would(platform: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = tmp_path / "body.json"
    body.write_text("{}")
    code, out, _ = run(["sign", platform, str(body), "--secret", PLATFORMS[platform].new_secret()], capsys)
    assert code == 0
    assert all(": " in line for line in out.splitlines())
    assert "content-type: " in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["sign", "typeform", "no such file", "--secret", "s" * 16],
        ["sign", "kobo", __file__, "--secret", "guess"],
        ["sign", "formbricks", __file__, "--secret", "whsec_x"],
        ["sign", "jotform", __file__, "--secret", "s" * 32],
        ["sign", "limesurvey", __file__, "--secret", "s" * 32],
        ["bootstrap"],
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ASSENT_KEY_PEPPER", raising=False)
    code, out, said = run(arguments, capsys)
    assert (code, out, len(said.splitlines())) == (2, "", 1)


def test_a_port_is_a_port(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, said = run(["serve", "--port", "99999"], capsys)
    assert code == 2
    assert "--port" in said


def test_one_process_serves_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        code, _, said = run(["serve", "--folder", str(tmp_path)], capsys)
    finally:
        os.close(folder)
    assert code == 2
    assert "Another process" in said


def test_a_new_folder_gets_its_first_key_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, key, _ = run(["bootstrap", "--folder", str(tmp_path)], capsys)
    assert (code, key.startswith("assent_")) == (0, True)
    assert run(["bootstrap", "--folder", str(tmp_path)], capsys)[0] == 2
    assert run(["bootstrap", "--folder", str(tmp_path), "--another"], capsys)[0] == 0
