"""Labels as plain words, options that are no answer, and names that people can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_survey.instruments.missing_options import missing_kind
from assent_survey.instruments.naming import LONGEST, slug, spoken
from assent_survey.instruments.plain_text import plain_line, plain_text


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("<p>Do you&nbsp;<b>agree</b>?</p>", "Do you agree?"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("<table><tr><th>1</th><td>20</td><td>25</td></tr></table>", "1 20 25"),
        ("<script>steal()</script>kept<style>p {}</style>", "kept"),
        ('<div style="font-weight:lighter">Code</div> for\tit', "Code\nfor it"),
        ("a < b and c > d, age <18", "a < b and c > d, age <18"),
        ("<PLACE NAME> in <TIME PERIOD>, ${name} [field]", "<PLACE NAME> in <TIME PERIOD>, ${name} [field]"),
        ("a<!-- not said -->b\0c\ud800", "abc"),
        ("&lt;i&gt; is shown", "<i> is shown"),
        ("do&not, R&D; caf&#233;&#xe9;", "do&not, R&D; caféé"),
        (
            "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->Do you <![if !vml]>trust<![endif]> schools?",
            "Do you trust schools?",
        ),
        ('<?xml:namespace prefix = o ns = "urn:office" />In <st1:place w:st="on">Wales</st1:place><o:p></o:p>', "In Wales"),
        ("<dl><dt>One</dt></dl><picture><img src='a'></picture><table><caption>Of</caption><col width='5'></table>", "One\nOf"),
        ("Show <PICTURE> to <CAPTION>, see <http://example.org>", "Show <PICTURE> to <CAPTION>, see <http://example.org>"),
        (f'<p><img src="data:image/png;base64,{"A" * 60_000}">What is this?</p>', "What is this?"),
        ("a <!-- never ended", "a <!-- never ended"),
        ("\u200bOne\ufeff می\u200cخواهم", "One می\u200cخواهم"),
        (" \r\n\r\n ", ""),
    ],
)
def test_words_without_tags(source: str, plain: str) -> None:
    assert plain_text(source) == plain


@given(st.text(alphabet=st.sampled_from("<>/ab p=\"'!-&;\n \0é"), max_size=300))
def test_any_label_is_plain_and_stays_as_it_is_when_read_again_in_one_line(source: str) -> None:
    found = plain_line(source)
    assert found == " ".join(found.split())
    assert "\0" not in found


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Don't know", "dont_know"),
        ("DON’T KNOW (do not read out)", "dont_know"),
        ("Weiß nicht", "dont_know"),
        ("Ddim yn gwybod", "dont_know"),
        ("(98) Don't know", "dont_know"),
        ("99. REFUSED", "refused"),
        ("Prefer not to say", "refused"),
        ("Refused", "refused"),
        ("Not stated", "refused"),
        ("Not asked", "not_asked"),
        ("Not sure", None),
        ("Neither agree nor disagree", None),
        ("Refuse", None),
        ("I don't know any teachers", None),
        ("Not applicable", None),
        ("", None),
    ],
)
def test_only_whole_phrases_that_can_mean_nothing_else_are_no_answer(label: str, kind: str | None) -> None:
    assert missing_kind(label) == kind


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Not sure", "dont_know"),
        ("Inapplicable, under 16", "not_asked"),
        ("NA", "not_asked"),
        ("No answer", "refused"),
        ("Refus", "refused"),
        ("Lost in the post", None),
    ],
)
def test_where_the_format_declares_it_the_beginning_is_enough(label: str, kind: str | None) -> None:
    assert missing_kind(label, declared=True) == kind


def test_names_that_somebody_chose_stay_and_those_of_machines_become_words() -> None:
    assert spoken("trust_schools", "Do you trust schools?") == "trust_schools"
    for machine in (
        "36b6cc9a-f204-4b36-82f0-ff70895f4ef1",
        "01FCWZ7Z2BZ2RT351FAG2VFBTC",
        "ars2tjk8hsi8oqk1uac00mo8",
        "G0IbXtfvsfjV1",
        "",
    ):
        assert spoken(machine, "Do you trust schools?") == "do_you_trust_schools"
    assert spoken("36b6cc9a-f204-4b36-82f0-ff70895f4ef1", "信頼?") == "36b6cc9a-f204-4b36-82f0-ff70895f4ef1"


@given(st.text(max_size=200))
def test_a_slug_is_short_and_plain(words: str) -> None:
    found = slug(words)
    assert len(found) <= LONGEST
    assert found == "" or found.replace("_", "a").isalnum()
    assert found.isascii()
