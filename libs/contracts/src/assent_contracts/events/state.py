"""What every state has in common."""

from pydantic import BaseModel, ConfigDict


class State(BaseModel):
    """An aggregate's whole current state. Unknown fields are ignored, so that an old reader accepts a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    study: str
