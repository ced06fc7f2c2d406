"""The test instrument, and what a respondent says to it, whatever the platform. Made up by us."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

INSTRUMENT: dict[str, Any] = {
    "title": "What parents find acceptable",
    "items": [
        {
            "name": "agreed",
            "wording": "Do you agree to take part?",
            "kind": "single",
            "role": "consent",
            "scale": [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}],
            "supports": ["yes"],
        },
        {
            "name": "link_records",
            "wording": "Your council joins school and police records. How acceptable is this?",
            "kind": "single",
            "role": "attitude",
            "scale": [
                {"option": "acceptable", "label": "Acceptable"},
                {"option": "with_check", "label": "Acceptable if checked"},
                {"option": "unacceptable", "label": "Not acceptable"},
            ],
            "missing": {"dont_know": "dont_know", "refused": "prefer_not"},
            "practice": {"data_types": ["school_records", "police_records"], "operation": "link"},
            "supports": ["acceptable"],
            "conditional": ["with_check"],
            "opposes": ["unacceptable"],
            "condition": {"safeguards": ["independent_oversight"]},
        },
        {
            "name": "lone_parent",
            "wording": "Are you bringing up a child on your own?",
            "kind": "single",
            "role": "demographic",
            "scale": [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}],
            "missing": {"refused": "prefer_not"},
            "variable": "lone_parent",
            "groups": {"yes": "lone", "no": "couple"},
        },
        {"name": "own_words", "wording": "Why?", "kind": "text", "role": "attitude"},
        {"name": "design_weight", "wording": "Weight", "kind": "number", "role": "weight"},
        {"name": "design_stratum", "wording": "Stratum", "kind": "single", "role": "stratum"},
    ],
}

COLLECTION: dict[str, Any] = {
    "wave": "2026",
    "population": "Parents of children under 16",
    "sampling": "probability",
    "mode": "web",
    "fieldwork": {"from": "2026-09-01"},
    "issued": 1000,
    "weight": "design_weight",
    "stratum": "design_stratum",
}


def mapping(**fields: str) -> dict[str, Any]:
    """A mapping of the test instrument; `fields` are the platform's names of respondent and items."""
    acceptable = {
        "Fine": "acceptable",
        "If checked": "with_check",
        "No": "unacceptable",
        "Don't know": "dont_know",
        "-": "prefer_not",
    }
    return {
        "respondent": fields["respondent"],
        "items": {
            "agreed": {"field": fields["agreed"], "codes": {"Yes": "yes", "No": "no"}},
            "link_records": {"field": fields["link_records"], "codes": acceptable},
            "lone_parent": {"field": fields["lone_parent"], "codes": {"Yes": "yes", "No": "no", "-": "prefer_not"}},
            "own_words": {"field": fields["own_words"]},
            "design_weight": {"field": fields["design_weight"]},
            "design_stratum": {"field": fields["design_stratum"]},
        },
        "ignore": [],
    }


@dataclass(frozen=True)
class Said:
    """What a respondent said, and when; `minute` counts from START and orders edits."""

    response: str = "r1"
    respondent: str = "panel-0001"
    link_records: str | None = "No"
    words: str = "because of Jane Roe"
    finished: bool = True
    minute: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> str:
        return (START + timedelta(minutes=self.minute)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def answers(self) -> dict[str, Any]:
        """The answers without those that were not given."""
        given = {"agreed": "Yes", "link_records": self.link_records, "lone_parent": "Yes", "own_words": self.words}
        return {**{name: value for name, value in given.items() if value is not None}, **self.extra}


class Sender:
    """How one platform would send what somebody said.

    `proof_header` is where its proof stands, None when it is in the body; `orders_edits` whether it tells a version or a time, and
    `sends_partials` whether it sends responses that are not finished.
    """

    name: str
    mapping: dict[str, Any]
    proof_header: str | None
    orders_edits = False
    sends_partials = False

    def body(self, said: Said, event: str = "e1") -> bytes:
        raise NotImplementedError

    def other_bodies(self, said: Said) -> list[bytes]:
        """The same in the other forms in which the platform can send it."""
        return []

    def sealed(self, raw: bytes, proof: str | None) -> bytes:
        """The body with the proof in it, where that is its place."""
        return raw

    def garbled(self, raw: bytes, name: str) -> bytes:
        """A genuine body that cannot be read, and holds a name."""
        return raw.replace(b'"', b'\x01"', 1) + name.encode()
