"""What is sent with an instrument's file, what reading it answers, and differences between items."""

from typing import Annotated, Any, Literal

from pydantic import Field

from assent_kit.schemas import Answer, Request
from assent_survey.api.schemas import ExternalId, InstrumentOut, Title
from assent_survey.domain.instrument import Language
from assent_survey.domain.mapping import Mapping

FormatName = Literal["xlsform", "qsf", "limesurvey", "surveyjs", "typeform", "formbricks", "redcap", "ddi", "triple_s"]


class ImportMetadata(Request):
    """All optional: the format where it should not be guessed, another title than the file's, the language to take wordings from."""

    format: FormatName | None = None
    title: Title | None = None
    language: Language | None = None
    external_id: ExternalId | None = None


class LossOut(Answer):
    """Something of the file that the instrument does not carry, or carries changed: where, what, and what stands for it now."""

    where: str
    what: str
    kept: str | None


class PartOut(Answer):
    """One thing of an item before and after; null where it was not said."""

    what: str
    before: Any
    after: Any


class DifferenceOut(Answer):
    """An item that came or went, or what of it changed."""

    item: str
    happening: Literal["added", "removed", "changed"]
    parts: list[PartOut]


class InstrumentRead(InstrumentOut):
    """The instrument as it is kept, beside what reading told: the losses, and a mapping for a connection to the file's platform.

    `differences` are those from the draft that was replaced; null for a new instrument and for a repeated request.
    """

    format: FormatName
    language: str | None
    file_version: str | None
    losses: list[LossOut]
    mapping: Mapping | None
    differences: list[DifferenceOut] | None = None


class DifferencesOut(Answer):
    """What is different in version `to` from version `number`."""

    instrument: str
    number: int
    to: Annotated[int, Field(ge=1)]
    title: PartOut | None
    differences: list[DifferenceOut]
