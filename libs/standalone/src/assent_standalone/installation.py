"""A folder that holds a whole installation: five databases, the log, and the secrets they were made with."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent_kit import migrations
from assent_kit.engines import read_engine
from assent_kit.migrations import SchemaMismatch
from assent_kit.service import Service
from assent_kit.tokens import new_key_pair, public_key_of


class InUse(Exception):
    """Another process serves this folder."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must be kept with the databases: without it, keys and pseudonyms made with it are lost."""

    gateway_private_key: str
    key_pepper: str
    survey_key: str

    @property
    def gateway_public_key(self) -> str:
        """The half that services check tokens with."""
        return public_key_of(self.gateway_private_key)


@dataclass(frozen=True, slots=True)
class Installation:
    """The files of one installation."""

    folder: Path

    def database_url(self, service: str) -> str:
        """The address of a service's database file."""
        return f"sqlite:///{self.folder.resolve()}/{service}.db"

    @property
    def bus_url(self) -> str:
        """The address of the log."""
        return f"sqlite:///{self.folder.resolve()}/bus.db"

    def secrets(self) -> Secrets:
        """The secrets of this folder, made when it is new; only its owner may read them."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / "secrets.json"
        if not path.exists():
            private, _ = new_key_pair()
            made = {"gateway_private_key": private, "key_pepper": secrets.token_hex(32), "survey_key": secrets.token_hex(32)}
            path.touch(mode=0o600)
            path.write_text(json.dumps(made))
        return Secrets(**json.loads(path.read_text()))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from serving this folder meanwhile; the system lets go when this one ends. Raises InUse."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InUse from error
            yield
        finally:
            os.close(folder)

    def migrate(self, service: Service) -> None:
        """Bring a service's database file to the version of the code; an older one is copied aside first."""
        url = self.database_url(service.name)
        path = self.folder / f"{service.name}.db"
        if path.exists():
            engine = read_engine(url)
            try:
                migrations.check(engine, service.migrations)
            except SchemaMismatch:
                shutil.copy2(path, path.with_suffix(".before-upgrade.db"))
            else:
                return
            finally:
                engine.dispose()
        migrations.upgrade(url, service.migrations)
