"""The thresholds by which evidence is read. They are normative: agreed with parents and fixed before the estimates are looked at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.errors import CannotEstimate


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """What counts as a majority, as certain, as sizeable, as enough.

    `alpha` is the error rate of one-sided tests; `sizeable` the share that makes a stance one to reckon with; `material_gap` the
    difference that matters; `name_base` the base from which a group may be named; bases are of people, ages in months.
    """

    majority: float = 0.50
    alpha: float = 0.05
    sizeable: float = 0.25
    material_gap: float = 0.10
    name_base: int = 30
    minimum_effective_base: int = 200
    dont_know_ceiling: float = 0.33
    maximum_age: int = 36
    blocking_sessions: int = 2

    def __post_init__(self) -> None:
        for name in ("majority", "alpha", "sizeable", "material_gap", "dont_know_ceiling"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 < value < 1.0:
                raise CannotEstimate("bad_setting", f"{name} is a share between 0 and 1, not {value!r}")
        if self.alpha > 0.5:
            raise CannotEstimate("bad_setting", f"alpha is an error rate of at most a half, not {self.alpha!r}")
        for name in ("name_base", "minimum_effective_base", "maximum_age", "blocking_sessions"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise CannotEstimate("bad_setting", f"{name} is a whole number of at least 1, not {value!r}")
        if self.name_base < THRESHOLD:
            raise CannotEstimate("bad_setting", f"name_base is at least {THRESHOLD}, the threshold of disclosure control")

    def as_dict(self) -> dict[str, float | int]:
        """The settings as they are printed with a reading."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "EvidenceSettings":
        """Settings from a mapping; those left out have their defaults. Raises CannotEstimate `bad_setting`."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise CannotEstimate("bad_setting", f"there is no setting {unknown[0]!r}")
        return cls(**values)
