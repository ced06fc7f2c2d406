"""The multipart body of an instrument's file: a `file` and, if wanted, `metadata` as a JSON part."""

from typing import Any

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from assent_kit import json_rules
from assent_kit.problems import FieldError, InvalidRequest, TooLarge, UnsupportedMedia
from assent_survey.api.instrument_schemas import ImportMetadata
from assent_survey.instruments.face import LARGEST

LARGEST_METADATA = 64 * 1024
_AROUND_THE_FILE = 128 * 1024  # boundaries, part headers and the metadata
_LONGEST_NAME = 200

# FastAPI cannot describe a JSON part beside a file, so it is told how this body looks.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "metadata": ImportMetadata.model_json_schema(),
                    },
                },
                "encoding": {"metadata": {"contentType": "application/json"}},
            }
        },
    }
}


def _of_acceptable_size(request: Request) -> None:
    """Refuse before anything is read what says itself that it is too large."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMedia("an instrument's file is sent as multipart/form-data with `file` and, if wanted, `metadata`")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > LARGEST + _AROUND_THE_FILE:
        raise _too_large()


Bounded = Depends(_of_acceptable_size)


async def read_upload(request: Request) -> tuple[bytes, str, ImportMetadata]:
    """The file, its name without folders, and what is said of it. Raises InvalidRequest, MalformedJson, TooLarge."""
    async with request.form(max_files=2, max_fields=2, max_part_size=LARGEST_METADATA) as form:
        unknown = [name for name in form if name not in ("file", "metadata")]
        file, metadata = form.get("file"), form.get("metadata")
        if unknown or not isinstance(file, UploadFile):
            wrong = "there are other parts than file and metadata" if unknown else "a file part is needed"
            raise InvalidRequest(errors=[FieldError(pointer="" if unknown else "/file", message=wrong)])
        said = await metadata.read(LARGEST_METADATA + 1) if isinstance(metadata, UploadFile) else (metadata or "{}").encode()
        if len(said) > LARGEST_METADATA:
            raise TooLarge("the metadata part is larger than 64 KiB")
        content = await file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise _too_large()
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        return content, name[-_LONGEST_NAME:], _metadata(said)


def _metadata(said: bytes) -> ImportMetadata:
    try:
        return ImportMetadata.model_validate(json_rules.parse(said))
    except ValidationError as error:
        found = [
            FieldError(pointer="/metadata" + "".join(f"/{part}" for part in one["loc"]), message=one["msg"])
            for one in error.errors()
        ]
        raise InvalidRequest(errors=found) from error


def _too_large() -> TooLarge:
    return TooLarge(f"an instrument's file has at most {LARGEST // 1024**2} MiB")
