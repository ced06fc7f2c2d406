"""The profile and the targets: the rule of the reading applied to what was measured and heard, before anything is suppressed."""

from collections.abc import Sequence
from datetime import date

from assent_analytics.domain import view
from assent_analytics.domain.reading import ItemEvidence, Reading, read
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import GroupKey
from assent_analytics.service.evidence.material import Material, corrected_matches
from assent_analytics.service.evidence.survey import Survey, for_reading
from assent_analytics.service.evidence.talk import Talk
from assent_analytics.service.sample import declared_groups, label_of


def read_evidence(material: Material, survey: Survey, talk: Talk, today: date) -> Reading[GroupKey]:
    """Apply the rule to everything that bears on the proposal."""
    items = list(for_reading(survey, material.proposal.draft.practice, today))
    return read_items(material, items, talk, material.agreed.settings)


def read_items(
    material: Material, items: Sequence[ItemEvidence[GroupKey]], talk: Talk, settings: EvidenceSettings
) -> Reading[GroupKey]:
    """Apply the rule to these items, by these settings."""
    targets = material.proposal.draft.targets
    return read(
        items,
        targets,
        [who for some in declared_groups(material.scheme).values() for who in some],
        {target.who: talk.heard(target.who) for target in targets},
        settings,
        label=lambda who: label_of(who, material.scheme),
    )


def profile(material: Material, found: Reading[GroupKey], robustness: view.Robustness) -> view.Profile:
    """The profile as it is shown, with its reasons and the settings it rests on."""
    return view.Profile(
        reading=found.outcome,
        because=[reason.text for reason in found.because],
        groups=[label_of(who, material.scheme) for who in found.groups],
        settings=material.agreed.settings.as_dict(),
        preregistered=is_preregistered(material),
        robustness=robustness,
    )


def targets(material: Material, found: Reading[GroupKey], talk: Talk) -> list[view.TargetEvidence]:
    """Who is likely to be singled out, on what basis, and whether they were measured and heard."""
    shown = []
    for target in material.proposal.draft.targets:
        own = found.targets[target.who]
        fields = {"passage": target.passage} if target.passage else {}
        shown.append(
            view.TargetEvidence(
                who=list(target.who),
                label=label_of(target.who, material.scheme),
                basis=target.basis,
                post_hoc=target.post_hoc,
                survey=own.survey,
                heard_in=talk.heard_in(target.who),
                reading=own.reading,
                **fields,
            )
        )
    return shown


def is_preregistered(material: Material) -> bool:
    """Whether practice, targets, settings and corrected matches all stood before figures were first shown that may decide the reading."""
    proposal, agreed = material.proposal, material.agreed
    if any(target.post_hoc for target in proposal.draft.targets) or proposal.targets_dropped:
        return False
    shown = [moment for moment in (proposal.evidence_first_shown_at, material.first_seen) if moment is not None]
    settled = [moment for moment in (proposal.practice_changed_at, agreed.changed_at) if moment is not None]
    settled += [decision.decided_at for _, decision in corrected_matches(material)]
    return not shown or max(settled) <= min(shown)
