"""What the view cannot say: for every section, what is missing and why it matters."""

from collections.abc import Iterable, Iterator, Sequence

from assent_analytics.domain import missing, view
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.labels import dont_know_rule, not_comparable
from assent_analytics.domain.missing import Missing
from assent_analytics.domain.targets import GroupKey
from assent_analytics.service.evidence.material import Material, corrected_matches
from assent_analytics.service.evidence.survey import Survey
from assent_analytics.service.evidence.talk import Talk, practice_of
from assent_analytics.service.sample import declared_groups, label_of
from assent_analytics.service.texts import Texts
from assent_contracts.groups import GroupRef
from assent_contracts.practice import Practice

REBUILDING = view.Missing(
    what="the figures are being rebuilt from the log", why_it_matters="half-read figures would mislead, so none are shown meanwhile"
)

FEW_ASKED = f"(fewer than {THRESHOLD} asked, none heard)"


def find_missing(
    material: Material, survey: Survey, talk: Talk, coverage: Sequence[view.Coverage], texts: Texts
) -> list[view.Missing]:
    """The section, those who are likely to be singled out first."""
    found = [
        *_of_targets(material, survey, talk, coverage),
        *_of_survey(survey),
        *_of_matches(material),
        *_of_groups(material, coverage, talk),
        *_of_crossings(material, survey, talk, coverage),
        *_of_shared_words(material, survey),
        *_of_documents(material),
        *_of_texts(texts),
    ]
    return [view.Missing(what=one.what, why_it_matters=one.why_it_matters) for one in dict.fromkeys(found)]


def _of_targets(material: Material, survey: Survey, talk: Talk, coverage: Sequence[view.Coverage]) -> Iterator[Missing]:
    unknown = {group.label for group in coverage if _knows_nobody(group)}
    name_base = material.agreed.settings.name_base
    if not material.proposal.draft.targets:
        yield missing.no_targets()
    for target in material.proposal.draft.targets:
        label = label_of(target.who, material.scheme)
        if label in unknown:
            yield missing.no_evidence_from(label)
            continue
        bases = [one.estimated.summary.groups[target.who].base for one in survey.measured]
        if max(bases, default=0) < name_base:
            yield missing.target_unmeasured(label, name_base)
        if not talk.heard(target.who).sessions:
            yield missing.target_unheard(label)
    if material.proposal.targets_dropped:
        yield Missing(
            f"{material.proposal.targets_dropped} of the targets were taken back after the evidence had been seen",
            "what the evidence says of them is not part of the profile any more",
        )


def _of_survey(survey: Survey) -> Iterator[Missing]:
    if not any(one.match.level in ("exact", "near") for one in survey.measured):
        yield missing.no_item()
    for name, code in survey.failures:
        if code == "still_open":
            yield Missing(
                f"{name} is in no released version yet", "its collection is open, and its figures move with every arrival"
            )
        else:
            yield Missing(f"{name} cannot be estimated ({code})", "its answers are part of no figure here")
    yield from not_comparable({one.name: dont_know_rule(one.estimated.answers.scale) for one in survey.measured})
    for sample in survey.samples.values():
        if sample.without_weight:
            yield Missing(
                f"some responses of {sample.collection.wave} have no weight",
                "they have no place in a weighted estimate and are left out",
            )
        weighting = sample.weighting
        if weighting.refusal is not None:
            yield missing.not_raked(sample.collection.wave, weighting.refusal)
        if not sample.collection.weight and weighting.fitted is None:
            yield Missing(
                f"the answers of {sample.collection.wave} are not weighted",
                "they stand for those who answered, not for all parents of the population",
            )


def _of_matches(material: Material) -> Iterator[Missing]:
    """What a steward has set aside is not forgotten: it might be the refusal that decides."""
    for item, decision in corrected_matches(material):
        if decision.level == "none":
            yield Missing(
                f"“{item.item.name}” was set aside by {decision.decided_by}, although the comparison finds a match",
                "its answers are part of nothing here",
            )


def _of_groups(material: Material, coverage: Sequence[view.Coverage], talk: Talk) -> Iterator[Missing]:
    if not talk.sessions:
        yield Missing("no session has been transcribed", "nobody is heard in their own words")
    if material.unbound:
        yield Missing("some coded talk is bound to no participant", "it may be the moderator's and is left out")
    of_what_is_held = {code.code for code in material.codes.values() if code.role == "held_data"}
    if any(not practice_of(one, material).stated() for one in material.excerpts if one.code not in of_what_is_held):
        yield Missing("some coded talk names no practice", "it cannot be set against the proposal and is left out")
    if coverage and all({group.survey, group.focus_groups, group.interviews} <= {"none", "not_coded"} for group in coverage):
        yield missing.nobody_asked()
        return
    of_targets = {label_of(target.who, material.scheme) for target in material.proposal.draft.targets}
    unheard = []
    for group in coverage:
        if _knows_nobody(group):
            yield missing.no_evidence_from(group.label)
        elif (group.focus_groups, group.interviews) == ("none", "none") and group.label not in of_targets:
            unheard.append(group.label)
    if unheard and talk.sessions:
        yield Missing(f"in no session: {'; '.join(unheard)}", "a figure says how many, not why, and silence is not assent")


