"""Made plans of vignettes for the tests: one as a study would write it, and bare ones of any size."""

from typing import Any

from assent_survey.domain.instrument import Item
from assent_survey.domain.vignettes.plan import Factor, Level, VignettePlan

PLAN: dict[str, Any] = {
    "title": "Joined records",
    "prefix": "joined",
    "language": "en",
    "text": {
        "en": "The council joins {records} records with those of {partner}. {safeguard} The aim is {purpose}.",
        "cy": "Mae'r cyngor yn cysylltu cofnodion {records} â rhai {partner}. {safeguard} Y nod yw {purpose}.",
    },
    "practice": {"operation": "link", "sender": ["local_authority"]},
    "factors": [
        {
            "name": "records",
            "label": {"en": "Which records", "cy": "Pa gofnodion"},
            "slot": "data_types",
            "levels": [
                {"level": "school", "wording": {"en": "school", "cy": "ysgol"}, "terms": ["school_records"]},
                {"level": "health", "wording": {"en": "health", "cy": "iechyd"}, "terms": ["health_records"]},
                {"level": "both", "wording": {"en": "school and health", "cy": "ysgol ac iechyd"},
                 "terms": ["school_records", "health_records"]},
            ],
        },
        {
            "name": "partner",
            "label": {"en": "With whom", "cy": "Gyda phwy"},
            "slot": "recipient",
            "levels": [
                {"level": "school", "wording": {"en": "the school", "cy": "yr ysgol"}, "terms": ["school"]},
                {"level": "police", "wording": {"en": "the police", "cy": "yr heddlu"}, "terms": ["police_force"]},
            ],
        },
        {
            "name": "purpose",
            "label": {"en": "What for", "cy": "I beth"},
            "slot": "purpose",
            "levels": [
                {"level": "help", "wording": {"en": "early help", "cy": "cymorth cynnar"}, "terms": ["early_help"]},
                {"level": "fraud", "wording": {"en": "to find fraud", "cy": "canfod twyll"}, "terms": ["fraud_detection"]},
                {"level": "support", "wording": {"en": "better attendance", "cy": "presenoldeb gwell"}, "terms": ["school_support"]},
            ],
        },
        {
            "name": "safeguard",
            "label": {"en": "Safeguard", "cy": "Mesur diogelu"},
            "slot": "safeguards",
            "levels": [
                {"level": "unsaid", "wording": {"en": "", "cy": ""}},
                {"level": "removed", "wording": {"en": "Names are removed.", "cy": "Caiff enwau eu dileu."},
                 "terms": ["de_identified"]},
            ],
        },
    ],
    "excluded": [{"partner": ["school"], "purpose": ["fraud"]}],
    "per_respondent": 4,
    "decks": 6,
    "rating": {
        "name": "judgement",
        "wording": "How acceptable is this to you?",
        "kind": "number",
        "range": {"low": 0, "high": 10},
        "translations": {"cy": {"wording": "Pa mor dderbyniol yw hyn i chi?"}},
    },
    "seed": 7,
}  # fmt: skip


def plan_with(**changes: Any) -> VignettePlan:
    """The plan of a study, changed."""
    return VignettePlan.model_validate({**PLAN, **changes})


def bare_plan(sizes: tuple[int, ...], per_respondent: int, decks: int, **more: Any) -> VignettePlan:
    """A plan of factors f0, f1, … with levels l0, l1, … and nothing else to say."""
    names = [f"f{number}" for number in range(len(sizes))]
    return VignettePlan(
        title="A bare plan",
        text={"en": " ".join(f"{{{name}}}" for name in names)},
        factors=tuple(
            Factor(
                name=name,
                label={"en": name},
                levels=tuple(Level(level=f"l{number}", wording={"en": f"w{number}"}) for number in range(size)),
            )
            for name, size in zip(names, sizes, strict=True)
        ),
        per_respondent=per_respondent,
        decks=decks,
        rating=Item(name="judgement", wording="How acceptable is this?", kind="number"),
        **more,
    )
