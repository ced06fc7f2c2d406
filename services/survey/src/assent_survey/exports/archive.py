"""The zip file that an export is: files are compressed as they are written, so that nothing is whole in memory or twice on disk."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

FAST = 1  # zlib's level: three times as quick as its default here, and a tenth larger


class Archive:
    """A zip file that is being written. **Usage**: `with Archive(path) as archive: archive.add_text("README.txt", …)`."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST)
        self._folder = path.parent

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add_text(self, name: str, text: str) -> None:
        """Add a short file."""
        self._zip.writestr(name, text.encode())

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Write a long file bit by bit. One at a time."""
        with self._zip.open(name, "w", force_zip64=True) as file:
            yield file

    @contextmanager
    def path(self, name: str) -> Iterator[Path]:
        """A path for a library that must have one; what it wrote there is then added."""
        with TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / name
            yield path
            self._zip.write(path, name)
