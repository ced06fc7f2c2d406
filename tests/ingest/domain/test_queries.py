"""Searching a text: the index may propose too much, never too little, and a hit is where it says."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assent_ingest.domain.queries import EmptyQuery, find, fold, indexed, parse, snippet, words

WORDS = st.text(st.sampled_from("aábcß1_-' "), max_size=40)


@given(st.text(max_size=100))
def test_words_stand_where_they_say(text: str) -> None:
    for word in words(text):
        assert fold(text[word.start : word.end]) == word.folded
        assert word.folded.isalnum()
        assert fold(word.folded) == word.folded


@given(WORDS, WORDS)
def test_a_text_that_matches_has_all_words_in_its_index(query: str, text: str) -> None:
    try:
        terms = parse(query)
    except EmptyQuery:
        return
    hits = find(terms, text)
    if hits:
        known = set(indexed(text).split())
        assert all(word in known for term in terms for word in term.words)
    assert hits == sorted(hits)
    assert all(first[1] <= second[0] for first, second in pairwise(hits))


@given(WORDS)
def test_every_text_finds_itself(text: str) -> None:
    try:
        terms = parse(f'"{text}"')
    except EmptyQuery:
        return
    assert find(terms, text)


@given(st.text(min_size=1, max_size=600), st.data())
def test_a_snippet_is_part_of_the_text_and_holds_the_hit(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    shown = snippet(text, (start, end))
    assert text[start:end] in shown
    assert shown.removeprefix("…").removesuffix("…") in text
    assert len(shown) <= end - start + 242
