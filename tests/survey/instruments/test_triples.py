"""A Triple-S definition as an instrument, of every type of variable and of all its versions."""

import pytest
from tests.survey.instruments.reading import coded, item, labels, lost, read
from tests.survey.instruments.written import CODES, definition

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments import READERS


def variable(kind: str, inside: str, attributes: str = "") -> Draft:
    return read(
        "triple_s",
        definition(f'<variable ident="1" type="{kind}" {attributes}><name>Q1</name><label>Asked?</label>{inside}</variable>'),
    )


def test_a_single_and_a_multiple() -> None:
    values = '<values><value code="1">Yes</value><value code="2" score="5">No</value><value code="9">Don\'t know</value></values>'
    draft = variable("single", values)
    asked = item(draft, "Q1")
    assert (asked.kind, labels(asked), asked.missing.named) == ("single", {"1": "Yes", "2": "No"}, {"dont_know": "9"})
    assert lost(draft, "Q1") == ["the scores of codes"]
    assert draft.title == "Parents First wave"
    several = variable("multiple", '<spread subfields="2" width="1"/>' + CODES)
    assert coded(several, {"Q1": (("2",), ("1",))}).answers == {"Q1": ["1", "2"]}


def test_a_quantity_with_its_range_and_codes_for_what_is_missing() -> None:
    draft = variable(
        "quantity", '<values><range from="0" to="50"/><range from="60" to="90"/><value code="99">Refused</value></values>'
    )
    asked = item(draft, "Q1")
    assert asked.range is not None
    assert (asked.kind, asked.range.low, asked.range.high, asked.missing.named) == ("number", 0, 90, {"refused": "99"})
    assert coded(draft, {"Q1": "99"}).missing == {"Q1": "refused"}


def test_a_code_beside_the_range_of_a_quantity_is_a_number_that_can_be_answered() -> None:
    values = '<values><range from="1" to="499"/><value code="500">500 or more</value><value code="999">Refused</value></values>'
    draft = variable("quantity", values)
    asked = item(draft, "Q1")
    assert asked.range is not None
    assert (asked.range.low, asked.range.high, asked.missing.named) == (1, 500, {"refused": "999"})
    assert "what single numbers stand for: 500 (500 or more)" in lost(draft, "variable Q1")


def test_a_single_of_which_only_a_range_is_said() -> None:
    assert labels(item(variable("single", '<values><range from="1" to="3"/></values>'), "Q1")) == {"1": "1", "2": "2", "3": "3"}
    assert item(variable("single", '<values><range from="1" to="5000"/></values>'), "Q1").kind == "number"


def test_what_bounds_dates_words_and_several_answers_is_told() -> None:
    dated = '<values><range from="20260101" to="20261231"/></values>'
    assert lost(variable("date", dated), "Q1") == ["the first and the last date or time that is an answer"]
    assert lost(variable("character", "<size>80</size>"), "Q1") == ["how long an answer may be"]
    assert lost(variable("multiple", f'<spread subfields="2"/>{CODES}'), "Q1") == ["how many answers are kept"]


def test_the_remaining_types() -> None:
    assert labels(item(variable("logical", ""), "Q1")) == {"1": "Yes", "0": "No"}
    assert item(variable("character", "<size>80</size>"), "Q1").kind == "text"
    assert lost(variable("time", ""), "variable Q1") == ["a time"]
    other = read(
        "triple_s",
        definition(f'<variable type="single"><name>A</name>{CODES}</variable><variable type="sound"><name>B</name></variable>'),
    )
    assert lost(other, "variable B") == ["a variable of a type that is not known"]


def test_uses_and_filters() -> None:
    variables = (
        '<variable ident="1" type="character" use="serial"><name>Serial</name></variable>'
        '<variable ident="2" type="quantity" use="weight"><name>W</name><label>Weight</label></variable>'
        f'<variable ident="3" type="single"><name>A</name><label>A</label>{CODES}</variable>'
        f'<variable ident="4" type="single" filter="3"><name>B</name><label>B</label>{CODES}</variable>'
        f'<variable ident="5" type="single"><name>C</name><label>C</label><filter>A</filter>{CODES}</variable>'
    )
    draft = read("triple_s", definition(variables))
    assert [(each.name, each.role, each.routing) for each in draft.items] == [
        ("W", "weight", None),
        ("A", "attitude", None),
        ("B", "attitude", "filter: A"),
        ("C", "attitude", "filter: A"),
    ]
    assert draft.mapping is not None
    assert draft.mapping.respondent == "Serial"


def test_languages_and_what_is_put_to_respondents() -> None:
    label = (
        '<label><text xml:lang="en-GB" mode="analysis">Trust</text><text xml:lang="en-GB" mode="interview">Do you trust?</text>'
        '<text xml:lang="cy">Ymddiried?</text></label>'
    )
    value = '<value code="1"><text xml:lang="en-GB">Yes</text><text xml:lang="cy">Ydw</text></value>'
    content = definition(
        f'<variable ident="1" type="single"><name>Q1</name>{label}<values>{value}<value code="2">No</value></values></variable>',
        'version="3.0" languages="en-GB cy" modes="interview analysis"',
    )
    english, welsh = read("triple_s", content), read("triple_s", content, language="cy")
    assert (english.language, english.items[0].wording) == ("en-GB", "Do you trust?")
    assert english.items[0].translations["cy"].labels == {"1": "Ydw"}
    assert (welsh.language, welsh.items[0].wording, labels(welsh.items[0])) == ("cy", "Ymddiried?", {"1": "Ydw", "2": "No"})
    assert lost(english, "Q1") == ["the words of a label that are for analysis"]
    assert lost(variable("single", CODES), "Q1") == []


def test_files_of_programs_that_do_not_say_their_encoding() -> None:
    content = definition(f'<variable type="single"><name>Q1</name><label>Café?&nbsp;Yes</label>{CODES}</variable>')
    assert read("triple_s", content.encode("cp1252")).items[0].wording == "Café? Yes"


def test_what_is_no_definition_is_refused_in_words() -> None:
    assert READERS["triple_s"].recognises(definition("").encode(), "x.xml")
    with pytest.raises(UnreadableInstrument, match="defines no variables"):
        read("triple_s", definition(""))
    levels = '<hierarchy><level ident="house" href="houses.sss"/><level ident="person" href="persons.sss"/></hierarchy>'
    with pytest.raises(UnreadableInstrument, match=r"one by one: houses\.sss, persons\.sss"):
        read("triple_s", f'<sss version="2.0">{levels}</sss>')
    with pytest.raises(UnreadableInstrument, match="root of the file is not `sss`"):
        read("triple_s", "<codeBook/>")


def test_the_version_before_it_was_xml_is_recognised_and_refused_in_words() -> None:
    classic = b"SSS\r\nVERSION 1.1\r\nSURVEY\r\nRECORD A\r\nVARIABLE 1\r\nTYPE SINGLE\r\nEND VARIABLE\r\n"
    assert next(name for name, reader in READERS.items() if reader.recognises(classic, "old.sss")) == "triple_s"
    with pytest.raises(UnreadableInstrument, match="export it as Triple-S XML"):
        READERS["triple_s"].read(classic, "old.sss")
