"""Real and hostile files, through HTTP: each has its outcome, none an error of ours, and none is ready without text."""

import asyncio
import csv

import httpx
import pytest
from tests.ingest.makers import parts
from tests.support import shared

HOME = "/v1/studies/stu_a/documents"

# What the manifest does not decide: files that are read in part, or that some reader would call broken.
STATUSES = {
    "pdf/docling__ocr_test.pdf": "needs_ocr",
    "pdf/pdfjs__TAMReview.pdf": "garbled",
    "hostile/pdfjs__PDFBOX-3148-2-fuzzed.pdf": "document_empty",
    "hostile/pdfjs__poppler-742-0-fuzzed.pdf": "document_damaged",
    "hostile/pdfjs__poppler-90-0-fuzzed.pdf": "partial",
    "hostile/synth_truncated.pdf": "document_damaged",
    "hostile/unstructured__password.pdf": "document_encrypted",
    "hostile/sample-files__libreoffice-writer-password.pdf": "document_encrypted",
    "hostile/tika__protected_normal_case.docx": "document_encrypted",
    "hostile/synth_deepnest.docx": "document_limit_hit",
    "hostile/synth_laughs.docx": "document_damaged",
    "hostile/tika__testZIP_corrupted_oom.zip": "document_damaged",
    "hostile/unstructured__empty.txt": "document_empty",
}
READ = {"pdf", "docx", "html", "txt"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.timeout(300)
async def test_every_file_of_the_corpus(client: httpx.AsyncClient) -> None:
    folder = shared("documents")
    with (folder / "manifest.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 60
    two_at_a_time = asyncio.Semaphore(2)

    async def outcome(name: str) -> str:
        async with two_at_a_time:
            content = (folder / name).read_bytes()
            answered = await client.post(HOME, files=parts(content, name.rpartition("/")[2]))
        assert answered.status_code in (201, 422), (name, answered.text)
        body = answered.json()
        if answered.status_code == 422:
            assert body["remedy"]
            return str(body["code"])
        assert (body["characters"] > 0) == (body["status"] in ("ready", "partial")), name
        await _assert_consistent(client, answered.headers["location"], body)
        return str(body["status"])

    found = dict(zip((row["file"] for row in rows), await asyncio.gather(*[outcome(row["file"]) for row in rows]), strict=True))
    expected = {row["file"]: STATUSES.get(row["file"], "ready" if row["fmt"] in READ else "document_unsupported") for row in rows}
    assert found == expected


async def _assert_consistent(client: httpx.AsyncClient, address: str, document: dict[str, object]) -> None:
    """The text has the length it is said to have, and its blocks cover it but for single newlines."""
    if not document["characters"]:
        return
    read = (await client.get(f"{address}/text")).json()
    text, blocks = read["text"], read["blocks"]
    assert len(text) == document["characters"]
    assert "\n".join(text[block["start"] : block["end"]] for block in blocks) == text
    assert [block["start"] for block in blocks[1:]] == [block["end"] + 1 for block in blocks[:-1]]
    assert all(1 <= (block["page"] or 1) <= (document["pages"] or 1) for block in blocks)
