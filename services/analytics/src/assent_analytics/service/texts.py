"""Fetching the words: texts of passages from ingest and of excerpts from qual, in one batch each and with a deadline.

Analytics keeps no speech and no passage. Whoever owns a text checks consent at the moment it is handed over, so a text that is asked
for and not handed over may not be shown; an owner that does not answer in time is away, and the view says so.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

logger = logging.getLogger(__name__)

Owners = Mapping[str, httpx.AsyncClient]
"""A client for each owner of texts, `ingest` and `qual`."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ids of the texts that a view would like to show."""

    passages: tuple[str, ...]
    excerpts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by id; None where the owner is away."""

    passages: Mapping[str, str] | None
    excerpts: Mapping[str, str] | None

    @property
    def complete(self) -> bool:
        """Whether both owners answered."""
        return self.passages is not None and self.excerpts is not None


async def fetch_texts(owners: Owners, wanted: Wanted, *, study: str, token: str, deadline: float) -> Texts:
    """Ask both owners at once, as the caller; `deadline` is in seconds."""
    base = f"/v1/studies/{study}"
    passages, excerpts = await asyncio.gather(
        _ask(owners["ingest"], f"{base}/passages/texts", {"ids": list(wanted.passages)}, token=token, deadline=deadline),
        _ask(
            owners["qual"], f"{base}/excerpts/texts", {"ids": list(wanted.excerpts), "use": "quote"}, token=token, deadline=deadline
        ),
    )
    return Texts(passages=passages, excerpts=excerpts)


async def _ask(
    owner: httpx.AsyncClient, path: str, body: dict[str, Any], *, token: str, deadline: float
) -> Mapping[str, str] | None:
    if not body["ids"]:
        return {}
    try:
        async with asyncio.timeout(deadline):
            answer = await owner.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return _by_id(answer.json(), body["ids"])
    except (httpx.HTTPError, TimeoutError, ValueError, LookupError, TypeError, AttributeError) as error:
        logger.warning("an owner of texts is away", extra={"path": path, "error": type(error).__name__})
        return None


def _by_id(answer: Any, asked: Sequence[str]) -> Mapping[str, str]:
    """The texts that were asked for; nothing else that an answer may hold."""
    texts = {item["id"]: item.get("text") for item in answer["items"]}
    return {id_: texts[id_] for id_ in asked if isinstance(texts.get(id_), str)}
