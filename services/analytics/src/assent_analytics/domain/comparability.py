"""Whether two measurements may be compared, and what has to be said beside the comparison.

A change of wording, options, mode or don't-know rule looks like a change of mind. Public surveys that leave out those who do not
know are therefore never set beside surveys that count them. Other differences do not forbid a comparison but are labelled. Not
here: the estimate of the change (estimation.trends).
"""

from dataclasses import dataclass
from typing import Literal

from assent_contracts.events.survey import Collection, Item
from assent_contracts.stances import Sampling

DontKnowRule = Literal["offered", "not_offered"]
Reason = Literal[
    "same_collection",
    "open_collection",
    "different_wording",
    "different_kind",
    "different_options",
    "different_meaning",
    "different_dont_know_rule",
    "different_mode",
    "different_population",
]
Caution = Literal[
    "different_sampling", "not_a_probability_sample", "different_frame", "weighted_and_unweighted", "not_in_order_of_time"
]


@dataclass(frozen=True, slots=True)
class Measurement:
    """An item as it was put in a collection. Options are the labels of the scale in order, without don't know and refused.

    `supports` and `opposes` are the labels that count as such; `conditional` those that count as support with conditions.
    """

    collection: str
    closed: bool
    wording: str
    kind: str
    options: tuple[str, ...]
    supports: frozenset[str]
    conditional: frozenset[str]
    opposes: frozenset[str]
    dont_know: DontKnowRule
    mode: str
    population: str
    sampling: Sampling
    frame: str | None
    weighted: bool
    fieldwork_from: str | None

    @classmethod
    def of(cls, item: Item, collection: Collection) -> "Measurement":
        """What the events say of an item in a collection."""
        label = {one.option: one.label for one in item.scale}
        apart = {item.dont_know, item.refused}
        return cls(
            collection=collection.collection,
            closed=collection.state == "closed",
            wording=item.wording,
            kind=item.kind,
            options=tuple(one.label for one in item.scale if one.option not in apart),
            supports=frozenset(label[code] for code in item.supports if code in label),
            conditional=frozenset(label[code] for code in item.conditional if code in label),
            opposes=frozenset(label[code] for code in item.opposes if code in label),
            dont_know="not_offered" if item.dont_know is None else "offered",
            mode=collection.mode,
            population=collection.population,
            sampling=collection.sampling,
            frame=collection.frame,
            weighted=collection.weight is not None,
            fieldwork_from=collection.fieldwork_from,
        )


@dataclass(frozen=True, slots=True)
class Comparability:
    """Why two measurements may not be compared (nothing: they may), and what to say beside it if they are."""

    reasons: tuple[Reason, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether nothing forbids it."""
        return not self.reasons


def comparability(earlier: Measurement, later: Measurement) -> Comparability:
    """All reasons and all cautions, in a fixed order.

    Words are compared without regard to spaces and, but for the wording, to case.
    """
    forbids: dict[Reason, bool] = {
        "same_collection": earlier.collection == later.collection,
        "open_collection": not (earlier.closed and later.closed),
        "different_wording": " ".join(earlier.wording.split()) != " ".join(later.wording.split()),
        "different_kind": earlier.kind != later.kind,
        "different_options": [_word(one) for one in earlier.options] != [_word(one) for one in later.options],
        "different_meaning": _meaning(earlier) != _meaning(later),
        "different_dont_know_rule": earlier.dont_know != later.dont_know,
        "different_mode": _word(earlier.mode) != _word(later.mode),
        "different_population": _word(earlier.population) != _word(later.population),
    }
    labels: dict[Caution, bool] = {
        "different_sampling": earlier.sampling != later.sampling,
        "not_a_probability_sample": {earlier.sampling, later.sampling} != {"probability"},
        "different_frame": _word(earlier.frame or "") != _word(later.frame or ""),
        "weighted_and_unweighted": earlier.weighted != later.weighted,
        "not_in_order_of_time": bool(
            earlier.fieldwork_from and later.fieldwork_from and earlier.fieldwork_from > later.fieldwork_from
        ),
    }
    return Comparability(
        reasons=tuple(reason for reason, holds in forbids.items() if holds),
        cautions=tuple(caution for caution, holds in labels.items() if holds),
    )


def _word(text: str) -> str:
    return " ".join(text.casefold().split())


def _meaning(measured: Measurement) -> tuple[frozenset[str], ...]:
    sets = measured.supports, measured.conditional, measured.opposes
    return tuple(frozenset(_word(one) for one in labels) for labels in sets)
