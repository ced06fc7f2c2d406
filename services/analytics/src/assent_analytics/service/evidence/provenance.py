"""What the view rests on: consent, the citation, and the recipe by which it can be computed again."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from assent_analytics.domain import view
from assent_analytics.domain.bands import band
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.service.evidence.material import Material
from assent_analytics.service.evidence.survey import Survey

_FACTS = {"collection", "instrument", "number", "state", "sampling", "weight", "stratum", "cluster"}


def consent(material: Material, survey: Survey, voices: view.Voices) -> view.Consent:
    """The forms that the quotations rely on, and how many agreed and left. Few are never counted exactly."""
    quotations: Sequence[view.Quotation] = (*voices.quotations, *voices.counter_quotations)
    responses = sum(sample.rows for sample in survey.samples.values())
    fields: dict[str, Any] = {"responses": responses} if responses >= THRESHOLD else {}
    return view.Consent(
        forms=sorted({form for quotation in quotations for form in quotation.consent["form_version"]}),
        quotations=len(quotations),
        withdrawn=band(material.withdrawn),
        **fields,
    )


def citation(material: Material) -> str:
    """How to cite the view. It is live: figures may still move until a version is released."""
    proposal = material.proposal
    return (
        f"Evidence on “{proposal.draft.title}” ({proposal.id}, version {proposal.version}), study “{material.title}” ({material.study}). "
        "Assent, live view; not a released version."
    )


def recipe(material: Material, survey: Survey) -> dict[str, Any]:
    """What was computed from which versions and settings."""
    return {
        "software": {"assent_analytics": version("assent-analytics")},
        "proposal": {"proposal": material.proposal.id, "version": material.proposal.version},
        "settings": {"version": material.agreed.version, **material.agreed.settings.as_dict()},
        "disclosure_threshold": THRESHOLD,
        "collections": [_collection(survey, collection) for collection in sorted(survey.samples)],
        "items": [
            {
                "item": one.estimated.item.id,
                "collection": one.estimated.sample.collection.collection,
                "intervals": {
                    outcome: share.method
                    for outcome, share in one.estimated.summary.distribution.items()
                    if one.estimated.shown.get(outcome, False)
                },
            }
            for one in survey.measured
        ],
        "groups": {variable.variable: [one.group for one in variable.categories] for variable in material.scheme.variables},
        "talk": {"sessions": len(material.sessions), "excerpts": len(material.excerpts), "codes": len(material.codes)},
        "documents": {"documents": len(material.documents), "passages": len(material.passages)},
    }


def _collection(survey: Survey, name: str) -> dict[str, Any]:
    sample = survey.samples[name]
    collection = sample.collection
    weighting = sample.weighting.recipe()
    return collection.model_dump(include=_FACTS, exclude_none=True) | ({"weighting": weighting} if weighting else {})
