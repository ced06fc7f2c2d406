"""The multipart body of an upload: a `file`, and `metadata` as a JSON part."""

from typing import Any

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from assent_ingest.api.schemas import DocumentMetadata
from assent_ingest.domain.documents import plain_filename
from assent_ingest.domain.reading import MAXIMUM_BYTES
from assent_kit import json_rules
from assent_kit.problems import FieldError, InvalidRequest, TooLarge, UnsupportedMedia

LARGEST_METADATA = 64 * 1024
_AROUND_THE_FILE = 128 * 1024  # boundaries, part headers and the metadata

# FastAPI cannot describe a JSON part beside a file, so it is told how this body looks.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "metadata"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "metadata": DocumentMetadata.model_json_schema(),
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
        raise UnsupportedMedia("an upload is multipart/form-data with `file` and `metadata`")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MAXIMUM_BYTES + _AROUND_THE_FILE:
        raise _too_large()


Bounded = Depends(_of_acceptable_size)


async def read_upload(request: Request) -> tuple[bytes, str, DocumentMetadata]:
    """The file, a harmless form of its name, and its metadata. Raises InvalidRequest, MalformedJson or TooLarge."""
    async with request.form(max_files=2, max_fields=2, max_part_size=LARGEST_METADATA) as form:
        unknown = [name for name in form if name not in ("file", "metadata")]
        file, metadata = form.get("file"), form.get("metadata")
        if unknown or not isinstance(file, UploadFile) or metadata is None:
            raise InvalidRequest(errors=_part_errors(file, metadata, unknown=bool(unknown)))
        raw = await metadata.read(LARGEST_METADATA + 1) if isinstance(metadata, UploadFile) else metadata.encode()
        if len(raw) > LARGEST_METADATA:
            raise TooLarge("the metadata part is larger than 64 KiB")
        content = await file.read(MAXIMUM_BYTES + 1)
        if len(content) > MAXIMUM_BYTES:
            raise _too_large()
        return content, plain_filename(file.filename or "", "document"), _metadata(raw)


def _metadata(raw: bytes) -> DocumentMetadata:
    try:
        return DocumentMetadata.model_validate(json_rules.parse(raw))
    except ValidationError as error:
        found = [
            FieldError(pointer="/metadata" + "".join(f"/{part}" for part in one["loc"]), message=one["msg"])
            for one in error.errors()
        ]
        raise InvalidRequest(errors=found) from error


def _part_errors(file: object, metadata: object, *, unknown: bool) -> list[FieldError]:
    errors = []
    if not isinstance(file, UploadFile):
        errors.append(FieldError(pointer="/file", message="a file part is needed"))
    if metadata is None:
        errors.append(FieldError(pointer="/metadata", message="a JSON part is needed"))
    if unknown:
        errors.append(FieldError(pointer="", message="there are other parts than file and metadata"))
    return errors


def _too_large() -> TooLarge:
    return TooLarge(f"a file has at most {MAXIMUM_BYTES // 1024**2} MB")
