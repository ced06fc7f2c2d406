"""The multipart body of an upload, as every service takes it: a `file`, and `metadata` as a JSON part.

Not here: what the file is, and what the metadata mean.
"""

from typing import Any, Generic, NamedTuple, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from assent_kit import json_rules
from assent_kit.problems import FieldError, InvalidRequest, TooLarge, UnsupportedMedia

M = TypeVar("M", bound=BaseModel)

LARGEST_METADATA = 64 * 1024
_AROUND_THE_FILE = 128 * 1024  # boundaries, part headers and the metadata


class Upload(NamedTuple, Generic[M]):
    """A file, the name that its sender gave it, and what is said of it."""

    content: bytes
    filename: str
    metadata: M


class UploadForm(Generic[M]):
    """How an upload looks. **Usage**: `FORM = UploadForm(About, largest=…)`; a route has `openapi_extra=FORM.body`,
    `dependencies=[Depends(FORM.bounded)]`, and reads it by `await FORM.read(request)`.

    `largest` is in bytes. The metadata part may be left out where `metadata_required` is false; then it is as if it were `{}`.
    """

    def __init__(self, metadata: type[M], *, largest: int, metadata_required: bool = True) -> None:
        self._metadata = metadata
        self._largest = largest
        self._metadata_required = metadata_required
        self.body = self._described()

    def bounded(self, request: Request) -> None:
        """Refuse before anything is read what says itself that it is something else or too large."""
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise UnsupportedMedia("an upload is multipart/form-data with `file` and `metadata`")
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self._largest + _AROUND_THE_FILE:
            raise self._too_large()

    async def read(self, request: Request) -> Upload[M]:
        """The whole upload. Raises InvalidRequest, MalformedJson, TooLarge."""
        async with request.form(max_files=2, max_fields=2, max_part_size=LARGEST_METADATA) as form:
            file, metadata = self._parts(form)
            raw = await metadata.read(LARGEST_METADATA + 1) if isinstance(metadata, UploadFile) else (metadata or "{}").encode()
            if len(raw) > LARGEST_METADATA:
                raise TooLarge("the metadata part is larger than 64 KiB")
            content = await file.read(self._largest + 1)
            if len(content) > self._largest:
                raise self._too_large()
            return Upload(content, file.filename or "", self._read_metadata(raw))

    def _parts(self, form: FormData) -> tuple[UploadFile, UploadFile | str | None]:
        file, metadata = form.get("file"), form.get("metadata")
        errors = []
        if not isinstance(file, UploadFile):
            errors.append(FieldError(pointer="/file", message="a file part is needed"))
        if metadata is None and self._metadata_required:
            errors.append(FieldError(pointer="/metadata", message="a JSON part is needed"))
        if any(name not in ("file", "metadata") for name in form):
            errors.append(FieldError(pointer="", message="there are other parts than file and metadata"))
        if errors or not isinstance(file, UploadFile):
            raise InvalidRequest(errors=errors)
        return file, metadata

    def _read_metadata(self, raw: bytes) -> M:
        try:
            return self._metadata.model_validate(json_rules.parse(raw))
        except ValidationError as error:
            found = [
                FieldError(pointer="/metadata" + "".join(f"/{part}" for part in one["loc"]), message=one["msg"])
                for one in error.errors()
            ]
            raise InvalidRequest(errors=found) from error

    def _described(self) -> dict[str, Any]:
        """For OpenAPI, because FastAPI cannot describe a JSON part beside a file."""
        required = ["file", "metadata"] if self._metadata_required else ["file"]
        properties = {"file": {"type": "string", "format": "binary"}, "metadata": self._metadata.model_json_schema()}
        schema = {"type": "object", "required": required, "properties": properties}
        encoding = {"metadata": {"contentType": "application/json"}}
        return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema, "encoding": encoding}}}}

    def _too_large(self) -> TooLarge:
        return TooLarge(f"a file has at most {self._largest // 1024**2} MiB")
