"""The match of a proposal with what people were asked about, by the rules of the evidence view."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_contracts.matching import match
from assent_contracts.practice import SLOTS, Practice
from assent_contracts.vocabulary import BUILT_IN, TermDefinition, Vocabulary

WORDS = Vocabulary()

PROPOSAL = Practice(
    data_types=("school_attendance", "police_records"),
    sender=("school", "police_force"),
    recipient=("local_authority",),
    processor="outsourced",
    operation="flag",
    purpose="early_help",
    setting="operational",
    transmission_principle="legal_power",
)


def changed(**slots: object) -> Practice:
    return PROPOSAL.model_copy(update=slots)


@pytest.mark.parametrize(
    ("evidence", "level", "direction"),
    [
        (PROPOSAL, "exact", "same"),
        (changed(safeguards=("right_to_see",)), "exact", "same"),
        (changed(processor=None, setting=None), "near", "same"),
        (changed(data_types=("school_records", "police_records")), "near", "mixed"),
        (changed(sender=("education", "police_force")), "near", "mixed"),
        (changed(data_types=("school_attendance",)), "proxy", "milder"),
        (changed(sender=("school",)), "proxy", "milder"),
        (changed(data_types=("school_attendance", "police_records", "tax_records")), "proxy", "harsher"),
        (changed(recipient=("police_force",)), "proxy", "mixed"),
        (changed(processor="in_house"), "proxy", "milder"),
        (changed(operation="predict_risk"), "proxy", "milder"),
        (changed(operation="intervene"), "proxy", "harsher"),
        (changed(setting="research"), "proxy", "milder"),
        (changed(transmission_principle="consent"), "proxy", "milder"),
        (changed(transmission_principle="none", processor="in_house"), "proxy", "mixed"),
        (changed(purpose="crime_prevention"), "proxy", "mixed"),
    ],
)
def test_levels_and_directions(evidence: Practice, level: str, direction: str) -> None:
    found = match(PROPOSAL, evidence, WORDS)
    assert found is not None
    assert (found.level, found.direction) == (level, direction), found.why


def test_nothing_in_common_is_no_match() -> None:
    assert match(PROPOSAL, Practice(data_types=("tax_records",), purpose="fraud_detection"), WORDS) is None
    assert match(PROPOSAL, Practice(), WORDS) is None


def test_every_slot_that_differs_is_named() -> None:
    found = match(PROPOSAL, changed(processor="in_house", recipient=(), operation="link"), WORDS)
    assert found is not None
    assert dict(found.differs) == {"processor": "different", "operation": "different"}
    assert found.unstated == ("recipient",)
    assert set(found.same) == {slot for slot in SLOTS if PROPOSAL.values(slot)} - {"processor", "operation", "recipient"}
    assert found.why == (
        "Processor: In house, where the proposal has Outsourced. Operation: Link, where the proposal has Flag. "
        "Nothing is said of recipient."
    )


def test_why_names_what_is_left_out_and_what_is_added() -> None:
    fewer = match(PROPOSAL, changed(sender=("school",)), WORDS)
    more = match(PROPOSAL, changed(data_types=("school_attendance", "police_records", "tax_records")), WORDS)
    alike = match(PROPOSAL, PROPOSAL, WORDS)
    assert fewer is not None
    assert more is not None
    assert alike is not None
    assert [fewer.why, more.why, alike.why] == [
        "Sender: without Police force.",
        "Data types: with Tax records besides.",
        "Every slot of the proposal is stated the same.",
    ]


def test_a_study_adds_terms_with_a_kind() -> None:
    own = TermDefinition(
        slot="data_types", term="nursery_register", label="Nursery register", definition="x", parent="education_data"
    )
    proposal, evidence = Practice(data_types=("nursery_register",)), Practice(data_types=("school_records",))
    assert match(proposal, evidence, WORDS) is None
    found = match(proposal, evidence, Vocabulary([own]))
    assert found is not None
    assert found.level == "near"
    assert WORDS.unknown(proposal) == [("data_types", "nursery_register")]


def test_the_built_in_terms_are_sound() -> None:
    known = {(term.slot, term.term) for term in BUILT_IN}
    assert len(known) == len(BUILT_IN)
    assert all(term.parent is None or (term.slot, term.parent) in known for term in BUILT_IN)


def practices() -> st.SearchStrategy[Practice]:
    def some(slot: str) -> st.SearchStrategy[tuple[str, ...]]:
        return st.lists(st.sampled_from([term.term for term in BUILT_IN if term.slot == slot]), max_size=3, unique=True).map(tuple)

    def one(slot: str) -> st.SearchStrategy[str | None]:
        return st.none() | st.sampled_from([term.term for term in BUILT_IN if term.slot == slot])

    many = {slot: some(slot) for slot in ("data_types", "sender", "recipient", "safeguards")}
    return st.builds(Practice, **many, **{slot: one(slot) for slot in SLOTS if slot not in many})  # type: ignore[arg-type]


@given(practices(), practices())
def test_a_match_accounts_for_every_stated_slot(proposal: Practice, evidence: Practice) -> None:
    found = match(proposal, evidence, WORDS)
    if found is None:
        assert not proposal.values("purpose") or proposal.purpose != evidence.purpose
        return
    named = {*found.same, *found.unstated, *(slot for slot, _ in found.differs)}
    assert named == {slot for slot in SLOTS if proposal.values(slot)}
    assert (found.level == "exact") == (not found.differs and not found.unstated)


@given(practices().filter(Practice.stated))
def test_a_practice_matches_itself_exactly(practice: Practice) -> None:
    found = match(practice, practice, WORDS)
    assert found is not None
    assert (found.level, found.direction) == ("exact", "same")
