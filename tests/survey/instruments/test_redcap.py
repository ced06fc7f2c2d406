"""A data dictionary of REDCap as an instrument, with what real ones hold: HTML, blank rows, a byte order mark, codes that are words."""

import pytest
from tests.survey.instruments.reading import coded, item, labels, lost, read
from tests.survey.instruments.written import HEADING, dictionary

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments import READERS


def one(row: str) -> Draft:
    return read("redcap", dictionary(row), "Parents_DataDictionary_2026-09-01.csv")


def test_a_choice_with_codes_that_are_words() -> None:
    draft = one(
        'region,parents,"<div class=""x"">Where you live</div>",dropdown,"Your <b>region</b>","N, North, far | S, South",,,,,,,,,,,,'
    )
    region = item(draft, "region")
    assert (region.wording, region.section) == ("Your region", "parents / Where you live")
    assert labels(region) == {"N": "North, far", "S": "South"}
    assert (draft.title, coded(draft, {"region": "S"}).answers) == ("Parents", {"region": "S"})


def test_a_code_kept_for_it_with_words_that_agree_is_missing() -> None:
    draft = one('trust,parents,,radio,Trust?,"1, Yes | 2, No | 9, Unknown | -99, Prefer not to say",,,,,,,,,,,,')
    trust = item(draft, "trust")
    assert (labels(trust), trust.missing.named) == ({"1": "Yes", "2": "No"}, {"dont_know": "9", "refused": "-99"})
    assert lost(draft, "row 3, trust") == [
        "the option '9', 'Unknown', is no answer",
        "the option '-99', 'Prefer not to say', is no answer",
    ]


def test_a_dictionary_that_r_wrote_has_na_where_nothing_is() -> None:
    draft = one('link,parents,NA,radio,Link?,"1, Yes | NA, Not applicable",NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA')
    link = item(draft, "link")
    assert (link.wording, link.section, link.routing) == ("Link?", "parents", None)
    assert lost(draft, "link") == []


def test_columns_of_a_checkbox_are_one_item_of_several_choices() -> None:
    draft = one('records,parents,,checkbox,Which?,"1, School | 2, Health | 3, Police",,,,,,,,,,,,')
    assert draft.mapping is not None
    assert (item(draft, "records").kind, draft.mapping.items["records"].field) == ("multiple", "records")
    assert coded(draft, {"records": (("3",), ("1",))}).answers == {"records": ["1", "3"]}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("name,parents,,text,Name,,,,,,y,,,,,,,", "a direct identifier, which is not kept"),
        ("mail,parents,,text,Mail,,,email,,,,,,,,,,", "a direct identifier, which is not kept"),
        ("photo,parents,,file,Photo,,,,,,,,,,,,,", "a file"),
        ("odd,parents,,hologram,Odd,,,,,,,,,,,,,", "a field of a type that is not known"),
    ],
)
def test_what_is_no_item_is_listed(row: str, told: str) -> None:
    draft = read("redcap", dictionary("why,parents,,notes,Why?,,,,,,,,,,,,,", row))
    assert [each.name for each in draft.items] == ["why"]
    assert lost(draft, f"row 4, {row.partition(',')[0]}") == [told]


def test_identifiers_and_what_is_no_question_are_known_and_not_wanted() -> None:
    draft = read("redcap", dictionary("why,parents,,notes,Why?,,,,,,,,,,,,,", "name,parents,,text,Name,,,,,,y,,,,,,,"))
    assert draft.mapping is not None
    assert draft.mapping.ignore == ("record_id", "name", "parents_complete")


