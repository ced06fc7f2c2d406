"""The generated parents' answers as three survey platforms would send them: bodies only, not yet signed.

Formbricks sends choices as labels and the panel's design variables as hidden fields; Typeform sends references, Kobo numbers. What
stands for which of our codes is read from the connections' mappings, the other way round. Not here: signatures, which the survey
service's own platforms make, and the sending (load).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from assent_standalone.demo import LABEL
from assent_standalone.demo.parents import Parent
from assent_standalone.demo.study import read

FIELDWORK_BEGAN = datetime(2026, 9, 7, 8, tzinfo=UTC)
_SURVEY = "cm0demopanel2026westmere"

EVERY_FIRST_HALF_SENT = 25
"""Every 25th response is sent twice over, first unfinished; the two may arrive in either order."""
EVERY_SENT_AGAIN = 100
"""Every 100th delivery is sent again, as a platform does when an acknowledgement is lost."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call of a hook: which platform makes it, the platform's own id of it, and the raw body."""

    platform: str
    id: str
    body: bytes


def formbricks(parents: list[Parent]) -> Iterator[Delivery]:
    """The panel's deliveries: mostly one event a response, some earlier states and some repetitions among them."""
    for number, parent in enumerate(parents):
        began = FIELDWORK_BEGAN + timedelta(minutes=47 * number)
        answers = _theirs("formbricks", parent) | {
            "panel_member": parent.member,
            "design_weight": f"{parent.weight:.4f}",
            "design_stratum": parent.stratum,
            "design_psu": parent.point,
        }
        if number % EVERY_FIRST_HALF_SENT == 0 and parent.state == "finished":
            half = dict(list(answers.items())[:4]) | {
                name: answers[name] for name in answers if name.startswith(("panel", "design"))
            }
            yield _formbricks_event(parent, half, began, finished=False)
        last = _formbricks_event(parent, answers, began + timedelta(minutes=9), finished=parent.state != "broken_off")
        yield last
        if number % EVERY_SENT_AGAIN == 0:
            yield last


def _formbricks_event(parent: Parent, answers: dict[str, str], at: datetime, *, finished: bool) -> Delivery:
    event = "responseFinished" if finished else "responseUpdated"
    body = {
        "webhookId": "cm0demohook",
        "event": event,
        "data": {
            "id": f"fb-{parent.member}",
            "surveyId": _SURVEY,
            "finished": finished,
            "createdAt": _iso(FIELDWORK_BEGAN),
            "updatedAt": _iso(at),
            "data": answers,
            "ttc": {"_total": 540_000},
            "language": "default",
            "tags": [],
            "meta": {"url": "https://panel.example/w1"},
            "survey": {"title": LABEL, "type": "link", "status": "inProgress"},
        },
    }
    return Delivery("formbricks", f"{uuid5(NAMESPACE_URL, f'{parent.member}/{event}')}", _json(body))


def typeform(parents: list[Parent]) -> Iterator[Delivery]:
    """Deliveries of the open form on the parenting site."""
    for number, parent in enumerate(parents):
        at = datetime(2026, 10, 6, 19, tzinfo=UTC) + timedelta(minutes=53 * number)
        answers = [_typeform_answer(field, given) for field, given in _theirs("typeform", parent).items()]
        event = str(uuid5(NAMESPACE_URL, f"typeform/{parent.member}"))
        response = {
            "form_id": "dEm0Wst",
            "token": event.replace("-", ""),
            "landed_at": _iso(at),
            "submitted_at": _iso(at + timedelta(minutes=7)),
            "hidden": {"visitor": parent.member},
            "definition": {"id": "dEm0Wst", "title": LABEL, "fields": []},
            "answers": answers,
        }
        yield Delivery("typeform", event, _json({"event_id": event, "event_type": "form_response", "form_response": response}))


def _typeform_answer(field: str, given: str) -> dict[str, Any]:
    if field.endswith("own_words"):
        return {"type": "text", "text": given, "field": {"id": field[-10:], "type": "long_text", "ref": field}}
    chosen = {"id": f"id{given}", "ref": given, "label": given}
    return {"type": "choice", "choice": chosen, "field": {"id": field[-10:], "type": "multiple_choice", "ref": field}}


def kobo(parents: list[Parent]) -> Iterator[Delivery]:
    """Deliveries from the tablets at the children's centre."""
    for number, parent in enumerate(parents, start=1):
        at = datetime(2026, 10, 12, 10, tzinfo=UTC) + timedelta(minutes=31 * number)
        instance = str(uuid5(NAMESPACE_URL, f"kobo/{parent.member}"))
        body = {
            "_id": number,
            "_uuid": instance,
            "formhub/uuid": "d3m0f0rm",
            "__version__": "vDemo1",
            "_xform_id_string": "demo_westmere",
            "meta/instanceID": f"uuid:{instance}",
            "meta/rootUuid": f"uuid:{instance}",
            "start": _iso(at - timedelta(minutes=8)),
            "end": _iso(at),
            **_theirs("kobo", parent),
            "_submission_time": at.strftime("%Y-%m-%dT%H:%M:%S"),
            "_submitted_by": None,
            "_status": "submitted_via_web",
            "_attachments": [],
            "_geolocation": [None, None],
            "_tags": [],
            "_notes": [],
        }
        yield Delivery("kobo", instance, _json(body))


def _theirs(platform: str, parent: Parent) -> dict[str, str]:
    """A parent's answers under the platform's names and in its codes, open answer last."""
    items = read("connections")[platform]["mapping"]["items"]
    given: dict[str, str] = {}
    for item, code in parent.answers.items():
        theirs = {ours: their for their, ours in items[item]["codes"].items()}
        given[items[item]["field"]] = theirs[code]
    if parent.own_words is not None:
        given[items["own_words"]["field"]] = parent.own_words
    return given


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
