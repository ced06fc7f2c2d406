"""Parents in their own words: which excerpts may be quoted, which are chosen, and what stands beside them.

A quotation is shown only if everybody who speaks in the span agrees to be quoted now, and few of one person's words are. Nothing
joins two quotations of the same person: neither a name, nor a session, nor their order, nor a combination of attributes so rare that
it would identify, nor the cohort of an interview that is quoted twice. What may not be quoted is counted in bands, by stance.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from assent_analytics.domain import view
from assent_analytics.domain.bands import band
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.service.evidence.material import Material
from assent_analytics.service.evidence.survey import LEVELS
from assent_analytics.service.evidence.talk import Spoken, Talk, speakers
from assent_analytics.service.sample import Sample
from assent_contracts.events import qual
from assent_contracts.stances import TalkStance

Wanted = Mapping[str, set[str]]
"""Groups of each variable: a combination of attributes."""

OF_ONE_PERSON = 2
ON_EACH_SIDE = 8
STANCES: tuple[TalkStance, ...] = ("accept", "reject", "conditional", "ambivalent")

_SELECTION = (
    "Talk coded to a practice that matches the proposal: nearest match first, people of the targets before others, at most "
    f"{OF_ONE_PERSON} quotations of one person and {ON_EACH_SIDE} on each side. The side that more sessions take comes first, refusal "
    "where they are equal, together with conditional and ambivalent talk; counter-quotations take the other side."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be quoted once its text has been handed over, and what may not be quoted at all."""

    quotations: list[Spoken]
    counter_quotations: list[Spoken]
    barred: list[Spoken]

    @property
    def ids(self) -> tuple[str, ...]:
        """The excerpts whose texts are wanted."""
        return tuple(spoken.excerpt.excerpt for spoken in (*self.quotations, *self.counter_quotations))


def choose(material: Material, talk: Talk) -> Chosen:
    """Choose quotations for both sides by the rule that the view states."""
    with_stance = [spoken for spoken in talk.spoken if spoken.excerpt.stance is not None]
    allowed = [spoken for spoken in with_stance if _all_agree(spoken.excerpt, material.participants)]
    other = _other_side(with_stance)
    order = _order(material, talk)
    taken: Counter[str] = Counter()
    return Chosen(
        quotations=_cap(sorted((one for one in allowed if one.excerpt.stance != other), key=order), taken),
        counter_quotations=_cap(sorted((one for one in allowed if one.excerpt.stance == other), key=order), taken),
        barred=[spoken for spoken in with_stance if spoken not in allowed],
    )


def speak(
    material: Material, talk: Talk, chosen: Chosen, texts: Mapping[str, str] | None, samples: Sequence[Sample]
) -> view.Voices:
    """The section. `texts` is None while qual is away; `samples` are the surveys whose respondents share attributes with the speakers.

    An excerpt whose text was not handed over may not be quoted, whatever was known before.
    """
    handed = texts or {}
    withheld = [] if texts is None else [one for one in _picked(chosen) if one.excerpt.excerpt not in handed]
    alone = Counter(one.session.session for one in _picked(chosen) if one.session.kind == "interview")
    rare = partial(_is_rare, talk, samples)
    quote = _quoter(material, handed, rare, joined={session for session, times in alone.items() if times > 1})
    quotations = [quote(one) for one in chosen.quotations if one.excerpt.excerpt in handed]
    counter = [quote(one) for one in chosen.counter_quotations if one.excerpt.excerpt in handed]
    barred = Counter(one.excerpt.stance for one in (*chosen.barred, *withheld))
    return view.Voices(
        selection=_SELECTION,
        searched=_searched(talk, len(quotations), len(counter), away=texts is None),
        available=texts is not None,
        quotations=quotations,
        counter_quotations=counter,
        not_quotable={stance: band(barred[stance]) for stance in STANCES},
    )


def _all_agree(excerpt: qual.Excerpt, participants: Mapping[str, qual.Participant]) -> bool:
    """Whether everybody who speaks is known and agrees to be quoted now. Without a known speaker nobody has agreed."""
    spoke = speakers(excerpt)
    return bool(spoke) and all(person in participants and "quote" in participants[person].uses for person in spoke)


