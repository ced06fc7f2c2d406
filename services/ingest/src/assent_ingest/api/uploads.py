"""The multipart body of an uploaded document."""

from fastapi import Request

from assent_ingest.api.schemas import DocumentMetadata
from assent_ingest.domain.documents import plain_filename
from assent_ingest.domain.reading import MAXIMUM_BYTES
from assent_kit.uploads import UploadForm

FORM = UploadForm(DocumentMetadata, largest=MAXIMUM_BYTES)


async def read_upload(request: Request) -> tuple[bytes, str, DocumentMetadata]:
    """The file, a harmless form of its name, and its metadata. Raises InvalidRequest, MalformedJson or TooLarge."""
    upload = await FORM.read(request)
    return upload.content, plain_filename(upload.filename, "document"), upload.metadata
