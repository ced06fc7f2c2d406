"""Releasing an analysis for viewers: its tables are held against everything that was released before, and registered.

An analysis tells of items and groups; each item is a table of the register, with all groups that it has figures of. What repeats an
earlier table repeats the earlier analysis of the same question, for its figures are those that readers know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlmodel import Session

from assent_analytics.domain.manifest import Statbarn
from assent_analytics.domain.release import Release, TableDefinition
from assent_analytics.problems import Differencing, NotReady, Stale
from assent_analytics.service.analyses.keeping import Analysis, find_analysis
from assent_analytics.service.releases.check import Checked, check_release
from assent_analytics.service.releases.register import register_release
from assent_analytics.service.samples import Samples
from assent_analytics.service.study_items import find_item
from assent_contracts.groups import GroupRef

KIND: Literal["analysis"] = "analysis"

CLASSES: Mapping[str, str] = {
    "mean": "linear_aggregations",
    "total": "linear_aggregations",
    "ratio": "linear_aggregations",
    "trend": "linear_aggregations",
    "scale": "linear_aggregations",
    "quantile": "position",
    "difference": "statistical_hypothesis_tests",
    "association": "statistical_hypothesis_tests",
    "rank_test": "statistical_hypothesis_tests",
    "pairwise": "statistical_hypothesis_tests",
    "reliability": "coefficients_of_association",
    "factors": "coefficients_of_association",
    "path_model": "coefficients_of_association",
    "regression": "coefficients_of_association",
    "vignettes": "coefficients_of_association",
    "consensus": "shape",
}
"""The class of output of each method; frequencies where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An analysis that may be released."""

    checked: Checked
    contents: tuple[dict[str, Any], ...]
    content: dict[str, Any]
    statbarn: Statbarn


def prepare_release(session: Session, kept: Samples, *, study: str, analysis: str) -> Prepared:
    """Check an analysis against the register. Raises NotFound, NotReady, Stale, Differencing and what `check_release` raises."""
    found = find_analysis(session, study=study, analysis=analysis)
    if found.result is None:
        raise NotReady
    if found.stale:
        raise Stale
    definitions = list(_definitions(session, found))
    checked = check_release(session, kept, study=study, tables=definitions)
    content = _content(found)
    for table in checked.tables:
        if table.repeats is not None:
            content = _repeated(found, table.repeats.content)
    contents = tuple({"analysis": content} for _ in checked.tables)
    return Prepared(checked, contents, content, _class_of(found.method))


def release_analysis(
    session: Session, *, study: str, analysis: str, prepared: Prepared, by: str, note: str, exception: str | None
) -> Release:
    """Register what was prepared. Raises RegisterMoved, ReasonNeeded."""
    return register_release(
        session,
        study=study,
        kind=KIND,
        subject=analysis,
        statbarn=prepared.statbarn,
        checked=prepared.checked,
        contents=prepared.contents,
        content=prepared.content,
        by=by,
        note=note,
        exception=exception,
    )


def as_released(analysis: str, release: Release) -> Analysis:
    """The analysis as viewers see it."""
    content = release.content
    return Analysis(
        id=analysis,
        study=release.study,
        method=content["method"],
        state="ready",
        stale=False,
        request=content["request"],
        result=content["result"],
        recipe=content["recipe"],
        r_code=content["r_code"],
        job=None,
        created_by=release.released_by,
        created_at=release.released_at,
        computed_at=release.released_at,
    )


def _class_of(method: str) -> Statbarn:
    found: Statbarn = CLASSES.get(method, "frequencies")  # type: ignore[assignment]
    assert found in get_args(Statbarn)
    return found


def _content(found: Analysis) -> dict[str, Any]:
    return {
        "method": found.method,
        "request": found.request,
        "result": found.result,
        "recipe": found.recipe,
        "r_code": found.r_code,
    }


def _repeated(found: Analysis, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """The earlier release of the same question. Raises Differencing where that was another one: its figures cannot be repeated
    here.
    """
    content = earlier.get("analysis")
    if content is None or content["request"] != found.request:
        raise Differencing("an earlier release tells of the same people, and some figure has since moved by fewer than ten of them")
    return dict(content)


def _definitions(session: Session, found: Analysis) -> Iterator[TableDefinition]:
    """A table for each item and collection, all with the same groups and the same filter."""
    request, result = found.request, found.result or {}
    shown, hidden = _groups(result)
    within = tuple(GroupRef(variable=name, group=group) for name, groups in request["within"].items() for group in groups)
    # What is no item of an attitude has no outcomes to compare: it is a table of its respondents.
    items = list(dict.fromkeys(item if find_item(session, found.study, item) else None for item in result["items"]))
    for collection in dict.fromkeys((request.get("earlier") or request["collection"], request["collection"])):
        for item in items or [None]:
            yield TableDefinition(
                collection=collection,
                item=item,
                groups=shown,
                hidden=hidden,
                answers="support" if found.method == "support" else "outcomes",
                within=within,
            )


def _groups(result: Mapping[str, Any]) -> tuple[tuple[tuple[GroupRef, ...], ...], tuple[tuple[GroupRef, ...], ...]]:
    """The groups that an analysis has figures of or compares, and those of them of which everything is hidden."""
    named = {(name, group["group"]): False for name, groups in result["groups"].items() for group in groups}
    told = set()
    for figure in result["figures"]:
        if figure.get("group"):
            named[figure["variable"], figure["group"]] = True
            if not figure.get("suppressed"):
                told.add((figure["variable"], figure["group"]))
    groups = {key: (GroupRef(variable=key[0], group=key[1]),) for key in named}
    hidden = tuple(groups[key] for key, has_figures in named.items() if has_figures and key not in told)
    return tuple(groups.values()), hidden
