"""Formbricks: signed by Standard Webhooks with a secret of its own making; created, updated and finished arrive in any order.

Each event carries the whole response so far, so the newest `updatedAt` stands. Hidden fields are answers like any other; tags are
what the researchers put on a response, and no answer. Choices arrive as labels in the respondent's `language`. A survey has no version
but the time when it was last changed. Source: Formbricks documentation, webhooks; its response pipeline of 2026-08.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from assent_survey.domain.submission import Identity, Refused, Submission, Unreadable, Value, split_values
from assent_survey.platforms.face import Headers, identifier, moment, part, read_object
from assent_survey.platforms.formbricks_api import FormbricksApi
from assent_survey.platforms.standard_webhooks import PREFIX, StandardWebhooks

_EVENTS = ("responseCreated", "responseUpdated", "responseFinished")
_FACTS = ("contact", "contactAttributes", "singleUseId", "displayId", "endingId", "language", "variables")


class Formbricks(FormbricksApi, StandardWebhooks):
    """Hooks made before January 2026 are not signed: they must be made anew at Formbricks."""

    name = "formbricks"
    makes_secret = True

    def check_secret(self, secret: str) -> None:
        """Raises ValueError for a secret that is not of the form that Formbricks shows."""
        if not secret.startswith(PREFIX):
            raise ValueError("the secret that Formbricks shows when the webhook is made begins with whsec_")
        super().check_secret(secret)

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
        """Raises Refused."""
        if not headers.get("webhook-signature"):
            raise Refused(
                "unsigned", "there is no signature: a webhook made before January 2026 has no secret; delete it and make it anew"
            )
        return super().verify(raw, headers, secrets, now)

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by question id; None for `testEndpoint`."""
        body = read_object(raw)
        if body.get("event") == "testEndpoint":
            return None
        if body.get("event") not in _EVENTS:
            raise Unreadable("the event is none of responseCreated, responseUpdated, responseFinished, testEndpoint")
        response = read_response(part(body, "data"))
        return replace(response, finished=True) if body["event"] == "responseFinished" else response

    def read_record(self, raw: bytes) -> Submission:
        """The response as the webhook gives it. Raises Unreadable."""
        return read_response(read_object(raw))


def read_response(response: dict[str, Any]) -> Submission:
    """A response as the webhook and the management API give it. Raises Unreadable."""
    fields, nested = split_values(part(response, "data"))
    survey = response.get("survey")
    changed = survey.get("updatedAt") if isinstance(survey, dict) else None
    return Submission(
        response_id=identifier(response, "id"),
        fields=fields,
        finished=response.get("finished") is True,
        submitted_at=moment(response.get("createdAt")),
        updated_at=moment(response.get("updatedAt")),
        facts=_facts(response),
        nested=nested,
        form_version=changed if isinstance(changed, str) and changed else None,
    )


def _facts(response: dict[str, Any]) -> dict[str, Value]:
    """Who answered, in which language: `contact.id`, `contactAttributes.userId`, `singleUseId`, `language`, `variables.…`."""
    return split_values({name: response[name] for name in _FACTS if response.get(name) is not None})[0]
