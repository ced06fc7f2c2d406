"""The formats in which instruments come, one file each, all with the face described in `face`."""

from assent_survey.instruments.face import Reader

READERS: dict[str, Reader] = {reader.name: reader for reader in ()}
