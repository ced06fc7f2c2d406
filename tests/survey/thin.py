"""A platform of the tests: its deliveries are notices, and its responses live in a dictionary that tests change.

It stands in for every platform that must be asked; how each real one is asked is tested with fakes of their APIs.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from assent_survey.domain.submission import Identity, Notice, Refused, Submission, Unreadable, split_values
from assent_survey.platforms.face import PATH_SECRET, Headers, KeepsWholeBody, Proof, body_digest, matches_any, read_object
from assent_survey.platforms.source import Access, Pace, Page, Record, Token

PAGE = 2


class ThinAccess(Access):
    """What the tests enter."""

    token: Token


@dataclass
class Thin(KeepsWholeBody):
    """`responses` is what the platform has: {id: {answers, at, finished}}. `moods` are raised by the next questions, one each.

    `hidden` are responses that it does not list, and still has.
    """

    name: ClassVar[str] = "thin"
    makes_secret: ClassVar[bool] = False
    proof: ClassVar[Proof] = "path_secret"
    kept_headers: ClassVar[frozenset[str]] = frozenset()
    access: ClassVar[type[Access]] = ThinAccess
    pace: ClassVar[Pace] = Pace()
    at_once: ClassVar[int] = 10
    lists_everything: ClassVar[bool] = True

    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    moods: list[Exception] = field(default_factory=list)
    questions: int = 0
    hidden: set[str] = field(default_factory=set)

    def new_secret(self) -> str:
        """One that is long enough."""
        return "s" * 32

    def check_secret(self, secret: str) -> None:
        """Any will do."""

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
        """By the address."""
        if not matches_any(headers.get(PATH_SECRET, "").encode(), [secret.encode() for secret in secrets]):
            raise Refused("wrong_signature", "the address does not end in the secret")
        return Identity(body_digest(raw))

    def parse(self, raw: bytes, headers: Headers) -> Submission | Notice | None:
        """`{id, happening, n}`."""
        body = read_object(raw)
        return Notice(str(body["id"]), body.get("happening", "changed"))

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:
        """Nothing is signed."""
        return {"content-type": "application/json"}

    def say(self, id: str, answers: dict[str, Any], *, finished: bool = True) -> None:
        """Somebody answers at the platform."""
        self.responses[id] = {"answers": answers, "at": datetime.now(UTC).isoformat(), "finished": finished}

    def fetch(self, access: Any, notices: Sequence[Notice], client: httpx.Client) -> Iterator[tuple[Notice, Record | None]]:
        """Each by its id."""
        self._asked(access)
        for notice in notices:
            known = notice.response_id in self.responses
            yield notice, self._record(notice.response_id) if known else None

    def pages(self, access: Any, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """In the order of ids."""
        self._asked(access)
        ids = sorted(self.responses.keys() - self.hidden)
        if since is not None:
            ids = [id for id in ids if datetime.fromisoformat(self.responses[id]["at"]) > since]
        start = int(cursor or 0)
        records = [self._record(id) for id in ids[start : start + PAGE]]
        return Page(records, cursor=str(start + PAGE) if start + PAGE < len(ids) else None, total=len(ids))

    def read_record(self, raw: bytes) -> Submission:
        """As it was said."""
        body = json.loads(raw)
        if "answers" not in body:
            raise Unreadable("no answers")
        fields, nested = split_values(body["answers"])
        return Submission(
            response_id=body["id"],
            fields=fields,
            nested=nested,
            finished=body["finished"],
            submitted_at=datetime.fromisoformat(body["at"]),
            updated_at=datetime.fromisoformat(body["at"]),
        )

    def _asked(self, access: Any) -> None:
        assert access.token.get_secret_value() == "a token"
        self.questions += 1
        if self.moods:
            raise self.moods.pop(0)

    def _record(self, id: str) -> Record:
        return Record(id, json.dumps({"id": id, **self.responses[id]}).encode())
