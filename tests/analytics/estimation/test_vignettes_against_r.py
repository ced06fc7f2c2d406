"""Every record of a vignette study: component effects, marginal means and interactions, as `svyglm` and `svyby` give them.

cregg reports normal p-values for effects (`z_p_svyglm`); the t's of `coefficient_tests` are on the respondents' degrees of freedom.
"""

from dataclasses import replace

import numpy as np
from tests.analytics.estimation.reference import Columns, close, data, family, numbers, record

from assent_analytics.estimation.conjoint import (
    component_effects,
    interaction_model,
    interaction_test,
    marginal_means,
    vignette_design,
)
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.models.robust import least_squares
from assent_analytics.estimation.models.term_tests import coefficient_tests

FILE = "09_amce.json"

# study -> file, outcome, respondent, weight
STUDIES = {
    "parents_vignettes": ("parents_vignettes.csv", "rating", "id", None),
    "parents_vignettes_weighted": ("parents_vignettes.csv", "rating", "id", "basew"),
    "immigration": ("amce_immigration.csv", "ChosenImmigrant", "CaseID", None),
    "taxes": ("amce_taxes.csv", "chose_plan", "ID", None),
}


def study(name: str) -> tuple[Columns, np.ndarray, Design]:
    file, outcome, respondent, weight = STUDIES[name]
    columns = data(file)
    if name == "taxes" and "weight" in columns:
        weight = "weight"
    weights = None if weight is None else numbers(columns[weight])
    return columns, numbers(columns[outcome]), vignette_design(columns[respondent], weights=weights)


def label(cell: str) -> str:
    """A level as R prints it: numbers to fifteen digits, where the data have seventeen."""
    try:
        return f"{float(cell):.15g}"
    except ValueError:
        return cell


def features_of(name: str, columns: Columns) -> dict[str, Factor]:
    """The features with R's order of levels; where no record of means tells it, the reference is the level that has no effect."""
    means, effects = record(f"mm/{name}", FILE), record(f"amce/{name}", FILE)
    if means is not None:
        orders = {part["feature"]: [str(level) for level in part["levels"]] for part in means["features"]}
    else:
        named = effects["names"]
        orders = {
            column: sorted(
                {label(cell) for cell in columns[column].tolist() if cell}, key=lambda level, c=column: c + level in named
            )
            for column in columns
            if any(effect.startswith(column) for effect in named)
        }
    return {feature: Factor.of([label(cell) for cell in columns[feature].tolist()], order) for feature, order in orders.items()}


@family(FILE, r"amce/(?!.*interaction).*")
def test_component_effects(name: str) -> None:
    expected = record(name, FILE)
    columns, outcome, plan = study(name.removeprefix("amce/"))
    features = features_of(name.removeprefix("amce/"), columns)
    assert (plan.rows, plan.degrees_of_freedom + 1) == (expected["n"], expected["clusters"])
    found = component_effects(plan, outcome, features)
    named = {part.feature + level: place for part in found for place, level in enumerate(part.effects.names)}
    by_name = {part.feature + level: part.effects for part in found for level in part.effects.names}
    matrix = design_matrix(list(features), features)
    weighted = len(np.unique(plan.weights)) > 1
    clustered = {
        kind: least_squares(
            outcome,
            matrix,
            errors=kind,
            clusters=columns[STUDIES[name.removeprefix("amce/")][2]],
            weights=plan.weights if weighted else None,
        )
        for kind in ("CR0", "CR1")
    }
    for place, label in enumerate(expected["names"]):
        if label == "(Intercept)":
            continue
        effects, at = by_name[label], named[label]
        close(effects.estimates[at], expected["coef"][place])
        close(effects.standard_errors[at], expected["se_svyglm"][place])
        normal = coefficient_tests(replace(effects, degrees_of_freedom=np.inf))
        close(normal.p[at], expected["z_p_svyglm"][place], 1e-7)
        column = clustered["CR0"].names.index(label)
        close(clustered["CR1"].standard_errors[column], expected["se_lm_cluster_CR1"][place])
        close(clustered["CR0"].standard_errors[column], expected["se_lm_cluster_CR0"][place])


@family(FILE, r"mm/.*")
def test_marginal_means(name: str) -> None:
    expected = record(name, FILE)
    columns, outcome, plan = study(name.removeprefix("mm/"))
    found = marginal_means(plan, outcome, features_of(name.removeprefix("mm/"), columns))
    for part, wanted in zip(found, expected["features"], strict=True):
        assert (part.feature, list(part.means.names)) == (wanted["feature"], [str(level) for level in wanted["levels"]])
        close(part.means.estimates, wanted["mean"])
        close(part.means.standard_errors, wanted["se"])


@family(FILE, r"amce/.*_interaction_.*")
def test_interactions_with_a_group(name: str) -> None:
    expected = record(name, FILE)
    base, group = name.removeprefix("amce/").split("_interaction_")
    columns, outcome, plan = study(f"{base}_weighted")
    features = {
        "data_type": ("school", "health", "social_care", "income"),
        "purpose": ("research", "policy", "service", "commercial"),
        "holder": ("university", "government", "company"),
        "identifiable": ("deidentified", "pseudonymised", "identifiable"),
        "consent": ("opt_in", "opt_out", "none"),
    }
    factors = {feature: Factor.of(columns[feature], levels) for feature, levels in features.items()}
    found = interaction_test(plan, outcome, factors, Factor.of(columns[group]), name=group)
    assert (found.numerator_df, found.denominator_df) == (expected["df"], expected["ddf"])
    close([found.f, found.p], [expected["F"], expected["p"]])
    model = interaction_model(plan, outcome, factors, Factor.of(columns[group]), name=group)
    place = model.matrix.names.index("holdergovernment:sexM")
    close(model.coefficients.estimates[place], expected["coef_holder_government_M"])
    close(model.coefficients.standard_errors[place], expected["se"])
    assert generalised_linear(plan, outcome, model.matrix).observations == model.observations
