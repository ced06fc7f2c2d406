"""Which headers go on to a service, and which come back."""

from typing import NamedTuple

from assent_kit.upstream import HOP_BY_HOP, Headers, end_to_end

# What only the gateway may say. A client's own `authorization` ends here, except that of a webhook, which the service checks.
_IDENTITY = frozenset(
    {
        b"forwarded",
        b"x-request-id",
        b"x-real-ip",
        b"x-user",
        b"x-user-id",
        b"x-remote-user",
        b"remote-user",
        b"x-client-cert",
        b"cookie",
    }
)
_IDENTITY_FAMILIES = (b"x-assent-", b"x-forwarded-", b"x-auth-request-")
_NOT_FORWARDED = HOP_BY_HOP | _IDENTITY
_NOT_FORWARDED_NOR_AUTHORIZED = _NOT_FORWARDED | {b"authorization"}
_NOT_RETURNED = HOP_BY_HOP | {b"x-request-id", b"server", b"date"}

EXPOSED = ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id", "Content-Disposition")


class Incoming(NamedTuple):
    """What the gateway itself needs of a request's headers; the rest it passes on unread."""

    authorization: bytes
    content_length: int | None
    has_body: bool
    multipart: bool
    request_id: bytes
    forwarded_for: list[str]
    size: int
    malformed_length: bool


def read(headers: Headers) -> Incoming:
    """Read them in one pass."""
    authorization = request_id = b""
    length: int | None = None
    chunked = multipart = malformed = False
    forwarded_for: list[str] = []
    size = 0
    for name, value in headers:
        size += len(name) + len(value)
        if name == b"authorization":
            authorization = value
        elif name == b"content-length":
            malformed = malformed or length is not None or not value.isdigit()
            length = 0 if malformed else int(value)
        elif name == b"transfer-encoding":
            chunked = True
        elif name == b"content-type":
            multipart = value[:10].lower() == b"multipart/"
        elif name == b"x-request-id":
            request_id = value
        elif name == b"x-forwarded-for":
            forwarded_for.append(value.decode("latin-1"))
    malformed = malformed or (chunked and length is not None)
    return Incoming(authorization, length, chunked or bool(length), multipart, request_id, forwarded_for, size, malformed)


def forwarded(headers: Headers, *, keep_authorization: bool, added: Headers) -> Headers:
    """The headers for the service: end-to-end ones, none that claims an identity, and the gateway's own."""
    kept = end_to_end(headers, without=_NOT_FORWARDED if keep_authorization else _NOT_FORWARDED_NOR_AUTHORIZED)
    return [header for header in kept if header[0][:2] != b"x-" or not header[0].startswith(_IDENTITY_FAMILIES)] + added


def returned(headers: Headers) -> Headers:
    """The headers for the client: end-to-end ones, without what the gateway says itself."""
    return end_to_end(headers, without=_NOT_RETURNED)
