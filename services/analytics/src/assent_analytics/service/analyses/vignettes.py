"""Vignettes: what each feature of a described practice does to how it is judged, with respondents as sampling units.

Effects are of everybody only. Between groups, marginal means are compared, because effects change sign with the reference level;
a test of all interactions at once comes first (Leeper, Hobolt and Tilley 2020).
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from assent_analytics.domain.numbers import Figure, Numbers, finite
from assent_analytics.estimation.conjoint import component_effects, group_means, interaction_test, marginal_means, vignette_design
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.service.analyses.by_group import group_codes
from assent_analytics.service.analyses.frame import Floats, Frame
from assent_analytics.service.analyses.in_r import Script
from assent_analytics.service.analyses.request import AnalysisRequest, ItemId
from assent_contracts.practice import Term
from assent_kit.schemas import Request


class Vignette(Request):
    """One vignette that everybody judged: the item of the judgement, and for each feature the item that holds what was shown."""

    judgement: ItemId
    features: Annotated[dict[Term, ItemId], Field(min_length=1, max_length=12)]


class VignettesRequest(AnalysisRequest):
    """Component effects and marginal means over all vignettes, and by the groups of one variable."""

    method: Literal["vignettes"]
    vignettes: Annotated[tuple[Vignette, ...], Field(min_length=1, max_length=20)]
    by: Term | None = None


def run(frame: Frame, request: VignettesRequest) -> Numbers:
    """Effects, marginal means, and for groups their means and the test of interactions. Raises CannotEstimate."""
    judgements, features, respondents = _stacked(frame, request)
    strata = frame.sample.columns.column("design", "stratum").codes[respondents] if frame.sample.collection.stratum else None
    clusters = frame.sample.clusters()[respondents] if frame.sample.collection.cluster else respondents
    plan = vignette_design(clusters, weights=frame.design.weights[respondents], strata=strata)
    figures = []
    for effect in component_effects(plan, judgements, features):
        figures += _figures(
            {"outcome": effect.feature, "term": "effect"},
            effect.effects,
            _counts(features[effect.feature], effect.effects),
            request.level,
        )
    for mean in marginal_means(plan, judgements, features):
        figures += _figures({"outcome": mean.feature, "term": "marginal mean"}, mean.means, mean.vignettes, request.level)
    tests = []
    if request.by is not None:
        codes, groups = group_codes(frame, request.by)
        factor = Factor(codes[respondents], tuple(group.group for group in groups))
        for feature in group_means(plan, judgements, features, factor):
            for group, found in zip(groups, feature.groups, strict=True):
                about = {**group.about, "outcome": feature.feature, "term": "marginal mean"}
                figures += _figures(about, found.means, found.vignettes, request.level)
        test = interaction_test(plan, judgements, features, factor)
        numbers = {"f": test.f, "numerator_df": test.numerator_df, "denominator_df": finite(test.denominator_df), "p": test.p}
        few = tuple(int(np.unique(respondents[codes[respondents] == place]).size) for place in range(len(groups)))
        tests.append(
            Figure(
                {"variable": request.by, "test": "no feature works otherwise in any group"},
                numbers,
                tuple(one for one in few if one),
            )
        )
    return Numbers(tuple(figures), tuple(tests), facts={"base": int(np.unique(respondents).size), "vignettes": len(judgements)})


def _stacked(frame: Frame, request: VignettesRequest) -> tuple[Floats, dict[str, Factor], np.ndarray]:
    """Every vignette that was judged as a row: the judgement, its features, and the row of its respondent."""
    judgements, rows, shown = [], [], []
    names = tuple(request.vignettes[0].features)
    levels: dict[str, tuple[str, ...]] = {}
    for vignette in request.vignettes:
        values, valid = frame.values(vignette.judgement)
        codes = []
        for name in names:
            answers = frame.answers(frame.scaled_item(vignette.features[name]))
            levels.setdefault(name, answers.scale.options)
            places = {option: place for place, option in enumerate(levels[name])}
            table = np.array([*(places.get(outcome, -1) for outcome in answers.scale.outcomes), -1])
            codes.append(table[answers.codes])
        kept = valid & frame.within & np.logical_and.reduce([code >= 0 for code in codes])
        judgements.append(values[kept])
        rows.append(np.flatnonzero(kept))
        shown.append(np.column_stack(codes)[kept])
    stacked = np.concatenate(shown)
    return (
        np.concatenate(judgements),
        {name: Factor(stacked[:, place], levels[name]) for place, name in enumerate(names)},
        np.concatenate(rows),
    )


def _counts(feature: Factor, effects: Estimate) -> tuple[int, ...]:
    """How many vignettes showed each of the levels that effects are named after."""
    return tuple(int((feature.codes == feature.levels.index(level)).sum()) for level in effects.names)


def _figures(about: dict[str, str], estimate: Estimate, counts: tuple[int, ...], level: float) -> list[Figure]:
    intervals = estimate.intervals(level)
    return [
        Figure(
            {**about, "label": f"{about['outcome']}: {name} ({about['term']})", "level": name},
            {
                "estimate": float(estimate.estimates[place]),
                "standard_error": float(estimate.standard_errors[place]),
                "low": finite(intervals[place, 0]),
                "high": finite(intervals[place, 1]),
                "vignettes": counts[place],
            },
            (counts[place],),
        )
        for place, name in enumerate(estimate.names)
    ]


def in_r(frame: Frame, request: VignettesRequest, script: Script) -> None:
    """svyglm on all features, and svyby over each, of vignettes below each other with respondents (or their clusters) as units."""
    first = request.vignettes[0]
    names = list(first.features)
    levels = {name: frame.answers(frame.scaled_item(first.features[name])).scale.options for name in names}
    columns = [
        f"judgement = as.numeric(data${script.column(vignette.judgement)}), "
        + ", ".join(
            f"{name} = factor(data${script.column(vignette.features[name])}, {script.quoted(levels[name])})" for name in names
        )
        for vignette in request.vignettes
    ]
    collection = frame.sample.collection
    unit = "data$cluster" if collection.cluster else "seq_len(nrow(data))"
    stratum = "data$stratum" if collection.stratum else "1"
    stacked = ",\n  ".join(
        f"data.frame({one}, unit = {unit}, stratum = {stratum}, weight = weights(design, 'sampling'))" for one in columns
    )
    strata = "~stratum" if collection.stratum else "NULL"
    script.add(
        f"""
data <- design$variables
vignettes <- rbind(\n  {stacked}\n)
vignettes <- vignettes[complete.cases(vignettes), ]
judged <- svydesign(ids = ~unit, strata = {strata}, weights = ~weight, data = vignettes, nest = TRUE)
model <- svyglm(judgement ~ {" + ".join(names)}, judged)
effects <- function(feature, levels) {{
  names <- paste0(feature, levels[-1])
  data.frame(item = "", variable = "", group = "", outcome = feature, term = "effect", level = levels[-1],
             estimate = as.numeric(coef(model)[names]), standard_error = as.numeric(SE(model)[names]))
}}
marginal <- function(feature, levels) {{
  found <- svyby(~judgement, as.formula(paste0("~", feature)), judged, svymean)
  data.frame(item = "", variable = "", group = "", outcome = feature, term = "marginal mean", level = as.character(found[[1]]),
             estimate = as.numeric(coef(found)), standard_error = as.numeric(SE(found)))
}}"""
    )
    for name in names:
        script.rows("effects", name, levels[name])
        script.rows("marginal", name, levels[name])
