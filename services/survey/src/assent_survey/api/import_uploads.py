"""The multipart body of an import: a `file` of responses, and `metadata` as a JSON part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from assent_kit import json_rules
from assent_kit.problems import FieldError, InvalidRequest, TooLarge, UnsupportedMedia
from assent_survey.api.import_schemas import ImportIn

LARGEST_METADATA = 2 * 1024 * 1024

# FastAPI cannot describe a JSON part beside a file, so it is told how this body looks.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "metadata"],
                    "properties": {"file": {"type": "string", "format": "binary"}, "metadata": ImportIn.model_json_schema()},
                },
                "encoding": {"metadata": {"contentType": "application/json"}},
            }
        },
    }
}


@asynccontextmanager
async def read_upload(request: Request, most_bytes: int) -> AsyncIterator[tuple[UploadFile, ImportIn]]:
    """The file, still on its side of the disk, and the metadata. Raises InvalidRequest, MalformedJson, TooLarge, UnsupportedMedia."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMedia("an import is multipart/form-data with `file` and `metadata`")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most_bytes + 2 * LARGEST_METADATA:
        raise too_large(most_bytes)
    async with request.form(max_files=2, max_fields=2, max_part_size=LARGEST_METADATA) as form:
        file, metadata = form.get("file"), form.get("metadata")
        if not isinstance(file, UploadFile) or metadata is None or len(form) != 2:
            raise InvalidRequest(errors=[FieldError(pointer="", message="there are to be two parts, `file` and `metadata`")])
        if (file.size or 0) > most_bytes:
            raise too_large(most_bytes)
        raw = await metadata.read(LARGEST_METADATA + 1) if isinstance(metadata, UploadFile) else metadata.encode()
        if len(raw) > LARGEST_METADATA:
            raise TooLarge("the metadata part is larger than 2 MiB")
        yield file, _metadata(raw)


def too_large(most_bytes: int) -> TooLarge:
    """What to do about a file that is too large."""
    return TooLarge(
        f"a file of responses has at most {most_bytes // 1024**2} MB (ASSENT_SURVEY_IMPORT_BYTES), and what arrives at most what the "
        "gateway takes (ASSENT_MOST_UPLOAD_BYTES): pack a CSV with gzip, send it in parts, or have the operator raise both"
    )


def _metadata(raw: bytes) -> ImportIn:
    try:
        return ImportIn.model_validate(json_rules.parse(raw))
    except ValidationError as error:
        found = [
            FieldError(pointer="/metadata" + "".join(f"/{part}" for part in one["loc"]), message=one["msg"])
            for one in error.errors()
        ]
        raise InvalidRequest(errors=found) from error
