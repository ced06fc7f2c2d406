"""A data practice as a tuple: who links or predicts what, about whom, for whom, and on what terms.

A survey item, a document passage, a code, an excerpt and a proposal all carry (part of) this tuple; it is the key that lets an
estimate, a rationale and a quotation stand side by side. Every slot may be left unstated. Not here: what the terms mean
(vocabulary) and how two practices compare (matching).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Term = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="a term of the vocabulary, such as `school_records`")]
Terms = Annotated[tuple[Term, ...], Field(max_length=32)]

Processor = Literal["in_house", "outsourced"]
Operation = Literal["link", "describe", "predict_risk", "flag", "intervene"]
Setting = Literal["operational", "research"]
TransmissionPrinciple = Literal["consent", "notice", "legal_power", "none"]

Slot = Literal[
    "data_types",
    "subjects",
    "sender",
    "recipient",
    "processor",
    "operation",
    "purpose",
    "setting",
    "transmission_principle",
    "safeguards",
    "consequence",
]


class Practice(BaseModel):
    """A data practice; an empty or absent slot means *unstated*, never *none*."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_types: Terms = ()
    subjects: Term | None = None
    sender: Terms = ()
    recipient: Terms = ()
    processor: Processor | None = None
    operation: Operation | None = None
    purpose: Term | None = None
    setting: Setting | None = None
    transmission_principle: TransmissionPrinciple | None = None
    safeguards: Terms = ()
    consequence: Term | None = None

    def values(self, slot: Slot) -> frozenset[str]:
        """What the slot states, as a set; empty when it is unstated."""
        value = getattr(self, slot)
        if value is None:
            return frozenset()
        return frozenset(value) if isinstance(value, tuple) else frozenset({value})

    def stated(self) -> bool:
        """Whether any slot says anything."""
        return any(self.values(slot) for slot in SLOTS)


SLOTS: tuple[Slot, ...] = (
    "data_types",
    "subjects",
    "sender",
    "recipient",
    "processor",
    "operation",
    "purpose",
    "setting",
    "transmission_principle",
    "safeguards",
    "consequence",
)
