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


class UnknownGroup(Problem):
    """The variable has no such group."""

    status, code, title = 422, "unknown_group", "The variable has no such group"
    remedy = "See `GET /v1/studies/{study}/bases` for the groups of each variable."


class UnknownCollection(Problem):
    """The study has no such collection, or its events have not come yet."""

    status, code, title = 422, "unknown_collection", "The study has no such collection"
    remedy = "See `GET /v1/studies/{study}/bases` for the collections that have been heard of."


class ItemNotAsked(Problem):
    """The collection's instrument has no such item."""

    status, code, title = 422, "item_not_asked", "The collection did not ask this item"
    remedy = "See `GET /v1/studies/{study}/items` for the items of each collection."


class NotSuited(Problem):
    """The method and what it is asked to work on do not go together."""

    status, code, title = 422, "not_suited", "The method does not suit what it is asked to work on"
    remedy = "Choose another method or another item; the description of each method says what it needs."


class NotComparable(Problem):
    """Two collections put something differently."""

    status, code, title = 422, "not_comparable", "These collections cannot be compared in this"
    remedy = "Compare only what was asked alike: the same wording, options, mode and don't-know rule."


class Incomputable(Problem):
    """The data do not allow the figure."""

    status, code, title = 422, "cannot_estimate", "The data do not allow this analysis"
    remedy = "`detail` says what was found: ask for fewer groups, another design or another method."


class NotReady(Problem):
    """The analysis is still being done, or failed."""

    status, code, title = 409, "not_ready", "The analysis has no result yet"
    remedy = "Watch its job; when that has failed, ask for the analysis again."


class Stale(Problem):
    """The data have changed since."""

    status, code, title = 409, "stale_analysis", "The data have changed since this analysis"
    remedy = "Ask for the same analysis again: it is then made from the data as they are now."


class Released(Problem):
    """What was released stays."""

    status, code, title = 409, "released", "This analysis has been released and stays in the register"
    remedy = "Release a newer one; what readers have seen is not taken back."


class NoSuchForm(Problem):
    """A result that has no picture or no code."""

    status, code, title = 406, "no_such_form", "This analysis cannot be shown in that form"
    remedy = "Ask for `as=json` or `as=table`, which every analysis has."


class UnacceptableSettings(Problem):
    """Thresholds that make no sense."""

    status, code, title = 422, "unacceptable_settings", "The settings make no sense together"
    remedy = "Shares and levels lie between 0 and 1; see the description of each setting."


class Rebuilding(Unavailable):
    """The read models are being made again from the log."""

    code, title = "rebuilding", "The figures are being rebuilt from the log"
    remedy = "Wait until the rebuild is done; nothing is lost, and half-read figures would mislead."


class StillOpen(Problem):
    """A table of a collection whose answers still change."""

    status, code, title = 409, "still_open", "The collection is still open, so its figures cannot be released"
    remedy = "Close the collection first: figures of an open one move with every arrival."


class Differencing(Problem):
    """A table that would tell too much beside one that has been released."""

    status, code, title = 409, "differencing", "Beside an earlier release this table would tell about a few people"
    remedy = "Use the groups and filters of the release that is named, or ones that differ from them by ten people or more."


class ReasonNeeded(Problem):
    """A check wants the output looked at, and nobody has said why it may leave all the same."""

    status, code, title = 422, "reason_needed", "A check of this output asks for a reason"
    remedy = "Look at the checks that are named, and send `exception` with the reason why the output may be released all the same."


class RegisterMoved(Problem):
    """Something else was released while this was being checked."""

    status, code, title = 409, "register_moved", "Something else was released while this was being checked"
    remedy = "Send the request again: it is then checked against that release too."


class SecondPersonNeeded(Problem):
    """Whoever released something cannot be its second pair of eyes."""

    status, code, title = 409, "second_person_needed", "A release is checked by somebody else than whoever released it"
    remedy = "Ask another steward of the study."


class AlreadyChecked(Problem):
    """A second look is taken once."""

    status, code, title = 409, "already_checked", "This release has been checked already"
    remedy = "Read who checked it in the register; what they said stands."
