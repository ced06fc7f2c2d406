"""Formbricks: signed by Standard Webhooks with a secret of its own making; created, updated and finished arrive in any order.

Each event carries the whole response so far, so the newest `updatedAt` stands. Hidden fields are answers like any other. Choices
arrive as labels. Source: Formbricks documentation, webhooks; its response pipeline of 2026-08.
"""

from typing import Any

from assent_survey.domain.submission import Submission, Unreadable, Value, split_values
from assent_survey.platforms.face import Headers, identifier, moment, part, read_object
from assent_survey.platforms.standard_webhooks import StandardWebhooks

_EVENTS = ("responseCreated", "responseUpdated", "responseFinished")


class Formbricks(StandardWebhooks):
    """Hooks made before January 2026 are not signed: they must be made anew at Formbricks."""

    name = "formbricks"
    makes_secret = True

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by question id; None for `testEndpoint`."""
        body = read_object(raw)
        if body.get("event") == "testEndpoint":
            return None
        if body.get("event") not in _EVENTS:
            raise Unreadable("the event is none of responseCreated, responseUpdated, responseFinished, testEndpoint")
        response = part(body, "data")
        fields, nested = split_values(part(response, "data"))
        return Submission(
            response_id=identifier(response, "id"),
            fields=fields,
            finished=response.get("finished") is True,
            submitted_at=moment(response.get("createdAt")),
            updated_at=moment(response.get("updatedAt")),
            facts=_facts(response),
            nested=nested,
        )


def _facts(response: dict[str, Any]) -> dict[str, Value]:
    """Who answered, in which language: `contact.id`, `contactAttributes.userId`, `singleUseId`, `language`, `variables.…`."""
    names = ("contact", "contactAttributes", "singleUseId", "language", "variables")
    return split_values({name: response[name] for name in names if response.get(name) is not None})[0]
