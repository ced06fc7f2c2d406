"""Load the document strand: upload the documents and code the passages in the text that was read from them."""

import asyncio

from assent_standalone.demo.client import Api
from assent_standalone.demo.progress import Step
from assent_standalone.demo.study import Row, document_file, locate, read, with_practice

_OURS = ("name", "format")
_NOT_CODED = ("document", "quote")


async def fill(api: Api, step: Step) -> dict[tuple[str, str], str]:
    """Upload and code every document; the passages as {(document, rationale): id of the first}."""
    documents = read("documents")
    step.expect(len(documents) + len(read("passages")))
    coded = await asyncio.gather(*(_shelve(api, document, step) for document in documents))
    return {place: passage for passages in coded for place, passage in passages.items()}


async def _shelve(api: Api, document: Row, step: Step) -> dict[tuple[str, str], str]:
    facts = {field: value for field, value in document.items() if field not in _OURS}
    made = await api.upload("/documents", document_file(document), facts)
    step.advance()
    text = (await api.get(f"/documents/{made['id']}/text"))["text"]
    passages: dict[tuple[str, str], str] = {}
    for passage in map(with_practice, read("passages")):
        if passage["document"] != document["name"]:
            continue
        start, end = locate(passage["quote"], text)
        said = {field: value for field, value in passage.items() if field not in _NOT_CODED}
        coded = await api.create(f"/documents/{made['id']}/passages", {**said, "start": start, "end": end})
        passages.setdefault((document["name"], passage["code"]), coded["id"])
        step.advance()
    return passages
