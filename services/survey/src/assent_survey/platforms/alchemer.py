"""Alchemer: nothing is signed and nothing is sent again; proved by the secret in a header or at the end of the address.

Two things call us. The *webhook action* on a page of the survey sends the whole response, as JSON or as the form field `response`, or
chosen fields under names of the researcher's making: for those we ask for `response_id`, `status` and `answer_…`. The *account webhook*
sends the response's id, which makes a notice, so that the answers are fetched.
Alchemer documents neither's exact keys. We read the layout that its API documents for a response, `survey_data` and what stands around
it, whether the response is the body itself or one object inside it, and the id under `id` or `response_id`.
Questions are named by their ids, `12`, those of a grid or list `10.12`, and their titles are aliases. Times are of New York.
Source: help.alchemer.com, http-connect and account-webhooks; apihelp.alchemer.com, surveyresponse v5.
"""

from typing import Any

from assent_survey.domain.submission import Notice, Submission, Unreadable, Value
from assent_survey.platforms.alchemer_api import AlchemerApi
from assent_survey.platforms.alchemer_response import eastern, is_test, read_response, response_id
from assent_survey.platforms.face import Headers, Proof, begins, read_object
from assent_survey.platforms.form_bodies import URLENCODED, nest, read_form
from assent_survey.platforms.shared_secret import SharedSecret

_ANSWER = "answer_"
_FACT = "fact_"


class Alchemer(AlchemerApi, SharedSecret):
    """The whole address, with the secret at its end, is entered; an account webhook may send it in a header instead."""

    name = "alchemer"
    proof: Proof = "path_secret"

    def parse(self, raw: bytes, headers: Headers) -> Submission | Notice | None:
        """A whole response, chosen fields of one, or the notice that there is one."""
        body = _read(raw, headers)
        inside = next((found for key in ("response", "data") if isinstance(found := body.get(key), dict)), body)
        if "survey_data" in inside:
            return read_response(inside)
        named = response_id(inside)
        if any(name.startswith(_ANSWER) for name in inside):
            return _chosen_fields(named, inside)
        survey = inside.get("survey_id")
        deleted = str(inside.get("status", "")).lower() == "deleted"
        return Notice(named, "deleted" if deleted else "changed", {"survey": str(survey)} if isinstance(survey, str | int) else {})

    def content_type(self, raw: bytes) -> str:
        """As the action is set."""
        return "application/json" if raw.startswith(b"{") else URLENCODED


def _read(raw: bytes, headers: Headers) -> dict[str, Any]:
    """The body as a tree, however it is written. Raises Unreadable."""
    if begins(raw, b"{"):
        return read_object(raw)
    body = nest(read_form(raw, headers))
    response = body.get("response")
    return {**body, "response": read_object(response.encode())} if isinstance(response, str) else body


def _chosen_fields(named: str, sent: dict[str, Any]) -> Submission:
    """Fields that the researcher has named: `answer_…` are answers, `fact_…` facts."""
    texts: dict[str, Value] = {name: value for name, value in sent.items() if isinstance(value, str)}
    if not any(name.startswith(_ANSWER) for name in texts):
        raise Unreadable("no field answer_… is a text")
    return Submission(
        response_id=named,
        fields={name.removeprefix(_ANSWER): value for name, value in texts.items() if name.startswith(_ANSWER)},
        finished=texts.get("status", "Complete") == "Complete",
        submitted_at=eastern(sent.get("date_submitted")),
        facts={name.removeprefix(_FACT): value for name, value in texts.items() if name.startswith(_FACT)},
        test=is_test(sent),
    )
