"""A survey with something for every method: ordered and numeric items, clusters, weights, vignettes, and an earlier wave of it."""

from collections.abc import Iterator

import numpy as np
from tests.analytics.parents import STUDY

from assent_contracts import registry
from assent_contracts.events import survey
from assent_contracts.events.state import State
from assent_contracts.registry import EventType

NOW, BEFORE = "col_now", "col_before"
PLACES = ("town", "village", "island")
LEVELS = ("never", "rarely", "sometimes", "often", "always")
ACCEPTANCE = ("unacceptable", "acceptable_if", "acceptable", "not_sure")
TRUST = tuple(f"ins_b.1.trust_{number}" for number in range(1, 5))
ACCEPT, CHILDREN, AGE = "ins_b.1.accept", "ins_b.1.children", "ins_b.1.age"
RECIPIENTS, PURPOSES = ("school", "police", "charity"), ("help", "control")


def _single(name: str, options: tuple[str, ...], **more: object) -> survey.Item:
    scale = tuple(survey.Option(option=option, label=option.replace("_", " ").capitalize()) for option in options)
    return survey.Item.model_validate(
        {"name": name, "wording": f"The question on {name}", "kind": "single", "role": "attitude", "scale": scale, **more}
    )


def _number(name: str) -> survey.Item:
    return survey.Item(name=name, wording=f"How many: {name}", kind="number", role="demographic")


ACCEPT_ITEM = _single(
    "accept", ACCEPTANCE, dont_know="not_sure", supports=("acceptable",), conditional=("acceptable_if",), opposes=("unacceptable",)
)

INSTRUMENT = survey.Instrument(
    study=STUDY,
    instrument="ins_b",
    number=1,
    title="Linked lives",
    items=(
        ACCEPT_ITEM,
        *(_single(f"trust_{number}", LEVELS) for number in range(1, 5)),
        _number("children"),
        _number("age"),
        *(item for number in (1, 2) for item in (
            _number(f"judgement_{number}"), _single(f"recipient_{number}", RECIPIENTS), _single(f"purpose_{number}", PURPOSES)
        )),
    ),
)  # fmt: skip


def whole_survey(parents: int = 500) -> Iterator[tuple[EventType, State]]:
    """The instrument, both waves and their responses."""
    yield registry.INSTRUMENT_PUBLISHED, INSTRUMENT
    for name, opened, closed in ((BEFORE, "2024-01-10", "2024-02-10"), (NOW, "2026-01-10", "2026-02-10")):
        yield (
            registry.COLLECTION_CLOSED,
            survey.Collection.model_validate(
                {
                    "study": STUDY, "collection": name, "instrument": "ins_b", "number": 1, "state": "closed", "wave": opened[:4],
                    "population": "parents of children under 16", "sampling": "probability", "mode": "web",
                    "fieldwork_from": opened, "fieldwork_to": closed, "weight": "w", "stratum": "region", "cluster": "school",
                }
            ),
        )  # fmt: skip
        yield from ((registry.RESPONSE_RECEIVED, one) for one in responses(name, parents, seed=len(name)))


def responses(collection: str, parents: int, *, seed: int) -> Iterator[survey.Response]:
    """Answers that hang together: trust goes with acceptance, and lone parents accept less."""
    random = np.random.default_rng(seed)
    for number in range(parents):
        lone = random.random() < 0.35
        leaning = random.normal() - 0.8 * lone + (0.2 if collection == NOW else 0.0)
        answers: dict[str, str | float] = {
            "accept": "not_sure" if random.random() < 0.08 else ACCEPTANCE[int(np.clip(np.floor(leaning + 1.5), 0, 2))],
            "children": float(random.integers(1, 6)),
            "age": float(np.round(random.normal(38, 7), 1)),
        }
        for item in range(1, 5):
            answers[f"trust_{item}"] = LEVELS[int(np.clip(np.round(2 + 0.8 * leaning + random.normal()), 0, 4))]
        for task in (1, 2):
            recipient, purpose = int(random.integers(3)), int(random.integers(2))
            answers[f"recipient_{task}"], answers[f"purpose_{task}"] = RECIPIENTS[recipient], PURPOSES[purpose]
            answers[f"judgement_{task}"] = float(np.round(5 + leaning - 1.5 * (recipient == 1) - purpose + random.normal(), 2))
        yield survey.Response.model_validate(
            {
                "study": STUDY, "response": f"rsp_{collection}_{number:04}", "respondent": f"res_{collection}_{number:04}",
                "collection": collection, "instrument": "ins_b", "number": 1, "answers": answers,
                "groups": {
                    "family_form": "lone_parent" if lone else "couple",
                    "gender": "father" if number % 3 == 0 else "mother",
                    "place": PLACES[int(random.integers(3))],
                },
                "weight": float(np.round(np.exp(0.4 * random.normal()), 4)),
                "stratum": f"region_{number % 5}", "cluster": f"school_{number % 60}", "consented": True, "complete": True,
            }
        )  # fmt: skip


def lopsided_survey() -> Iterator[tuple[EventType, State]]:
    """In both waves nobody on the island, four in the village, all the others in the town, and no fathers."""
    yield from whole_survey(parents=0)
    for collection in (NOW, BEFORE):
        for number, one in enumerate(responses(collection, 150, seed=3)):
            groups = {**one.groups, "place": "village" if number < 4 else "town", "gender": "mother"}
            yield registry.RESPONSE_RECEIVED, one.model_copy(update={"groups": groups})
