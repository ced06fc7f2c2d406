"""OpenRosa: ODK Collect, Enketo and whatever else fills in ODK forms send their submissions to us directly.

A submission is a multipart form: the instance's XML in the part `xml_submission_file`, and its attachments. What is too large for one
request comes in several with the very same XML. The secret is part of the address, or the Basic password. An edit names the version
that it replaces; which response that belongs to, and how many edits came before, is found when it is received, and kept with it.
Not here: what has been received before (service/receive_openrosa). Source: docs.getodk.org/openrosa-form-submission, /openrosa-http.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from assent_survey.domain.submission import Submission, Unreadable
from assent_survey.platforms.face import Headers, Proof, begins
from assent_survey.platforms.form_bodies import boundary_of, read_parts
from assent_survey.platforms.shared_secret import SharedSecret
from assent_survey.platforms.xform_instance import read_instance, submission_of

ROOT, EDITS = ":root", ":edits"
"""Stand among the kept headers for the id of the first version and the number of edits since; no client can send such headers."""
VERSION_HEADER = "X-OpenRosa-Version"
LENGTH_HEADER = "X-OpenRosa-Accept-Content-Length"
CONTENT_TYPE = "text/xml; charset=utf-8"

_XML_PART = b"xml_submission_file"
_NO_ATTACHMENT = frozenset({_XML_PART, b"*isIncomplete*"})
MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """What one request brings: the instance's XML as it came, and the names of the attachments beside it."""

    xml: bytes
    attachments: frozenset[str]


class OpenRosa(SharedSecret):
    """The address, with the secret at its end, is the server of the client: it appends `/submission` itself."""

    name = "openrosa"
    proof: Proof = "path_secret"

    def parse(self, raw: bytes, headers: Headers) -> Submission:
        """Answers by `group/question`; an edit is a version of the response that its first instance names. Raises Unreadable."""
        instance = read_instance(read_sent(raw, headers).xml)
        submission = submission_of(instance, response_id=headers.get(ROOT) or instance.deprecated_id)
        return replace(submission, version=edits_of(headers))

    def content_type(self, raw: bytes) -> str:
        """Multipart, with the boundary that the body begins with, or the XML by itself."""
        boundary = raw.split(b"\r\n", 1)[0].removeprefix(b"--").decode("latin-1")
        return f"multipart/form-data; boundary={boundary}" if raw.startswith(b"--") else "text/xml"


def edits_of(headers: Headers) -> int | None:
    """How many edits led to what was kept with these headers; None where it was not received by OpenRosa's rules."""
    return int(headers[EDITS]) if EDITS in headers else None


def read_sent(raw: bytes, headers: Headers) -> Sent:
    """The parts of a request; XML by itself is a submission without attachments. Raises Unreadable."""
    if begins(raw, b"<"):
        return Sent(raw, frozenset())
    boundary = boundary_of(raw, headers)
    if boundary is None:
        raise Unreadable("the body is neither multipart/form-data nor XML")
    parts = read_parts(raw, boundary, most=MOST_PARTS)
    xml = [part.content for part in parts if part.name == _XML_PART]
    if len(xml) != 1:
        raise Unreadable(f"the form has not one part {_XML_PART.decode()}")
    return Sent(xml[0], frozenset(_text(part.file or part.name) for part in parts if part.name not in _NO_ATTACHMENT))


@lru_cache(maxsize=64)
def response(message: str, nature: str) -> bytes:
    """What clients show to whoever sends. `nature` names the kind of message, as `submit_success`."""
    text = f"<message nature={quoteattr(nature)}>{escape(message)}</message>"
    return f'<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0">{text}</OpenRosaResponse>'.encode()


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