def _knows_nobody(group: view.Coverage) -> bool:
    """Whether no strand has anything from the group."""
    return (group.survey, group.focus_groups, group.interviews) == ("none", "none", "none")


def _of_crossings(material: Material, survey: Survey, talk: Talk, coverage: Sequence[view.Coverage]) -> Iterator[Missing]:
    """People of a target whom no strand knows although each of their groups is well covered, such as lone fathers.

    A target that is an intersection itself, or of whom little is known as a whole, is not taken apart further.
    """
    covered = {group.label for group in coverage if group.survey in ("reliable", "small")}
    told: set[frozenset[GroupRef]] = {frozenset(target.who) for target in material.proposal.draft.targets}
    for target in material.proposal.draft.targets:
        label = label_of(target.who, material.scheme)
        if len(target.who) > 1 or label not in covered:
            continue
        (own,) = target.who
        others = [ref for (ref,) in _declared(material) if ref.variable != own.variable and material.scheme.label(ref) in covered]
        unknown = [ref for ref in others if {own, ref} not in told and _nobody_knows((own, ref), survey, talk)]
        told |= {frozenset((own, ref)) for ref in unknown}
        if unknown:
            together = ", or ".join(material.scheme.label(ref) for ref in unknown)
            yield missing.no_evidence_from(f"{label} together with {together} {FEW_ASKED}")


def _declared(material: Material) -> list[GroupKey]:
    return [who for some in declared_groups(material.scheme).values() for who in some]


def _nobody_knows(who: GroupKey, survey: Survey, talk: Talk) -> bool:
    asked = max((int(sample.members(who).sum()) for sample in survey.samples.values()), default=0)
    return asked < THRESHOLD and not any(talk.attended_by(session, who) for session in talk.sessions)


def _of_shared_words(material: Material, survey: Survey) -> Iterator[Missing]:
    """Practice terms and group words that the study has not defined, by where they are used."""
    practices: dict[str, Iterable[Practice]] = {
        "the proposal": [material.proposal.draft.practice],
        "an item": [one.item.practice for one in material.items],
        "a passage": [passage.practice for passage in material.passages],
        "a code": [code.practice for code in material.codes.values()],
        "an excerpt": [excerpt.practice for excerpt in material.excerpts],
    }
    for where, some in practices.items():
        terms = {term for practice in some for _, term in material.vocabulary.unknown(practice)}
        if terms:
            yield missing.unknown_terms(where, sorted(terms))
    yield from _unknown_groups(material, survey)


def _unknown_groups(material: Material, survey: Survey) -> Iterator[Missing]:
    """Of people only the variable is named: a word that nobody else uses would point at somebody."""
    named = {
        "the proposal": [ref for target in material.proposal.draft.targets for ref in target.who],
        "a cohort": [ref for cohort in material.cohorts.values() for ref in cohort.composition],
    }
    for where, refs in named.items():
        words = {f"{ref.variable}: {ref.group}" for ref in refs if material.scheme.resolve(ref.variable, ref.group) is None}
        if words:
            yield missing.unknown_groups(where, sorted(words))
    people = {
        "a survey": [pair for sample in survey.samples.values() for pair in sample.unknown_words],
        "a participant": [pair for person in material.participants.values() for pair in person.groups.items()],
    }
    for where, pairs in people.items():
        variables = {f"a word of {variable}" for variable, word in pairs if material.scheme.resolve(variable, word) is None}
        if variables:
            yield missing.unknown_groups(where, sorted(variables))


def _of_documents(material: Material) -> Iterator[Missing]:
    coded = {passage.document for passage in material.passages}
    if not material.documents:
        yield Missing("no document has been read", "nothing is known of the reasons that are given for the practice")
    elif material.documents.keys() - coded:
        yield Missing("some documents of the register have not been coded", "what they say is part of no count of rationales")
    if any(not passage.practice.stated() for passage in material.passages):
        yield Missing("some coded passages name no practice", "they cannot be set against the proposal and are left out")


def _of_texts(texts: Texts) -> Iterator[Missing]:
    if texts.excerpts is None:
        yield missing.texts_away("qual")
    if texts.passages is None:
        yield missing.texts_away("ingest")
