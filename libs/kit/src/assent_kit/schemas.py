"""Base classes and types of what goes over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Strict

Whole = Annotated[int, Strict()]
"""A whole number; "1" and true are not one."""
Number = Annotated[float, Strict()]
"""A number; "1.5" is not one."""
Flag = Annotated[bool, Strict()]
"""true or false; 1 and "yes" are neither."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time with its zone, read as UTC."""


class Request(BaseModel):
    """A request body: unknown fields are refused and numbers are finite. Number fields use Whole, Number and Flag."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, frozen=True)


class Answer(BaseModel):
    """An answer body."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
