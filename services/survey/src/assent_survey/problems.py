"""What can go wrong in this service, beside what can go wrong anywhere."""

from assent_kit.problems import FieldError, InvalidRequest, NotFound, Problem, Unavailable, UnsupportedMedia
from assent_survey.domain.faults import Fault
from assent_survey.domain.submission import RefusalReason


class NotPublished(Problem):
    """A draft cannot be asked."""

    status, code, title = 409, "instrument_not_published", "The instrument has no such published version"
    remedy = "Publish the instrument first, or name a version that is published."


class InstrumentTooLarge(Problem):
    """More than one event can carry."""

    status, code, title = 422, "instrument_too_large", "The instrument is too large to publish"
    remedy = "Leave out languages or items that are not analysed, or divide it; the draft is kept as it was."


class UnknownInstrumentFormat(UnsupportedMedia):
    """No reader knows the file."""

    status, code, title = 415, "instrument_format_unknown", "The file is in no format in which instruments are read"
    remedy = "Name its `format` if it is one of those listed, or export the instrument in one of them."


class InstrumentUnreadable(InvalidRequest):
    """The file is not what its format asks for."""

    status, code, title = 422, "instrument_unreadable", "The file cannot be read as an instrument"
    remedy = "Export it again from its platform, unchanged; `detail` says what is wrong with it. Nothing was stored."


class CollectionIsClosed(Problem):
    """Fieldwork has ended."""

    status, code, title = 409, "collection_closed", "The collection is closed and takes no responses"
    remedy = "Open another collection of the instrument for a new wave."


class RespondentHasWithdrawn(Problem):
    """Nobody is brought back."""

    status, code, title = 409, "respondent_withdrawn", "The respondent or the response was withdrawn from this collection"
    remedy = "Nothing was stored; do not send responses of people who withdrew."


class NotReplayable(Problem):
    """Nothing is left to replay, or it waits already."""

    status, code, title = 409, "not_replayable", "This delivery cannot be replayed"
    remedy = "Replay deliveries that are quarantined, dead or applied and still hold their body."


class SecretIsThePlatforms(Problem):
    """We cannot make another."""

    status, code, title = 409, "secret_is_the_platforms", "The platform makes the secret of this connection"
    remedy = "Make a new secret at the platform and `PUT` it to the connection's `secret`; the old one goes on working for a while."


class PlatformCannotBeAsked(Problem):
    """It has no interface, or we do not know it."""

    status, code, title = 409, "platform_cannot_be_asked", "Responses cannot be asked for at this platform"
    remedy = "Rely on its webhooks, or import its export file into the collection."


class AccessNotSet(Problem):
    """We do not know how to ask."""

    status, code, title = 409, "access_not_set", "The connection has no access to the platform's interface"
    remedy = "`PUT` what the platform's page in the documentation asks for to the connection's `access`, then try again."


class ReconciliationRuns(Problem):
    """One at a time."""

    status, code, title = 409, "reconciliation_runs", "A reconciliation of this connection is running already"
    remedy = "Wait for it, or cancel its job; it goes on where it stopped."


class VignettesFixed(Problem):
    """What people were shown must stay what it was."""

    status, code, title = 409, "vignettes_fixed", "This design of vignettes is fixed and cannot change"
    remedy = "Make another design with another prefix."


class VignettesNotFixed(Problem):
    """It may still change."""

    status, code, title = 409, "vignettes_not_fixed", "This design of vignettes is a draft"
    remedy = "Fix the design first: `POST` to its `fix`."


class VignettesNotAsked(Problem):
    """Nothing could be analysed."""

    status, code, title = 409, "vignettes_not_asked", "The collection's instrument does not have the items of these vignettes"
    remedy = "Add the items that the design gives at `items` to an instrument, publish it, and open a collection of that version."


class ConnectionGone(Problem):
    """It was deleted."""

    status, code, title = 410, "connection_gone", "This connection was deleted"
    remedy = "Remove the webhook at the platform, or make a new connection and use its address."


class UnknownWithdrawalCode(NotFound):
    """No response has it."""

    status, code, title = 404, "unknown_withdrawal_code", "No response of this study has this withdrawal code"
    remedy = "Check the code letter by letter; if the response was withdrawn already there is nothing left to do."


class UnknownToken(NotFound):
    """Withdrawn, or never issued: which of the two is nobody's business."""

    status, code, title = 404, "unknown_token", "Nothing is held under this address"
    remedy = "Check the address letter by letter. If you withdrew there is nothing left to do."


