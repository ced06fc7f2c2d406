"""What can go wrong in analytics, beside what can go wrong anywhere."""

from assent_kit.problems import Forbidden, Problem, Unavailable


class NothingReleased(Forbidden):
    """A viewer sees released figures, and there are none yet."""

    code, title = "nothing_released", "Your role sees released figures, and none have been released"
    remedy = "Ask a steward to release a version, or an owner for a role that may see live figures."


class UnknownItem(Problem):
    """No item of that id has been published in the study."""

    status, code, title = 404, "unknown_item", "The study has no such item"
    remedy = "See `GET /v1/studies/{study}/items` for the items that can be estimated."


class UnknownVariable(Problem):
    """The study's groups have no such variable."""

    status, code, title = 422, "unknown_variable", "The study's groups have no such variable"
    remedy = "See `GET /v1/studies/{study}/bases` for the variables of the study."


class UnacceptableSettings(Problem):
    """Thresholds that make no sense."""

    status, code, title = 422, "unacceptable_settings", "The settings make no sense together"
    remedy = "Shares and levels lie between 0 and 1; see the description of each setting."


class Rebuilding(Unavailable):
    """The read models are being made again from the log."""

    code, title = "rebuilding", "The figures are being rebuilt from the log"
    remedy = "Wait until the rebuild is done; nothing is lost, and half-read figures would mislead."
