"""The `assent` command: run everything in one process, with or without the demo study; make the first key; sign a webhook.

Services as separate processes have a command line of their own: `python -m assent_<service>`.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from assent_kit import logs
from assent_kit.cli import complain, unsuitable
from assent_kit.database import Database
from assent_kit.engines import read_engine
from assent_kit.identifiers import new_id
from assent_kit.migrations import SchemaMismatch, check
from assent_standalone.installation import Installation, InUse
from assent_survey.platforms import PLATFORMS

FOLDER = Path(".demo")


def main(arguments: list[str] | None = None) -> None:
    """Run a verb. Exits with 2 and one line when what was asked for cannot be done."""
    chosen = _parser().parse_args(arguments)
    try:
        sys.exit(chosen.work(chosen))
    except ValidationError as error:
        sys.exit(complain(unsuitable(error)))
    except SchemaMismatch as error:
        sys.exit(complain(str(error)))
    except InUse:
        sys.exit(complain(f"Another process serves {chosen.folder}/: end it first, or choose another folder with --folder."))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="assent", description="Assent: evidence of social licence.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    for name, about in (
        ("demo", "serve with a synthetic study, and print its evidence"),
        ("serve", "serve gateway and services in one process"),
    ):
        verb = verbs.add_parser(name, help=about, description=about)
        verb.add_argument("--port", type=int, choices=range(1, 65536), metavar="PORT", default=8000)
        verb.add_argument(
            "--folder", type=Path, default=FOLDER, help="where databases, log and secrets are kept (default: %(default)s)"
        )
        verb.set_defaults(work=_demo if name == "demo" else _serve)

    bootstrap = verbs.add_parser("bootstrap", help="print the first API key; its holder may open studies")
    bootstrap.add_argument("--folder", type=Path, help="an installation in one process; otherwise the gateway's settings are read")
    bootstrap.add_argument("--another", action="store_true", help="make one more, when the first was lost")
    bootstrap.set_defaults(work=_bootstrap)

    sign = verbs.add_parser("sign", help="print the headers with which a survey platform would send a body, for curl")
    sign.add_argument("platform", choices=sorted(PLATFORMS))
    sign.add_argument("body", type=Path, help="the file that is sent")
    sign.add_argument("--secret", required=True, help="the connection's secret")
    sign.set_defaults(work=_sign)
    return parser


def _demo(chosen: argparse.Namespace) -> int:
    chosen.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (chosen.folder / "log.jsonl").open("a", encoding="utf-8") as log:  # the terminal is for the evidence
        logs.set_up("assent", "info", log)
        return _run(chosen, demo=True)


def _serve(chosen: argparse.Namespace) -> int:
    logs.set_up("assent", "info")
    return _run(chosen, demo=False)


def _run(chosen: argparse.Namespace, *, demo: bool) -> int:
    from assent_standalone.serving import serve  # takes seconds to import, and the other verbs do not need it

    with Installation(chosen.folder).held():
        return serve(chosen.folder, chosen.port, demo=demo)


def _bootstrap(chosen: argparse.Namespace) -> int:
    from assent_gateway.app import SERVICE
    from assent_gateway.service.issue_key import FirstKeyExists, create_first_key
    from assent_gateway.settings import GatewaySettings

    if chosen.folder:
        installation = Installation(chosen.folder)
        url, pepper = installation.database_url("gateway"), installation.secrets().key_pepper
        installation.migrate(SERVICE)
    else:
        settings = GatewaySettings()
        url, pepper = settings.database_url, settings.key_pepper.get_secret_value()
        engine = read_engine(url)
        try:
            check(engine, SERVICE.migrations)
        finally:
            engine.dispose()
    database = Database(url)
    try:
        key = database.write_blocking(create_first_key, pepper=pepper, another=chosen.another)
    except FirstKeyExists:
        return complain("There is a first key already; `--another` makes one more.")
    finally:
        database.close()
    sys.stdout.write(f"{key.secret}\n")
    return 0


def _sign(chosen: argparse.Namespace) -> int:
    """One `-H 'name: value'` a line would need quoting in the shell; curl reads headers from a file: `-H @<(assent sign …)`."""
    platform = PLATFORMS[chosen.platform]
    try:
        platform.check_secret(chosen.secret)
        body = chosen.body.read_bytes()
    except (OSError, ValueError) as error:
        return complain(f"Nothing was signed: {error}")
    if platform.proof in ("path_secret", "body_secret"):
        place = "at the end of its address" if platform.proof == "path_secret" else "in the body"
        return complain(f"{chosen.platform} signs nothing: it sends the secret {place}.")
    headers = platform.sign(body, chosen.secret, delivery=new_id("dlv"), at=datetime.now(UTC))
    sys.stdout.writelines(f"{name}: {value}\n" for name, value in headers.items())
    return 0
