"""A request of every method on the survey: those that R can be asked too, and those that it cannot."""

from typing import Any

from tests.analytics.analyses.survey import ACCEPT, AGE, BEFORE, CHILDREN, TRUST

YES = ["acceptable", "acceptable_if"]

IN_R: dict[str, dict[str, Any]] = {
    "distribution": {"items": [ACCEPT], "by": ["family_form", "place"]},
    "support": {"items": [ACCEPT], "by": ["family_form", "place"]},
    "mean": {"items": [AGE, TRUST[0]], "by": ["family_form"]},
    "total": {"item": CHILDREN, "by": ["place"]},
    "total of people": {"item": ACCEPT, "options": YES, "by": ["place"]},
    "ratio": {"numerator": CHILDREN, "denominator": AGE, "by": ["gender"]},
    "quantile": {"item": AGE, "probabilities": [0.25, 0.5, 0.9], "by": ["gender"]},
    "proportion": {"item": ACCEPT, "options": YES, "by": ["place"]},
    "proportion by beta": {"item": ACCEPT, "options": ["dont_know"], "interval": "beta"},
    "difference": {"item": AGE, "variable": "family_form", "group": "lone_parent"},
    "difference between two": {"item": ACCEPT, "options": YES, "variable": "place", "group": "town", "versus": "island"},
    "association": {"item": ACCEPT, "variable": "place"},
    "association of items": {"item": ACCEPT, "with_item": TRUST[0], "test": "adjWald"},
    "rank_test": {"item": TRUST[1], "variable": "family_form"},
    "rank_test of three": {"item": AGE, "variable": "place", "scores": "vanderWaerden"},
    "pairwise": {"item": AGE, "variable": "place"},
    "regression": {"model": "logit", "outcome": ACCEPT, "options": YES, "groups": ["family_form", "place"], "covariates": [AGE]},
    "regression of a number": {"model": "linear", "outcome": AGE, "groups": ["gender"], "covariates": [CHILDREN]},
    "regression of a count": {"model": "poisson", "outcome": CHILDREN, "groups": ["gender"]},
    "consensus": {"items": [TRUST[0]], "by": ["family_form"]},
    "reliability": {"items": list(TRUST)},
    "table": {"items": [ACCEPT, AGE], "by": "family_form", "difference": True},
}

JACKKNIFE = {"replicates": {"method": "jackknife"}}

IN_R |= {
    "mean by jackknife": {"items": [AGE], "by": ["family_form"], "design": JACKKNIFE},
    "distribution by jackknife": {"items": [ACCEPT], "design": JACKKNIFE},
    "regression by jackknife": {"model": "linear", "outcome": AGE, "groups": ["gender"], "design": JACKKNIFE},
}

BY_OURSELVES: dict[str, dict[str, Any]] = {
    "scale": {"items": list(TRUST), "by": ["family_form"]},
    "factors": {"items": list(TRUST), "number": 1},
    "latent_classes": {"items": list(TRUST), "classes": 2, "starts": 3, "replicates": 20},
    "vignettes": {
        "vignettes": [
            {
                "judgement": f"ins_b.1.judgement_{n}",
                "features": {"recipient": f"ins_b.1.recipient_{n}", "purpose": f"ins_b.1.purpose_{n}"},
            }
            for n in (1, 2)
        ],
        "by": "family_form",
    },
    "mrp": {
        "item": ACCEPT,
        "options": YES,
        "groups": ["place", "family_form"],
        "area": "place",
        "population": [
            {"groups": {"place": place, "family_form": form}, "people": 1000}
            for place in ("town", "village", "island")
            for form in ("lone_parent", "couple")
        ],
        "draws": 200,
    },
    "path_model": {
        "antecedents": {"fairness": [TRUST[0]], "contact": [TRUST[1]]},
        "trust": [TRUST[2], TRUST[3]],
        "acceptance": [ACCEPT],
    },
    "trend": {"earlier": BEFORE, "items": [ACCEPT]},
    "consensus by bootstrap": {"items": [TRUST[0]], "design": {"replicates": {"method": "bootstrap", "count": 40}}},
    "quantile by jackknife": {"item": AGE, "design": JACKKNIFE},
    "reliability by jackknife": {"items": list(TRUST), "design": JACKKNIFE},
    "regression in order": {"model": "ordinal", "outcome": ACCEPT, "groups": ["family_form"]},
}

IN_R_TOO = ("vignettes", "path_model", "regression in order")
"""Of whose figures R gives the most important."""
