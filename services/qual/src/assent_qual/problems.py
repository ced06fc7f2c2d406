"""What can go wrong in qual, beside what can go wrong everywhere."""

from assent_kit.problems import Problem
from assent_qual.domain.turns import Fault


class TranscriptEmpty(Problem):
    """No words in the file."""

    status, code, title = 422, "transcript_empty", "The file holds no words"
    remedy = "Send the transcript itself: WebVTT, DOCX, or text with `SPEAKER: words`."


class TranscriptWithoutCues(Problem):
    """WebVTT without timed words."""

    status, code, title = 422, "transcript_without_cues", "The WebVTT file holds no cues"
    remedy = "Export the captions again; each cue needs a line `00:00:01.000 --> 00:00:04.000` and words below it."


class TranscriptWithoutSpeakers(Problem):
    """Nobody is named."""

    status, code, title = 422, "transcript_without_speakers", "The transcript does not say who speaks"
    remedy = "Label the turns, by `<v Name>` in WebVTT or `Name: words` anywhere; consent belongs to a speaker."


class TranscriptDamaged(Problem):
    """Not what it says it is."""

    status, code, title = 422, "transcript_damaged", "The file cannot be read"
    remedy = "Open the file in the program that made it, save it again and send that; or state its format in `metadata`."


class TranscriptEncrypted(Problem):
    """A password is needed."""

    status, code, title = 422, "transcript_encrypted", "The document is protected by a password or too old"
    remedy = "Save it as .docx without a password."


class TranscriptUnsupported(Problem):
    """A format that is not read."""

    status, code, title = 415, "transcript_unsupported", "This file format is not read as a transcript"
    remedy = "Send WebVTT, DOCX or plain text."


class TranscriptTooLarge(Problem):
    """More than is taken."""

    status, code, title = 413, "transcript_too_large", "The transcript is larger than is taken"
    remedy = "Split the recording into sessions; the limits are settings of this installation."


UNREADABLE: dict[Fault, type[Problem]] = {
    "empty": TranscriptEmpty,
    "no_cues": TranscriptWithoutCues,
    "no_speakers": TranscriptWithoutSpeakers,
    "damaged": TranscriptDamaged,
    "encrypted": TranscriptEncrypted,
    "too_large": TranscriptTooLarge,
    "unsupported": TranscriptUnsupported,
}
"""The problem that each fault of a file is."""


class TranscriptCoded(Problem):
    """Codings would lose their talk."""

    status, code, title = 409, "transcript_coded", "The session has a transcript that is coded already"
    remedy = "Delete the codings of the session first, or import into a new session."


class TranscriptRedacted(Problem):
    """Somebody withdrew from it."""

    status, code, title = 409, "transcript_redacted", "Somebody who spoke in this session has withdrawn"
    remedy = "The transcript stays as it is; importing it again could bring their words back."


class SpeakerUnknown(Problem):
    """No such voice in the transcript."""

    status, code, title = 422, "speaker_unknown", "The transcript has no such speaker"
    remedy = "Use the speakers that `GET …/turns` shows; labels are case-sensitive."


class ParticipantUnknown(Problem):
    """No such participant."""

    status, code, title = 422, "participant_unknown", "There is no such participant in this study"
    remedy = "Register the participant first, or say `researcher` for one of the team."


class CohortUnknown(Problem):
    """No such cohort."""

    status, code, title = 422, "cohort_unknown", "There is no such cohort in this study"
    remedy = "Form the cohort first."


class CodeUnknown(Problem):
    """No such code."""

    status, code, title = 422, "code_unknown", "There is no such code in this study's codebook"
    remedy = "Add the code to the codebook first, or use the id of one that `GET …/codes` shows."


class CodeInUse(Problem):
    """Something hangs on the code."""

    status, code, title = 409, "code_in_use", "The code has codes below it or talk coded with it"
    remedy = "Move or delete those first."


class CodeTreeBroken(Problem):
    """The tree would not be one."""

    status, code, title = 422, "code_tree_broken", "The codes would not form a tree"
    remedy = "Choose a parent that exists and is not below the code itself."


class CodebookTooLarge(Problem):
    """More than one event can carry."""

    status, code, title = 422, "codebook_too_large", "The codebook would be too large to publish"
    remedy = "Shorten definitions or delete codes that are not used."


class RationaleUnclear(Problem):
    """Role and rationale do not fit."""

    status, code, title = 422, "rationale_unclear", "The code's role and its rationale do not fit"
    remedy = "Give `rationale` and `response` for the role rationale_response, and for no other."


class SpanOutside(Problem):
    """Not a span of this transcript."""

    status, code, title = 422, "span_outside_transcript", "The span is not in the transcript"
    remedy = "Count turns as `GET …/turns` does and offsets in Unicode code points; the end is exclusive and after the start."


class SpanRedacted(Problem):
    """Talk of somebody who withdrew."""

    status, code, title = 422, "span_redacted", "The span holds a turn of somebody who withdrew"
    remedy = "Code the talk before and after that turn."


class ConsentUnclear(Problem):
    """The entry says nothing, or two things."""

    status, code, title = 422, "consent_unclear", "The entry does not say what was decided"
    remedy = "Name at least one use; a withdrawal marks what is taken back as true; a refusal to take part is a withdrawal."


class ConsentInFuture(Problem):
    """Nobody has consented tomorrow."""

    status, code, title = 422, "consent_in_future", "The consent is dated in the future"
    remedy = "Give the moment at which the decision was made, in UTC."


class ConsentOvertaken(Problem):
    """A later form says otherwise."""

    status, code, title = 409, "consent_overtaken", "A form of a later moment gives this consent again"
    remedy = "If the withdrawal is meant to stand, date it after that form; see `GET …/consents`."
