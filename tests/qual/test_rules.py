"""The hard rules of the domain: consent as a fold, spans, quotation, the tree of codes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_contracts.stances import ConsentUse
from assent_qual.domain import codebook, spans
from assent_qual.domain.consent import USES, Consent, Decision, Entry, current, overtaken
from assent_qual.domain.quotation import withheld
from assent_qual.domain.spans import Position, Span, SpokenTurn

DAY = datetime(2026, 5, 1, tzinfo=UTC)

uses = st.dictionaries(st.sampled_from(USES), st.booleans(), min_size=1)
decisions: st.SearchStrategy[Decision] = st.sampled_from(("given", "withdrawn"))
entries = st.builds(
    Entry, decision=decisions, uses=uses, at=st.integers(0, 9).map(lambda n: DAY + timedelta(days=n)), form_version=st.just("v")
)
ledgers = st.lists(entries, max_size=8)


def entry(decision: Decision, day: int, **marked: bool) -> Entry:
    known: dict[ConsentUse, bool] = {use: marked[use] for use in USES if use in marked}
    return Entry(decision=decision, uses=known, at=DAY + timedelta(days=day), form_version="v")


@given(ledgers, st.randoms())
def test_the_order_of_arrival_does_not_matter(ledger: list[Entry], random: object) -> None:
    shuffled = sorted(ledger, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert current(shuffled) == current(ledger)


@given(ledgers, uses)
def test_the_latest_withdrawal_always_holds(ledger: list[Entry], taken_back: dict[ConsentUse, bool]) -> None:
    last = Entry(decision="withdrawn", uses=taken_back, at=DAY + timedelta(days=9), form_version="v")
    now = current([*ledger, last])
    assert not now.uses & {use for use, marked in taken_back.items() if marked}
    assert not overtaken(last, [*ledger, last])
    assert now.uses <= current(ledger).uses


@given(ledgers)
def test_nothing_is_consented_to_that_was_never_agreed_or_without_taking_part(ledger: list[Entry]) -> None:
    now = current(ledger)
    agreed = {use for one in ledger if one.decision == "given" for use, marked in one.uses.items() if marked}
    assert now.uses <= agreed
    assert not now.uses or "take_part" in now.uses
    assert all(not now.allows(use) for use in USES if use not in now.uses)


def test_a_form_entered_late_does_not_overrule_a_later_withdrawal() -> None:
    paper = entry("given", 1, take_part=True, quote=True)
    withdrawn = entry("withdrawn", 3, quote=True)
    assert current([withdrawn, paper]).uses == {"take_part"}
    assert overtaken(entry("withdrawn", 0, quote=True), [paper, entry("withdrawn", 0, quote=True)])


def test_a_later_form_leaves_what_it_does_not_name() -> None:
    now = current([entry("given", 1, take_part=True, archive=True, quote=True), entry("given", 2, quote=False)])
    assert now.uses == {"take_part", "archive"}


def test_publishing_online_is_quoting() -> None:
    assert not Consent(uses=frozenset({"take_part", "publish_online"})).allows("publish_online")
    assert Consent(uses=frozenset({"take_part", "publish_online", "quote"})).allows("publish_online")
    assert not Consent(uses=frozenset({"quote"})).allows("quote")


texts = st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6)


@st.composite
def talk_and_span(draw: st.DrawFn) -> tuple[list[SpokenTurn], Span]:
    """A transcript and a span between two of its characters."""
    turns = [
        SpokenTurn(n=n, voice="participant", participant=f"par_{n % 3}", text=text) for n, text in enumerate(draw(texts), start=1)
    ]
    first = draw(st.integers(1, len(turns)))
    last = draw(st.integers(first, len(turns)))
    start = draw(st.integers(0, len(turns[first - 1].text) - 1))
    end = draw(st.integers(start + 1 if first == last else 1, len(turns[last - 1].text)))
    return turns, Span(Position(first, start), Position(last, end))


@given(talk_and_span())
def test_a_span_is_what_lies_between_its_ends(case: tuple[list[SpokenTurn], Span]) -> None:
    turns, span = case
    covered = turns[span.start.turn - 1 : span.end.turn]
    spans.check(span, covered)
    before = sum(len(turn.text) + 1 for turn in turns[: span.start.turn - 1]) + span.start.offset
    until = sum(len(turn.text) + 1 for turn in turns[: span.end.turn - 1]) + span.end.offset
    assert spans.words(span, covered) == "\n".join(turn.text for turn in turns)[before:until]
    assert set(spans.speakers(covered)) == {turn.participant for turn in covered}


@given(talk_and_span(), st.integers(-3, 20), st.integers(-3, 20), st.integers(-1, 9), st.integers(-1, 9))
def test_any_other_span_is_refused(case: tuple[list[SpokenTurn], Span], start: int, end: int, first: int, last: int) -> None:
    turns, _ = case
    span = Span(Position(first, start), Position(last, end))
    inside = {turn.n: len(turn.text) for turn in turns}
    valid = (
        first in inside
        and last in inside
        and 0 <= start < inside[first]
        and 0 < end <= inside[last]
        and (first, start) < (last, end)
    )
    covered = [turn for turn in turns if first <= turn.n <= last]
    if valid:
        spans.check(span, covered)
    else:
        with pytest.raises(spans.OutsideTranscript):
            spans.check(span, covered)


def test_withdrawn_talk_cannot_be_coded() -> None:
    turns = [
        SpokenTurn(1, "participant", "par_1", "yes"),
        SpokenTurn(2, "withdrawn", None, ""),
        SpokenTurn(3, "researcher", None, "so"),
    ]
    with pytest.raises(spans.HoldsWithdrawnTalk):
        spans.check(Span(Position(1, 0), Position(3, 1)), turns)


def test_one_voice_that_did_not_agree_withholds_the_whole() -> None:
    agrees, refuses = Consent(frozenset({"take_part", "quote"})), Consent(frozenset({"take_part"}))
    first, second = SpokenTurn(1, "participant", "par_1", "a"), SpokenTurn(2, "participant", "par_2", "b")
    asked = SpokenTurn(3, "researcher", None, "c")
    consents = {"par_1": agrees, "par_2": refuses}
    assert withheld([first, asked], consents, "quote") is None
    assert withheld([first, second], consents, "quote") == "no_consent"
    assert withheld([second], {}, "take_part") == "no_consent"
    for voice in ("unknown", "labelled", "withdrawn"):
        assert withheld([first, SpokenTurn(2, voice, None, "b")], consents, "quote") == "speaker_unknown"  # type: ignore[arg-type]
    assert withheld([], consents, "quote") == "speaker_unknown"


def test_codes_hang_in_a_tree() -> None:
    parents = {"a": None, "b": "a", "c": "b"}
    codebook.check_parent("c", "a", parents)
    codebook.check_parent("new", "c", parents)
    for code, parent in (("a", "c"), ("a", "a"), ("a", "unknown")):
        with pytest.raises(codebook.TreeBroken):
            codebook.check_parent(code, parent, parents)
