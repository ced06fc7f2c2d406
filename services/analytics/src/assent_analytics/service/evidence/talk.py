"""What was said in sessions about the proposed practice: which excerpts bear on it, and who speaks in them.

An excerpt bears on the proposal when its own practice matches, or, where it states none, the practice of its code. Somebody belongs to
a group by their own attributes or by the description of the cohort that the session was made of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assent_analytics.domain import view
from assent_analytics.domain.targets import GroupKey, Heard, mainly_rejects
from assent_analytics.service.evidence.material import Material
from assent_contracts.events import qual
from assent_contracts.groups import GroupRef
from assent_contracts.matching import Direction, Level, match
from assent_contracts.practice import Practice


@dataclass(frozen=True, slots=True)
class Spoken:
    """An excerpt that bears on the proposal, with its session and cohort."""

    excerpt: qual.Excerpt
    session: qual.Session
    cohort: qual.Cohort | None
    level: Level
    direction: Direction

    @property
    def counts(self) -> bool:
        """Whether a reading may rest on it: talk of another practice does not count, but a refusal of a milder one does."""
        return self.level != "proxy" or (self.direction == "milder" and self.excerpt.stance == "reject")


@dataclass(frozen=True, slots=True)
class Talk:
    """All talk of the study, and the part that bears on the proposal."""

    sessions: list[qual.Session]
    spoken: list[Spoken]
    groups: dict[str, dict[str, str]]
    cohorts: dict[str, qual.Cohort]

    def said_by(self, spoken: Spoken, who: GroupKey) -> bool:
        """Whether somebody of the group speaks in the excerpt; where one person leads, it is theirs."""
        excerpt = spoken.excerpt
        lead = (excerpt.participant,) if excerpt.participant else excerpt.speakers
        return _is_of(spoken.cohort, who) or self._any_of(lead, who)

    def attended_by(self, session: qual.Session, who: GroupKey) -> bool:
        """Whether somebody of the group was in the session, silent or not."""
        cohort = self.cohorts.get(session.cohort) if session.cohort else None
        return _is_of(cohort, who) or self._any_of(session.participants, who)

    def sessions_with(self, who: GroupKey) -> dict[str, list[Spoken]]:
        """The excerpts that count and in which the group speaks, by session."""
        found: dict[str, list[Spoken]] = {}
        for spoken in self.spoken:
            if spoken.counts and self.said_by(spoken, who):
                found.setdefault(spoken.session.session, []).append(spoken)
        return found

    def heard(self, who: GroupKey) -> Heard:
        """In how many sessions the group speaks to the practice, and in how many of them it mainly rejects it."""
        by_session = self.sessions_with(who)
        rejecting = [some for some in by_session.values() if mainly_rejects(stances(some))]
        return Heard(sessions=len(by_session), mainly_reject=len(rejecting))

    def heard_in(self, who: GroupKey) -> view.HeardIn:
        """The same by kind of session."""
        kinds = [some[0].session.kind for some in self.sessions_with(who).values()]
        return view.HeardIn(focus_groups=kinds.count("focus_group"), interviews=kinds.count("interview"))

    def _any_of(self, people: Iterable[str], who: GroupKey) -> bool:
        return any(all(self.groups.get(person, {}).get(ref.variable) == ref.group for ref in who) for person in people)


def listen(material: Material) -> Talk:
    """Pick out the talk that bears on the proposal."""
    return Talk(
        sessions=list(material.sessions.values()),
        spoken=[spoken for excerpt in material.excerpts if (spoken := _bearing(excerpt, material)) is not None],
        groups={person: material.scheme.resolve_all(one.groups) for person, one in material.participants.items()},
        cohorts=material.cohorts,
    )


def speakers(excerpt: qual.Excerpt) -> tuple[str, ...]:
    """Everybody who speaks in the span."""
    return tuple(dict.fromkeys((*excerpt.speakers, *((excerpt.participant,) if excerpt.participant else ()))))


def stances(some: Sequence[Spoken]) -> list[str]:
    """The stances that were coded; an excerpt without one leans no way."""
    return [spoken.excerpt.stance for spoken in some if spoken.excerpt.stance is not None]


def practice_of(excerpt: qual.Excerpt, material: Material) -> Practice:
    """What the excerpt is about: its own practice, or, where it states none, that of its code."""
    code = material.codes.get(excerpt.code)
    return excerpt.practice if excerpt.practice.stated() or code is None else code.practice


def _bearing(excerpt: qual.Excerpt, material: Material) -> Spoken | None:
    session = material.sessions.get(excerpt.session)
    if session is None:
        return None
    found = match(material.proposal.draft.practice, practice_of(excerpt, material), material.vocabulary)
    if found is None:
        return None
    cohort = material.cohorts.get(session.cohort) if session.cohort else None
    return Spoken(excerpt=excerpt, session=session, cohort=cohort, level=found.level, direction=found.direction)


def _is_of(cohort: qual.Cohort | None, who: GroupKey) -> bool:
    """Whether a cohort was made of this group alone: it may name other variables, but no other category of these."""
    if cohort is None:
        return False
    return all(_categories(cohort.composition, ref.variable) == {ref.group} for ref in who)


def _categories(composition: Iterable[GroupRef], variable: str) -> set[str]:
    return {ref.group for ref in composition if ref.variable == variable}
