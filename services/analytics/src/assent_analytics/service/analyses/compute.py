"""Doing an analysis: from a request and a study's data to numbers that may leave, with the recipe by which others get them too."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from sqlmodel import Session

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.missing import caveat
from assent_analytics.domain.output_rules import control
from assent_analytics.problems import Incomputable, Rebuilding, UnknownCollection
from assent_analytics.service.analyses.frame import Frame
from assent_analytics.service.analyses.in_r import Script, can_be_told
from assent_analytics.service.analyses.methods import method_of
from assent_analytics.service.analyses.request import AnalysisRequest
from assent_analytics.service.samples import Samples
from assent_analytics.service.shared_key import scheme_of
from assent_analytics.store import tables
from assent_analytics.store.read_models import are_rebuilding, state, states
from assent_analytics.store.responses import edition_of, respondents
from assent_contracts.events.survey import Collection, Instrument
from assent_kit.tables import now

MANY_ROWS = 200_000
"""Above so many responses, an analysis of several items runs as a job."""

SOFTWARE = {name: version(name) for name in ("assent-analytics", "numpy", "scipy")}


@dataclass(frozen=True, slots=True)
class Computed:
    """An analysis's answer as it is kept: JSON that may leave, and the R code beside it."""

    result: dict[str, Any]
    recipe: dict[str, Any]
    r_code: str | None


def frame_of(session: Session, kept: Samples, study: str, request: AnalysisRequest) -> Frame:
    """What the request is about. Raises Rebuilding, UnknownCollection."""
    if are_rebuilding(session):
        raise Rebuilding
    frame = _frame(session, kept, study, request, request.collection)
    earlier = getattr(request, "earlier", None)
    if earlier is None:
        return frame
    before = _frame(session, kept, study, request, earlier)
    return replace(
        frame,
        earlier=replace(before, tokens=tuple(respondents(session, earlier))),
        tokens=tuple(respondents(session, request.collection)),
    )


def _frame(session: Session, kept: Samples, study: str, request: AnalysisRequest, name: str) -> Frame:
    collection = state(session, tables.Collections, Collection, study, name)
    if collection is None:
        raise UnknownCollection(f"no collection {name!r}")
    instruments = states(session, tables.Instruments, Instrument, study)
    asked = next((one for one in instruments if (one.instrument, one.number) == (collection.instrument, collection.number)), None)
    if asked is None:
        raise UnknownCollection(f"the instrument of {name!r} has not been heard of yet")
    return Frame(kept.take(session, collection, scheme_of(session, study)), asked, request)


def data_edition(session: Session, study: str, collections: Sequence[str]) -> str:
    """A mark of all that an analysis of these collections rests on; it never comes back once any of that has changed."""
    heard = [state(session, tables.Collections, Collection, study, name) for name in collections]
    facts = [
        [edition_of(session, name) for name in collections],
        [one.model_dump_json() if one else None for one in heard],
        scheme_of(session, study).model_dump_json(),
        SOFTWARE,
    ]
    return _digest(facts)


def collections_of(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The collections that a request, as it is kept, rests on."""
    return tuple(request[name] for name in ("earlier", "collection") if request.get(name))


def fingerprint(study: str, request: AnalysisRequest, edition: str) -> str:
    """The same question on the same data has the same one."""
    return _digest([study, request.model_dump(mode="json"), edition])


def is_long(frame: Frame) -> bool:
    """Whether an analysis should run as a job."""
    many = frame.sample.rows * len(getattr(frame.request, "items", ())) > MANY_ROWS
    return method_of(frame.request).heavy or frame.request.design.replicates is not None or many


def compute(frame: Frame, edition: str) -> Computed:
    """Estimate, control what leaves, and write the recipe. Raises Incomputable, and the problems of a frame."""
    method = method_of(frame.request)
    try:
        numbers = control(method.run(frame, frame.request))
        for margin in frame.raked:
            frame.variable(margin.variable)
        script = Script(frame)
        told = method.in_r if can_be_told(frame) else None
        if told is not None:
            told(frame, frame.request, script)
        design = frame.design.describe() | (frame.sample.weighting.describe() if frame.request.design.weights != "none" else {})
    except CannotEstimate as error:
        raise Incomputable(f"{error.detail} ({error.code})") from error
    collection = frame.sample.collection
    result: dict[str, Any] = {
        **numbers.facts,
        "design": design,
        "collection": _collection(collection),
        "items": frame.items,
        "variables": frame.variables,
        "groups": frame.group_labels,
        "figures": [figure.told() for figure in numbers.figures],
        "tests": [test.told() for test in numbers.tests],
        "notes": [*numbers.notes, *([warning] if (warning := caveat(collection.sampling)) else [])],
    }
    recipe = {
        "request": frame.request.model_dump(mode="json"),
        "data_edition": edition,
        "columns": {**_design_columns(frame), **dict(sorted(frame.used.items()))},
        **({"weighting": frame.sample.weighting.recipe()} if frame.raked else {}),
        "software": SOFTWARE,
        "computed_at": now().isoformat(),
    }
    return Computed(result, recipe, script.text() if told is not None else None)


def _collection(collection: Collection) -> Mapping[str, Any]:
    return {
        "collection": collection.collection,
        "wave": collection.wave,
        "population": collection.population,
        "sampling": collection.sampling,
        "mode": collection.mode,
        "state": collection.state,
    }


def _design_columns(frame: Frame) -> dict[str, str]:
    collection = frame.sample.collection
    columns = {"weight": "how many people a respondent stands for" + (", before raking" if frame.raked else "")}
    if collection.stratum:
        columns["stratum"] = "the stratum that a respondent was drawn from"
    if collection.cluster:
        columns["cluster"] = "the primary sampling unit that a respondent belongs to"
    return columns


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
