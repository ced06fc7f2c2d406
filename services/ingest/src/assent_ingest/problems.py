"""What can go wrong in ingest, beside what can go wrong everywhere.

A file that cannot be read is refused and nothing of it is kept; the code says why in one word.
"""

from assent_ingest.domain.reading import Refusal
from assent_kit.problems import Problem, TooLarge


class DocumentEncrypted(Problem):
    """A password is needed."""

    status, code, title = 422, "document_encrypted", "The document is protected by a password"
    remedy = "Save a copy without a password and upload that."


class DocumentDamaged(Problem):
    """Broken or cut short."""

    status, code, title = 422, "document_damaged", "The file is broken or cut short"
    remedy = "Open the file in the program that made it, save it again and upload the whole of it."


class DocumentEmpty(Problem):
    """Nothing in it."""

    status, code, title = 422, "document_empty", "There is no text in the file"
    remedy = "Check that this is the right file; a scan is kept even without text, a blank page is not."


class DocumentUnsupported(Problem):
    """Another kind of file."""

    status, code, title = 422, "document_unsupported", "Files of this kind are not read"
    remedy = "Upload a PDF, a Word document (.docx), a web page or plain text; save other formats as one of these."


class DocumentLimitHit(Problem):
    """It takes more than any one document may."""

    status, code, title = 422, "document_limit_hit", "Reading the file takes more than one document may have"
    remedy = "Save the document afresh, split it, or upload its text; pages, characters, nesting and memory are limited."


class DocumentTimedOut(Problem):
    """It takes too long."""

    status, code, title = 422, "document_timed_out", "Reading the file takes too long"
    remedy = "Save the document afresh or split it into shorter ones."


class DocumentWithoutText(Problem):
    """A scan, or fonts that say nothing."""

    status, code, title = 409, "document_without_text", "The document is kept, but no text could be read in it"
    remedy = "Recognise its letters (OCR) in another program and upload the result; then code that document."


class UnknownRationale(Problem):
    """The code is not in the codebook."""

    status, code, title = 422, "unknown_rationale", "The study's codebook has no such rationale"
    remedy = "Use a code listed at `/rationales`, or add this one there first."


class RationaleExists(Problem):
    """The code is taken."""

    status, code, title = 409, "rationale_exists", "The codebook already has a rationale with this code"
    remedy = "Change the one that exists with PATCH, or choose another code."


class ParaphraseOnly(Problem):
    """A private person's words."""

    status, code, title = 403, "paraphrase_only", "The words of a private person are not shown as they stand"
    remedy = "Ask someone who codes documents for a paraphrase; the words themselves could be found again by searching for them."


REFUSALS: dict[Refusal, type[Problem]] = {
    "encrypted": DocumentEncrypted,
    "damaged": DocumentDamaged,
    "empty": DocumentEmpty,
    "unsupported": DocumentUnsupported,
    "too_large": TooLarge,
    "limit_hit": DocumentLimitHit,
    "timed_out": DocumentTimedOut,
}