def test_numbers_and_their_limits() -> None:
    age = item(one("age,parents,,text,Age,,,integer,16,99,,,,,,,,"), "age")
    assert age.range is not None
    assert (age.kind, age.range.low, age.range.high) == ("number", 16, 99)
    slider = item(one('warmth,parents,,slider,Warmth,"cold | warm",,number,,,,,,,,,,'), "warmth")
    assert slider.range is not None
    assert (slider.range.low, slider.range.high) == (0, 100)
    day = one("day,parents,,text,Day,,,date_ymd,2020-01-01,,,,,,,,,")
    assert item(day, "day").kind == "text"
    assert lost(day, "row 3, day") == ["a least and a greatest value that are not plain numbers", "a date or a time"]
    assert item(one("bmi,parents,,calc,BMI,[a]/[b],,,,,,,,,,,,"), "bmi").kind == "number"


def test_branching_notes_and_what_no_item_carries() -> None:
    draft = one("ok,parents,,yesno,All right?,,Only if you like,,,,,[region] = 'N',y,,,,,@HIDDEN-PDF")
    ok = item(draft, "ok")
    assert (ok.wording, ok.routing, labels(ok)) == ("All right?\nOnly if you like", "[region] = 'N'", {"1": "Yes", "0": "No"})
    assert lost(draft, "ok") == ["an annotation with action tags", "that an answer is required"]


def test_answers_out_of_a_service_are_told() -> None:
    draft = one("disease,parents,,text,Disease,BIOPORTAL:MONDO,,,,,,,,,,,,")
    assert (item(draft, "disease").kind, lost(draft, "disease")) == ("text", ["a service that answers are searched for in"])


def test_earlier_answers_among_words_are_told() -> None:
    draft = read(
        "redcap",
        dictionary(
            "child,parents,,text,Which year?,,,,,,,,,,,,,",
            "a,parents,,yesno,Was [child] happy [then]?,,,,,,,,,,,,,",
            "b,parents,,yesno,[event-name] again?,,,,,,,,,,,,,",
            "c,parents,,yesno,Still [then]?,,,,,,,,,,,,,",
        ),
    )
    told = "words that are filled in while somebody answers: they stay as the file writes them"
    assert [each.where for each in draft.losses if each.what == told] == ["a, b"]


def test_sections_end_with_their_form() -> None:
    draft = read(
        "redcap",
        dictionary("a,parents,Trust,yesno,A,,,,,,,,,,,,,", "b,parents,,yesno,B,,,,,,,,,,,,,", "c,later,,yesno,C,,,,,,,,,,,,,"),
    )
    assert [each.section for each in draft.items] == ["parents / Trust", "parents / Trust", "later"]


def test_the_headings_of_the_api_and_other_separators() -> None:
    api = "field_name;form_name;field_type;field_label;select_choices_or_calculations\nq;f;radio;Q?;1, Yes | 2, No\n"
    assert labels(item(read("redcap", api), "q")) == {"1": "Yes", "2": "No"}
    assert READERS["redcap"].recognises(api.encode(), "x.csv")
    assert READERS["redcap"].recognises(dictionary().encode(), "x.csv")


def test_a_first_heading_that_somebody_spoilt() -> None:
    spoilt = dictionary("a,parents,,yesno,A,,,,,,,,,,,,,").replace("Variable / Field Name", "1")
    assert READERS["redcap"].recognises(spoilt.encode(), "x.csv")
    assert [each.name for each in read("redcap", spoilt).items] == ["a"]


def test_that_it_is_a_row_of_a_matrix_is_told() -> None:
    draft = one('a,parents,,radio,A,"1, Yes | 2, No",,,,,,,,,,trust,,')
    assert lost(draft, "a") == ["that it is a row of a matrix"]


def test_what_is_no_dictionary_is_refused_in_words() -> None:
    with pytest.raises(UnreadableInstrument, match="no data dictionary"):
        read("redcap", "a,b\n1,2\n")
    with pytest.raises(UnreadableInstrument, match="not CSV"):
        read("redcap", f"{HEADING}\n{'x' * 200_000}\n")
    with pytest.raises(UnreadableInstrument, match="no question"):
        read("redcap", dictionary())
