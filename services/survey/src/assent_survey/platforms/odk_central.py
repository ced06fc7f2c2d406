"""ODK Central through hotosm/central-webhook: the submission's XML in a JSON envelope, proved by a static `X-API-Key`.

Central itself sends nothing. The tool runs in Central's database, ignores our answer and never sends again, and says of an edit or a
review only that there was one: so it is a doorbell beside the reconciliation, which is what counts. A changed review state is a notice,
and the submission is read again; `rejected` and `hasIssues` are facts of it and leave nothing out by themselves.
Source: github.com/hotosm/central-webhook; ODK Central's submissions of 2026-08.
"""

import re

from assent_survey.domain.submission import Notice, Submission, Unreadable
from assent_survey.platforms.face import Headers, identifier, is_identifier, part, read_object
from assent_survey.platforms.odk_central_api import OdkCentralApi
from assent_survey.platforms.shared_secret import SharedSecret
from assent_survey.platforms.xform_instance import plain_id, read_instance, submission_of

_DECLARATION = re.compile(r"[\s\ufeff]*<\?xml[^>]*\?>")
"""It may name the encoding of the file that the text once was; the text itself is text."""
_CHANGES = ("submission.update", "submission.update.version")


class OdkCentral(OdkCentralApi, SharedSecret):
    """The secret is the `--api-key` with which the tool is installed."""

    name = "odk_central"
    secret_header = "x-api-key"  # noqa: S105 - a header's name

    def parse(self, raw: bytes, headers: Headers) -> Submission | Notice | None:  # noqa: ARG002 - JSON needs no content type
        """A new submission with its answers, or the notice that one was edited or reviewed."""
        body = read_object(raw)
        event = body.get("type")
        if event in _CHANGES:
            changed = plain_id(identifier(body, "id"))
            if not is_identifier(changed):
                raise Unreadable("the body has no id of a submission")
            return Notice(changed)
        if event != "submission.create":
            raise Unreadable("the event is none of submission.create, submission.update, submission.update.version")
        xml = part(body, "data").get("xml")
        if not isinstance(xml, str):
            raise Unreadable("data.xml is not there")
        return submission_of(read_instance(_DECLARATION.sub("", xml).encode()))
