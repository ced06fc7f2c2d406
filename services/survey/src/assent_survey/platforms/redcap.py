"""REDCap's Data Entry Trigger: form-encoded, sent at every save of a record, unsigned, and without answers.

There is no secret but the address, so the body is believed in nothing but that something was saved; the answers are fetched. A response
is one instrument of one record in one event and instance. Record names may be identifiers of people: they stay in raw deliveries.
Source: REDCap's Data Entry Trigger as received by UCI-MIND/REDCap-Data-Entry-Trigger-Host; there is no public specification.
"""

from collections.abc import Sequence
from datetime import datetime

from assent_survey.domain.submission import Identity, Notice, Submission, Unreadable
from assent_survey.platforms.face import Headers, Proof, is_identifier
from assent_survey.platforms.form_bodies import URLENCODED, read_form
from assent_survey.platforms.redcap_api import RedcapApi
from assent_survey.platforms.redcap_rows import Place
from assent_survey.platforms.shared_secret import SharedSecret


class Redcap(RedcapApi, SharedSecret):
    """The secret is the last part of the address."""

    name = "redcap"
    proof: Proof = "path_secret"

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
        """Two saves may be announced by the same body, so each is a delivery of its own. Raises Refused."""
        return Identity(f"{now.isoformat()} {super().verify(raw, headers, secrets, now).delivery}")

    def parse(self, raw: bytes, headers: Headers) -> Submission | Notice | None:
        """Which instrument was saved. Raises Unreadable."""
        form = read_form(raw, headers)
        place = Place(
            project=form.get("project_id", ""),
            record=form.get("record", ""),
            event=form.get("redcap_event_name", ""),
            instrument=form.get("redcap_repeat_instrument") or form.get("instrument", ""),
            instance=form.get("redcap_repeat_instance", ""),
        )
        if not (place.project and place.record and place.instrument) or not is_identifier(place.response_id):
            raise Unreadable("project_id, record or instrument is not there; is this a Data Entry Trigger?")
        return Notice(place.response_id, address=place.address)

    def content_type(self, raw: bytes) -> str:  # noqa: ARG002 - always the same
        """Form-encoded."""
        return URLENCODED
