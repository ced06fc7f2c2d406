"""The evidence on one proposal, in two steps: what the study's own figures say, and then the words that their owners hand over.

The first step reads and computes in one read-only transaction; between the two the edge fetches the texts. The second is pure.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from assent_analytics.domain import view
from assent_analytics.service.evidence import absences, conditions, coverage, held, profile, provenance, rationales, voices
from assent_analytics.service.evidence.material import Material, gather
from assent_analytics.service.evidence.robustness import how_robust
from assent_analytics.service.evidence.survey import Survey, measure
from assent_analytics.service.evidence.talk import Talk, listen
from assent_analytics.service.present_item import correct, present
from assent_analytics.service.proposals import find_proposal
from assent_analytics.service.samples import Samples
from assent_analytics.service.showings import not_yet_shown
from assent_analytics.service.texts import Texts, Wanted
from assent_analytics.service.trends import find_trend
from assent_analytics.store.read_models import are_rebuilding


@dataclass(frozen=True, slots=True)
class Prepared:
    """The view but for its texts: everything that was read and computed, and the sections that are already whole."""

    material: Material
    survey: Survey
    talk: Talk
    chosen: voices.Chosen
    given: dict[str, list[rationales.Given]]
    sections: dict[str, Any]
    is_news: bool
    """Whether something of it has never been shown before."""

    @property
    def items(self) -> list[str]:
        """The items whose figures it shows."""
        return [one.estimated.item.id for one in self.survey.measured]

    @property
    def wanted(self) -> Wanted:
        """The texts to be fetched from their owners."""
        return Wanted(passages=rationales.wanted_passages(self.given), excerpts=self.chosen.ids)


def prepare_evidence(
    session: Session, kept: Samples, *, study: str, proposal: str, moment: datetime, closed_only: bool = False
) -> Prepared | view.EvidenceView:
    """Read and compute; while the read models are being rebuilt, the view that says only so. Raises NotFound.

    `closed_only` leaves out open collections, whose figures still move: none of a released version may.
    """
    if are_rebuilding(session):
        return _while_rebuilding(session, study, proposal, moment)
    material = gather(session, study=study, proposal=proposal)
    survey = measure(session, material, kept, closed_only=closed_only)
    talk = listen(material)
    found = profile.read_evidence(material, survey, talk, moment.date())
    corrected = correct((one.estimated for one in survey.measured), material.groups, material.agreed.settings)
    items = [
        present(
            one.estimated,
            material.groups,
            scheme=material.scheme,
            settings=material.agreed.settings,
            corrected=corrected,
            trend=find_trend(session, kept, one.estimated, material.items, material.scheme),
            match=one.match,
            counts=found.rests_on(one.name),
        )
        for one in survey.measured
    ]
    return Prepared(
        material=material,
        survey=survey,
        talk=talk,
        chosen=voices.choose(material, talk),
        given=rationales.find_given(material),
        is_news=not material.proposal.seen or bool(not_yet_shown(session, study=study, items=[item.item for item in items])),
        sections={
            "profile": profile.profile(material, found, how_robust(material, survey, talk, found, moment.date())),
            "targets": profile.targets(material, found, talk),
            "items": items,
            "held_data": held.say_what_is_held(material),
            "conditions": conditions.find_conditions(material, survey, talk),
            "coverage": coverage.cover(material, survey, talk),
        },
    )


def finish_evidence(prepared: Prepared, texts: Texts, *, moment: datetime) -> view.EvidenceView:
    """Put the words in and close the view."""
    material, survey = prepared.material, prepared.survey
    heard = voices.speak(material, prepared.talk, prepared.chosen, texts.excerpts, list(survey.samples.values()))
    sections = prepared.sections
    return view.EvidenceView(
        proposal=material.proposal.id,
        title=material.proposal.draft.title,
        practice=material.proposal.draft.practice,
        as_of=moment,
        released=False,
        profile=sections["profile"],
        targets=sections["targets"],
        items=sections["items"],
        held_data=sections["held_data"],
        conditions=sections["conditions"],
        voices=heard,
        rationales=rationales.explain(material, prepared.talk, prepared.given, texts.passages),
        coverage=sections["coverage"],
        missing=absences.find_missing(material, survey, prepared.talk, sections["coverage"], texts),
        consent=provenance.consent(material, survey, heard),
        citation=provenance.citation(material),
        recipe=provenance.recipe(material, survey),
    )


def fingerprint(shown: view.EvidenceView) -> str:
    """A hash of all that the view says but for the moment at which it says it."""
    return hashlib.sha256(shown.model_dump_json(exclude={"as_of"}, exclude_unset=True).encode()).hexdigest()[:32]


def _while_rebuilding(session: Session, study: str, proposal: str, moment: datetime) -> view.EvidenceView:
    found = find_proposal(session, study=study, proposal=proposal)
    return view.EvidenceView(
        proposal=found.id,
        title=found.draft.title,
        practice=found.draft.practice,
        as_of=moment,
        released=False,
        rebuilding=True,
        missing=[absences.REBUILDING],
    )
