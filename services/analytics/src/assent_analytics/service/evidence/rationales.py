"""The reasons that documents give for or against such practices: by whom, how often, and how parents met them.

Only passages and talk whose practice matches the proposal count. Every number has its denominators, so that a stakeholder of whom
nothing was read is not taken for one that says nothing. A private person's words can be searched for, so neither they nor their title
are shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from assent_analytics.domain import view
from assent_analytics.service.evidence.material import Material
from assent_analytics.service.evidence.survey import LEVELS
from assent_analytics.service.evidence.talk import Talk
from assent_contracts.events import ingest, qual
from assent_contracts.matching import match
from assent_contracts.stances import Stakeholder

OF_ONE_RATIONALE = 5


@dataclass(frozen=True, slots=True)
class Given:
    """A passage that gives a rationale for or against such a practice, with its document."""

    passage: ingest.Passage
    document: ingest.Document
    level: int

    @property
    def may_be_shown(self) -> bool:
        """Whether the words are an institution's."""
        return self.document.author == "institution"


def find_given(material: Material) -> dict[str, list[Given]]:
    """The passages that bear on the proposal, by rationale and in the order in which they would be shown."""
    found: dict[str, list[Given]] = {}
    for passage in material.passages:
        document = material.documents.get(passage.document)
        near = match(material.proposal.draft.practice, passage.practice, material.vocabulary)
        if document is not None and near is not None:
            given = Given(passage=passage, document=document, level=LEVELS.index(near.level))
            found.setdefault(passage.code, []).append(given)
    return {code: _in_order(some) for code, some in found.items()}


def _in_order(given: Sequence[Given]) -> list[Given]:
    """The nearest of each kind of stakeholder first, then the next of each; at the end those whose words cannot be shown."""
    nearest = sorted(given, key=lambda one: (one.level, one.passage.passage))
    turns: Counter[str] = Counter()
    rounds: dict[str, int] = {}
    for one in nearest:
        rounds[one.passage.passage] = turns[one.document.stakeholder]
        turns[one.document.stakeholder] += 1
    return sorted(nearest, key=lambda one: (not one.may_be_shown, rounds[one.passage.passage], one.level))


def wanted_passages(given: Mapping[str, Sequence[Given]]) -> tuple[str, ...]:
    """The passages whose texts are wanted."""
    return tuple(one.passage.passage for some in given.values() for one in some[:OF_ONE_RATIONALE] if one.may_be_shown)


def explain(
    material: Material, talk: Talk, given: Mapping[str, Sequence[Given]], texts: Mapping[str, str] | None
) -> list[view.RationaleEvidence]:
    """The section: every rationale of the codebook that a document gives or parents met. `texts` is None while ingest is away."""
    explained = []
    for rationale in material.rationales:
        some = given.get(rationale.code, [])
        met = _met_by_parents(material, talk, rationale.code)
        if not some and not met:
            continue
        recognised = sum(met.values())
        explained.append(
            view.RationaleEvidence(
                code=rationale.code,
                label=rationale.label,
                stance=rationale.stance,
                by_stakeholder=_by_stakeholder(material, some),
                parents=_verdict(recognised, len(met) - recognised),
                sessions={"recognised": recognised, "rejected": len(met) - recognised},
                available=texts is not None,
                passages=[_passage(one, texts or {}) for one in some[:OF_ONE_RATIONALE]],
            )
        )
    return explained


def _met_by_parents(material: Material, talk: Talk, rationale: str) -> dict[str, bool]:
    """For each session that raised the rationale, whether it was recognised there: not rejected in more excerpts than not."""
    codes = {code.code for code in material.codes.values() if code.role == "rationale_response" and code.rationale == rationale}
    by_session: dict[str, list[qual.Excerpt]] = {}
    for spoken in talk.spoken:
        if spoken.excerpt.code in codes:
            by_session.setdefault(spoken.session.session, []).append(spoken.excerpt)
    return {session: 2 * sum(excerpt.stance == "reject" for excerpt in some) < len(some) for session, some in by_session.items()}


def _verdict(recognised: int, rejected: int) -> Literal["recognised", "rejected", "not_raised"]:
    """What most sessions that raised it did; where they are equal it counts as rejected."""
    if not recognised and not rejected:
        return "not_raised"
    return "recognised" if recognised > rejected else "rejected"


def _by_stakeholder(material: Material, given: Sequence[Given]) -> list[view.StakeholderUse]:
    coded = {passage.document for passage in material.passages}
    uses = []
    for stakeholder in get_args(Stakeholder):
        sampled = [one.document for one in material.documents.values() if one.stakeholder == stakeholder]
        theirs = [one for one in given if one.document.stakeholder == stakeholder]
        if sampled:
            uses.append(
                view.StakeholderUse(
                    stakeholder=stakeholder,
                    documents_sampled=len(sampled),
                    documents_coded=len(coded.intersection(sampled)),
                    documents=len({one.document.document for one in theirs}),
                    passages=len(theirs),
                )
            )
    return uses


def _passage(given: Given, texts: Mapping[str, str]) -> view.QuotedPassage:
    passage, document = given.passage, given.document
    places = {"page": passage.page, "paragraph": passage.paragraph, "start": passage.start, "end": passage.end}
    fields: dict[str, Any] = {
        "passage": passage.passage,
        "document": document.document,
        "stakeholder": document.stakeholder,
        "kind": document.kind,
        "stance": passage.stance,
        "locator": {name: place for name, place in places.items() if place is not None},
    }
    if given.may_be_shown:
        shown = {"title": document.title, "text": texts.get(passage.passage)}
        fields |= {name: value for name, value in shown.items() if value is not None}
    return view.QuotedPassage(**fields)