def _other_side(some: Sequence[Spoken]) -> TalkStance:
    """The side that fewer sessions take; acceptance where they are equal, so that refusal comes first."""
    accepting = {one.session.session for one in some if one.excerpt.stance == "accept"}
    rejecting = {one.session.session for one in some if one.excerpt.stance == "reject"}
    return "reject" if len(accepting) > len(rejecting) else "accept"


def _order(material: Material, talk: Talk) -> Callable[[Spoken], tuple[int, bool, str]]:
    targets = [target.who for target in material.proposal.draft.targets]

    def key(spoken: Spoken) -> tuple[int, bool, str]:
        """The last part scatters the excerpts, whose ids would otherwise keep one person's words together."""
        of_no_target = not any(talk.said_by(spoken, who) for who in targets)
        return LEVELS.index(spoken.level), of_no_target, hashlib.sha256(spoken.excerpt.excerpt.encode()).hexdigest()

    return key


def _cap(some: Sequence[Spoken], taken: Counter[str]) -> list[Spoken]:
    """The first of them, passing over people who have been quoted often enough on either side."""
    kept: list[Spoken] = []
    for spoken in some:
        spoke = speakers(spoken.excerpt)
        if len(kept) < ON_EACH_SIDE and all(taken[person] < OF_ONE_PERSON for person in spoke):
            taken.update(spoke)
            kept.append(spoken)
    return kept


def _picked(chosen: Chosen) -> list[Spoken]:
    return [*chosen.quotations, *chosen.counter_quotations]


def _quoter(
    material: Material, texts: Mapping[str, str], rare: Callable[[Wanted], bool], *, joined: set[str]
) -> Callable[[Spoken], view.Quotation]:
    """Makes a quotation; in the sessions `joined` its cohort would tell that another is of the same person."""

    def quote(spoken: Spoken) -> view.Quotation:
        excerpt = spoken.excerpt
        code = material.codes.get(excerpt.code)
        forms = {material.participants[person].form_version for person in speakers(excerpt)}
        fields: dict[str, Any] = {
            "excerpt": excerpt.excerpt,
            "text": texts[excerpt.excerpt],
            "code": code.name if code else excerpt.code,
            "stance": excerpt.stance,
            "level": spoken.level,
            "direction": spoken.direction,
            "session_kind": spoken.session.kind,
            "consent": {"form_version": sorted(forms)},
        }
        label = _cohort_label(spoken.cohort, material, rare)
        if label is not None and spoken.session.session not in joined:
            fields["cohort"] = label
        return view.Quotation(**fields)

    return quote


def _cohort_label(cohort: qual.Cohort | None, material: Material, rare: Callable[[Wanted], bool]) -> str | None:
    """The cohort in words, unless so few people share its combination of attributes that it would point at somebody."""
    if cohort is None or not cohort.composition:
        return None
    wanted: dict[str, set[str]] = {}
    for ref in cohort.composition:
        wanted.setdefault(ref.variable, set()).add(ref.group)
    return None if rare(wanted) else "; ".join(material.scheme.label(ref) for ref in cohort.composition)


def _is_rare(talk: Talk, samples: Sequence[Sample], wanted: Wanted) -> bool:
    """Whether few of all whom the study knows of, respondents and participants, belong to groups like these."""
    respondents = sum(int(sample.sharing(wanted).sum()) for sample in samples)
    participants = sum(all(groups.get(variable) in some for variable, some in wanted.items()) for groups in talk.groups.values())
    return respondents + participants < THRESHOLD


def _searched(talk: Talk, quotations: int, counter: int, *, away: bool) -> view.Searched:
    about = len({spoken.session.session for spoken in talk.spoken})
    sentence = f"Sessions searched: {len(talk.sessions)}; with talk about such a practice: {about}; "
    if away:
        sentence += "the words cannot be fetched at the moment."
    else:
        sentence += f"quotations found: {quotations or 'none'}; counter-quotations found: {counter or 'none'}."
    return view.Searched(sessions=len(talk.sessions), about_this=about, sentence=sentence)
