"""Groups by strands: where the study has reliable evidence, where little, and where none at all."""

from assent_analytics.domain import view
from assent_analytics.domain.coverage import Coverage as Known
from assent_analytics.domain.coverage import survey_coverage, talk_coverage
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import GroupKey
from assent_analytics.service.evidence.material import Material
from assent_analytics.service.evidence.survey import Survey
from assent_analytics.service.evidence.talk import Talk
from assent_analytics.service.sample import label_of
from assent_contracts.stances import SessionKind

_BEST_FIRST: tuple[Known, ...] = ("reliable", "small", "suppressed", "none")


def cover(material: Material, survey: Survey, talk: Talk) -> list[view.Coverage]:
    """The section: every declared group, and every target that is an intersection."""
    return [
        view.Coverage(
            variable=" & ".join(ref.variable for ref in who),
            group=" & ".join(ref.group for ref in who),
            label=label_of(who, material.scheme),
            survey=_by_survey(survey, who, material.agreed.settings),
            focus_groups=_by_talk(talk, who, "focus_group"),
            interviews=_by_talk(talk, who, "interview"),
        )
        for who in material.groups
    ]


def _by_survey(survey: Survey, who: GroupKey, settings: EvidenceSettings) -> Known:
    """The best that any of the nearest items says of the group.

    What is shown for another practice does not cover this one, unless it is a milder one and nothing nearer was asked.
    """
    found = [
        survey_coverage(one.estimated.summary.groups[who].base, one.estimated.group_is_shown(who), name_base=settings.name_base)
        for one in survey.measured
        if one.match.level == survey.measured[0].match.level and (one.match.level != "proxy" or one.match.direction == "milder")
    ]
    return min(found, key=_BEST_FIRST.index, default=_BEST_FIRST[-1])


def _by_talk(talk: Talk, who: GroupKey, kind: SessionKind) -> Known:
    """Sessions of this kind that the group attended, and what of its talk there bears on the proposal."""
    attended = [session for session in talk.sessions if session.kind == kind and talk.attended_by(session, who)]
    coded = {one.session.session for one in talk.spoken if one.counts and one.session.kind == kind and talk.said_by(one, who)}
    return talk_coverage(len(attended), len(coded))