class InformationSheetIsFixed(Problem):
    """Parents have agreed to what it said."""

    status, code, title = 409, "information_sheet_fixed", "A version of this name was shown with another text"
    remedy = "Give the changed sheet a new `version`; what parents have read stays as it was."


class QuarantineFull(Unavailable):
    """Too much of it waits already."""

    status, code, title = 503, "quarantine_full", "Too many deliveries of this connection wait in quarantine"
    remedy = "Nothing was stored. Mend the connection's secret or mapping and replay what waits; the platform may send this again."


class ExportNotReady(Problem):
    """There is no file."""

    status, code, title = 409, "export_not_ready", "The file of this export is not there"
    remedy = "Wait for its job; where that has failed or was cancelled, ask for the export again."


class ExportOvertaken(Problem):
    """It was deleted while it was made."""

    status, code, title = 409, "export_overtaken", "The export was deleted while it was being made"
    remedy = "Somebody has withdrawn, or the export was deleted. Nothing of it was kept; ask for it again if it is still wanted."


class NoInstance(Problem):
    """What an OpenRosa client sent cannot be read."""

    status, code, title = 400, "no_instance", "The submission holds no readable form instance"
    remedy = (
        "Send multipart/form-data with one part xml_submission_file, whose XML has meta/instanceID; encrypted forms cannot be read."
    )


class OtherInstance(Problem):
    """The instance's id is taken."""

    status, code, title = 409, "other_instance", "Another submission has the same instance id"
    remedy = "An instance never changes once it was sent; a change of it is an edit, with an instance id of its own and meta/deprecatedID."


class OutdatedEdit(Problem):
    """It edits what is not the newest version."""

    status, code, title = 409, "outdated_edit", "The edit does not replace the newest version of its submission"
    remedy = "Begin the edit from the newest version: its meta/deprecatedID must be the instance id that was sent last."


class ResponseDeleted(Problem):
    """It is gone for good."""

    status, code, title = 409, "response_deleted", "The submission was deleted and cannot be sent again"
    remedy = "Delete it on the device too: who withdrew is not to come back."


class FileUnreadable(Problem):
    """Whatever it is, it is not what it was said to be."""

    status, code, title = 422, "file_unreadable", "The file of responses cannot be read"
    remedy = "Nothing was kept. Send CSV (UTF-8 or UTF-16, or name its `encoding`; gzip if you like), SPSS .sav or Stata .dta."


class ColumnsUnfit(Problem):
    """The plan and the file do not go together."""

    status, code, title = 422, "columns_unfit", "The file does not have the columns that the metadata name"
    remedy = "Nothing was kept. Compare the metadata with the first line of the file; each named column must be there exactly once."


class ImportOvertaken(Problem):
    """Another worker has it, or nobody wants it any more."""

    status, code, title = 409, "import_overtaken", "The import was deleted or taken over while it ran"
    remedy = "What was kept until then stays. Send the file again: rows that are there already make nothing new."


class Unsigned(Problem):
    """No proof at all."""

    status, code, title = 401, "delivery_unsigned", "The delivery carries no proof of its sender"
    remedy = "Set the connection's secret in the platform's webhook settings."


class MalformedSignature(Problem):
    """Something that is no proof."""

    status, code, title = 401, "signature_malformed", "The proof of the delivery's sender cannot be read"
    remedy = "Check that the connection has the right platform, and that nothing on the way changes headers."


class WrongSignature(Problem):
    """Another secret, or another body."""

    status, code, title = 401, "signature_wrong", "The delivery was not signed with a secret of this connection"
    remedy = "Set the same secret here and at the platform, and let nothing on the way change the body."


class StaleTimestamp(Problem):
    """Too old, or from the future."""

    status, code, title = 401, "timestamp_stale", "The delivery was signed too long ago, or in the future"
    remedy = "Check the clocks of both sides; a sender signs each attempt afresh."


REFUSALS: dict[RefusalReason, type[Problem]] = {
    "unsigned": Unsigned,
    "malformed_signature": MalformedSignature,
    "wrong_signature": WrongSignature,
    "stale_timestamp": StaleTimestamp,
}


def invalid(faults: list[Fault]) -> InvalidRequest:
    """The request breaks rules of the domain."""
    return InvalidRequest(errors=[FieldError(pointer=fault.pointer, message=fault.message) for fault in faults])
