"""What can go wrong at the gateway, beside what every service knows (assent_kit.problems)."""

from assent_kit.problems import Problem, Unauthenticated, Unavailable
from assent_kit.server import HeadersTooLarge

__all__ = [
    "AmbiguousAddress",
    "BodyStalled",
    "HeadersTooLarge",
    "KeyExpired",
    "LastOwner",
    "MayNotOpenStudies",
    "StudyClosed",
    "TermExists",
    "TooManyFailedAttempts",
    "TooManyRequests",
    "UpstreamBusy",
    "UpstreamFailed",
    "UpstreamSilent",
    "UpstreamUnreachable",
]


class AmbiguousAddress(Problem):
    """A path that two readers could read differently."""

    status, code, title = 400, "ambiguous_address", "The address can be read in more than one way"
    remedy = "Leave out dot segments, doubled slashes and encoded slashes."


class KeyExpired(Unauthenticated):
    """Right, but too late."""

    status, code, title = 401, "credential_expired", "The key or token has expired"
    remedy = "Ask an owner of the study for a new key, or log in again."


class MayNotOpenStudies(Problem):
    """Known, but not somebody who opens studies here."""

    status, code, title = 403, "may_not_open_studies", "You may not open studies in this installation"
    remedy = (
        "Use the key that `assent bootstrap` printed, or ask whoever runs this installation to list you in ASSENT_STUDY_OPENERS."
    )


class BodyStalled(Problem):
    """The sender stopped sending, or trickles."""

    status, code, title = 408, "body_stalled", "The body did not arrive in time"
    remedy = "Nothing was stored. Send it again over a better connection, or in smaller parts."


class StudyClosed(Problem):
    """A closed study is read, not written."""

    status, code, title = 409, "study_closed", "The study is closed"
    remedy = "A closed study can still be read, and people can still withdraw from it; open another study for new material."


class LastOwner(Problem):
    """A study always has an owner."""

    status, code, title = 409, "last_owner", "The study would be left without an owner"
    remedy = "Make somebody else an owner first."


class TermExists(Problem):
    """The slot has it already."""

    status, code, title = 409, "term_exists", "The vocabulary has this term already"
    remedy = "Use the existing term, or choose another name."


class TooManyRequests(Problem):
    """Faster than agreed."""

    status, code, title = 429, "too_many_requests", "You ask more often than is allowed"
    remedy = "Wait for the time in `Retry-After`; `RateLimit` says how much is left."


class TooManyFailedAttempts(Problem):
    """Somebody at this address tries keys."""

    status, code, title = 429, "too_many_failed_attempts", "Too many wrong keys or tokens came from this address"
    remedy = "Wait for the time in `Retry-After`, then use a valid key."


class UpstreamBusy(Unavailable):
    """As many requests as it can take are under way there."""

    code, title = "service_busy", "The service behind this address is busy"


class UpstreamUnreachable(Unavailable):
    """It cannot be reached; nothing was handed over."""

    code, title = "service_unreachable", "The service behind this address cannot be reached"


class UpstreamFailed(Problem):
    """It broke off; what became of the request is not known."""

    status, code, title = 502, "service_failed", "The service behind this address broke off"
    remedy = "What became of the request is not known. Repeat it with the same Idempotency-Key."


class UpstreamSilent(Problem):
    """It took too long; what becomes of the request is not known."""

    status, code, title = 504, "service_silent", "The service behind this address did not answer in time"
    remedy = "What becomes of the request is not known. Repeat it with the same Idempotency-Key."
