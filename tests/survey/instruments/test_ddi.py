"""A DDI codebook as an instrument: questions before labels, missing categories apart, every variable an item or a loss."""

from pathlib import Path

import pytest
from tests.survey.instruments.reading import coded, item, labels, lost, read
from tests.survey.instruments.written import NUMERIC, YES_NO, codebook

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments import READERS


def variable(inside: str, name: str = "V", attributes: str = "") -> Draft:
    return read("ddi", codebook(f'<var ID="I" name="{name}" {attributes}>{inside}</var>'))


def test_the_question_with_what_is_read_out_around_it() -> None:
    around = "<preQTxt>Now:</preQTxt><qstnLit>Do you\n   trust?</qstnLit><postQTxt>Tell me.</postQTxt><ivuInstr>Wait</ivuInstr>"
    draft = variable(f"<labl>trust</labl><qstn>{around}</qstn><universe>All parents</universe>{YES_NO}")
    asked = item(draft, "V")
    assert (asked.wording, asked.routing, labels(asked)) == (
        "Now:\nDo you trust?\nTell me.",
        "All parents",
        {"1": "Yes", "2": "No"},
    )
    assert lost(draft, "V") == ["instructions to interviewers", "the label of a variable that has its question"]
    assert (draft.title, draft.language, draft.version) == ("Parents & records", "en", "2")
    assert item(variable(f"<labl>only a label</labl>{YES_NO}"), "V").wording == "only a label"


def test_the_questions_that_one_comes_from_and_goes_to() -> None:
    ways = '<qstnLit>Since?</qstnLit><backward qstn="Q1 Q2"/><forward qstn="Q5">If yes, ask 5.</forward><forward/>'
    assert item(variable(f"<qstn>{ways}</qstn>{YES_NO}"), "V").routing == "backward: Q1 Q2\nforward: If yes, ask 5."


def test_missing_categories_are_kept_apart_by_why() -> None:
    missing = [
        ("-9", "Refusal"),
        ("-8", "Don't know"),
        ("-1", "Inapplicable, under 16"),
        ("-2", "Schedule not applicable"),
        ("-7", "Lost"),
    ]
    categories = "".join(f'<catgry missing="Y"><catValu>{code}</catValu><labl>{label}</labl></catgry>' for code, label in missing)
    draft = variable(categories + YES_NO)
    assert item(draft, "V").missing.named == {"dont_know": "-8", "refused": "-9", "not_asked": "-1"}
    assert "the option '-7', 'Lost', is no answer, and why is not said" in lost(draft, "var V")
    for code, why in (("-9", "refused"), ("-8", "dont_know"), ("-1", "not_asked"), ("-2", "not_asked"), ("-7", "refused")):
        assert coded(draft, {"V": code}).missing == {"V": why}
        assert coded(draft, {"V": float(code)}).missing == {"V": why}


def test_invalid_values_and_ranges_are_missing() -> None:
    unsure = "<catgry><catValu>98</catValu><labl>Not sure</labl></catgry>"
    draft = variable(f'{YES_NO}{unsure}<invalrng><range min="97" max="99"/><item VALUE="7.0"/></invalrng>')
    assert item(draft, "V").missing.named == {"dont_know": "98", "refused": "7"}
    for code, why in (("7", "refused"), ("97", "refused"), ("98", "dont_know"), ("99", "refused")):
        assert coded(draft, {"V": code}).missing == {"V": why}
    long = variable(f'{YES_NO}{unsure}<invalrng><range min="-99" max="-1"/><range minExclusive="97" maxExclusive="99"/></invalrng>')
    assert item(long, "V").missing.named == {"dont_know": "98", "refused": "97"}
    assert "a range of values that are declared invalid: only the categories in it are taken out" in lost(long, "var V")


def test_single_valid_values_and_what_is_said_of_values_in_words() -> None:
    documented = '<invalrng><range UNITS="INT" min="98" max="99"/><key>\n98 DK\n99 Inappropriate\n</key></invalrng>'
    assert item(variable(f"{YES_NO}{documented}"), "V").missing.named == {"dont_know": "98", "refused": "99"}
    beside = '<valrng><range min="0" max="24"/><item VALUE="95"/><key>95 every day</key></valrng>'
    refused = '<invalrng><item VALUE="99"/><key>99 <emph>Inappropriate</emph></key></invalrng>'
    draft = variable(f"{beside}{refused}{NUMERIC}")
    hours = item(draft, "V")
    assert hours.range is not None
    assert (hours.kind, hours.range.low, hours.range.high, hours.missing.named) == ("number", 0, 95, {"refused": "99"})
    assert lost(draft, "var V")[:2] == [
        "which values are valid, in words: 95 every day",
        "which values are invalid, in words: 99 Inappropriate",
    ]


def category(code: str, label: str) -> str:
    return f"<catgry><catValu>{code}</catValu><labl>{label}</labl></catgry>"


def test_what_is_not_in_the_universe_or_just_missing_is_no_answer_also_where_it_is_not_declared() -> None:
    draft = variable(YES_NO + category("00", "NIU (Not in universe)") + category("99999", "Missing"))
    assert item(draft, "V").missing.named == {"not_asked": "00", "refused": "99999"}
    assert labels(item(variable(YES_NO + category("3", "Missing")), "V")) == {"1": "Yes", "2": "No", "3": "Missing"}


def test_an_option_of_several_is_a_choice_although_its_numbers_have_no_labels() -> None:
    categories = "".join(f"<catgry><catValu>{code}</catValu></catgry>" for code in "01") + NUMERIC
    several = variable(f'<qstn responseDomainType="multiple"><preQTxt>Which?</preQTxt><qstnLit>Health</qstnLit></qstn>{categories}')
    assert (several.items[0].kind, list(labels(several.items[0])), several.items[0].wording) == (
        "single",
        ["0", "1"],
        "Which?\nHealth",
    )
    assert variable(categories).items[0].kind == "number"


def test_labels_that_only_say_the_number_again_make_no_choice() -> None:
    numbers = "".join(category(f"0{number}", str(number)) for number in range(1, 4))
    draft = variable(numbers + category("99", "Not applicable") + NUMERIC)
    assert (item(draft, "V").kind, item(draft, "V").missing.named) == ("number", {"not_asked": "99"})
    assert lost(draft, "var V") == ["the option '99', 'Not applicable', is no answer"]


def test_categories_in_no_order_are_put_in_that_of_their_values() -> None:
    """Repositories write categories in any order; one that somebody chose, up or down, stays."""
    ages = {"3": "35-54", "1": "Under 18", "4": "55+", "2": "18-34"}
    draft = variable("".join(category(*each) for each in ages.items()))
    assert list(labels(item(draft, "V"))) == ["1", "2", "3", "4"]
    assert "the order of its categories in the file, where they stand in none: they are in that of their values" in lost(
        draft, "var V"
    )
    down = variable("".join(category(*each) for each in sorted(ages.items(), reverse=True)))
    assert (list(labels(item(down, "V"))), lost(down, "var V")) == (["4", "3", "2", "1"], [])


def test_variables_of_several_files_and_records_and_what_is_said_of_groups_is_told() -> None:
    group = '<varGrp ID="G" var="A"><labl>Parents</labl><universe>All parents</universe></varGrp>'
    variables = (
        f'<var ID="A" name="a" files="F1" rectype="1 2"><labl>Asked?</labl><txt>How it was asked.</txt>{YES_NO}</var>'
        f'<var ID="B" name="b" files="F2" rectype="2"><txt>Only described</txt>{YES_NO}</var>'
    )
    draft = read("ddi", codebook(group + variables))
    assert [each.wording for each in draft.items] == ["Asked?", "Only described"]
    assert lost(draft, "F1, F2") == ["that the variables are of several data files"]
    assert lost(draft, "1, 2") == ["that the variables are of several kinds of records"]
    assert lost(draft, "varGrp G") == ["whom a group of variables is about"]
    assert lost(draft, "a") == ["the description of a variable"]


def test_a_number_with_its_valid_range_and_its_missing_codes() -> None:
    draft = variable(
        f'<valrng><range min="16" max="95"/></valrng><catgry><catValu>95</catValu><labl>95 or more</labl></catgry>'
        f'<catgry missing="Y"><catValu>99</catValu><labl>Don\'t know</labl></catgry>{NUMERIC}',
        attributes='intrvl="contin"',
    )
    age = item(draft, "V")
    assert age.range is not None
    assert (age.kind, age.range.low, age.range.high, age.missing.named) == ("number", 16, 95, {"dont_know": "99"})
    assert coded(draft, {"V": "42"}).answers == {"V": 42.0}
    assert coded(draft, {"V": "99"}).missing == {"V": "dont_know"}
    assert [each.why for each in coded(draft, {"V": "97"}).unmapped] == ["the number is outside the item's range"]


@pytest.mark.parametrize(
    ("inside", "attributes", "kind"),
    [
        (YES_NO, "", "single"),
        (YES_NO + NUMERIC, 'intrvl="contin"', "number"),
        (f'<sumStat type="min">1</sumStat><sumStat type="max">2</sumStat>{YES_NO}{NUMERIC}', 'intrvl="contin"', "single"),
        (f'<sumStat type="min">0</sumStat><sumStat type="max">80</sumStat>{YES_NO}{NUMERIC}', 'intrvl="discrete"', "number"),
        (NUMERIC, "", "number"),
        ('<varFormat type="character"/>', "", "text"),
        ('<catgry><catValu>M</catValu></catgry><catgry><catValu>F</catValu></catgry><varFormat type="character"/>', "", "single"),
        ('<varFormat type="character" category="date"/>', "", "text"),
        ("", "", "text"),
        ("<catgry><catValu>17</catValu></catgry><catgry><catValu>18</catValu></catgry>", "", "number"),
    ],
)
def test_what_kind_of_item_a_variable_is(inside: str, attributes: str, kind: str) -> None:
    assert variable(inside, attributes=attributes).items[0].kind == kind


def test_a_short_scale_of_which_only_the_ends_are_described() -> None:
    ends = (
        "<catgry><catValu>0</catValu><labl>Not at all</labl></catgry><catgry><catValu>4</catValu><labl>Completely</labl></catgry>"
    )
    draft = variable(f'<valrng><range min="0" max="4"/></valrng>{ends}{NUMERIC}')
    assert labels(item(draft, "V")) == {"0": "Not at all", "1": "1", "2": "2", "3": "3", "4": "Completely"}


def test_languages_of_questions_and_categories() -> None:
    category = '<catgry><catValu>1</catValu><labl xml:lang="cy">Ydw</labl><labl xml:lang="en">Yes</labl></catgry>'
    inside = f'<labl xml:lang="en">Trust</labl><labl xml:lang="cy">Ymddiried</labl>{category}'
    english, welsh = (read("ddi", codebook(f'<var name="V">{inside}</var>'), language=each) for each in (None, "cy"))
    assert (english.items[0].wording, english.items[0].translations["cy"].labels) == ("Trust", {"1": "Ydw"})
    assert (welsh.items[0].wording, labels(welsh.items[0]), welsh.language) == ("Ymddiried", {"1": "Ydw"}, "cy")


def test_what_is_not_translated_of_a_question_stays_in_the_main_language() -> None:
    texts = '<preQTxt xml:lang="en">Now:</preQTxt><qstnLit xml:lang="en">Agreed?</qstnLit><qstnLit xml:lang="cy">Cytuno?</qstnLit>'
    asked = item(read("ddi", codebook(f'<var name="V"><qstn>{texts}</qstn>{YES_NO}</var>'), language="en"), "V")
    assert (asked.wording, asked.translations["cy"].wording) == ("Now:\nAgreed?", "Now:\nCytuno?")


def test_groups_are_sections_and_weights_a_role() -> None:
    group = '<varGrp ID="G" var="A B" varGrp="H"><labl>People</labl></varGrp>'
    group += '<varGrp ID="H" var="C" type="multipleResp"><txt>Which?</txt></varGrp>'
    variables = f'<var ID="A" name="a">{YES_NO}</var><var ID="C" name="c">{YES_NO}</var><var ID="W" name="w" wgt="wgt"/>'
    draft = read("ddi", codebook(group + variables))
    assert [(each.name, each.section, each.role) for each in draft.items] == [
        ("a", "People", "attitude"),
        ("c", "People / Which?", "attitude"),
        ("w", None, "weight"),
    ]
    assert lost(draft, "varGrp H") == ["a question of several answers"]
    assert coded(draft, {"w": "1.25"}).weight == 1.25


def test_older_dialects_and_wrappers() -> None:
    old = codebook(f'<var name="V">{YES_NO}</var>', 'version="1.2.2" xmlns="http://www.icpsr.umich.edu/DDI" xml-lang="es"')
    assert read("ddi", old).language == "es"
    assert READERS["ddi"].recognises(old.encode(), "x.xml")
    bare = f"<root><titl>T</titl><var name='V'><labl>Age</labl>{YES_NO}</var></root>"
    assert read("ddi", bare).title == "T"
    fragment = (
        f"<codeBook><dataDscr><var name='V'>{YES_NO}</var></dataDscr></codeBook>"  # as a repository gives it of one data file
    )
    assert read("ddi", fragment, filename="wave-2.xml").title == "wave-2"


def test_the_same_name_in_two_files_and_more_variables_than_an_instrument_holds() -> None:
    twice = read("ddi", codebook(f'<var name="V" files="F1">{YES_NO}</var><var name="V" files="F2">{YES_NO}</var>'))
    assert [each.name for each in twice.items] == ["V", "V_2"]
    many = read("ddi", codebook("".join(f'<var name="V{number}">{YES_NO}</var>' for number in range(1002))))
    assert len(many.items) == 1000
    assert lost(many, "var V1000; var V1001") == ["an instrument holds 1000 items"]


def test_words_of_the_question_that_look_like_tags_stay() -> None:
    words = '<x:p xmlns:x="http://www.w3.org/1999/xhtml">I feel safe in <x:em>&lt;PLACE NAME&gt;</x:em> at night.</x:p>'
    assert variable(f"<qstn><qstnLit>{words}</qstnLit></qstn>{YES_NO}").items[0].wording == "I feel safe in <PLACE NAME> at night."


def test_what_is_no_codebook_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInstrument, match="no `var`"):
        read("ddi", codebook(""))
    with pytest.raises(UnreadableInstrument, match="DDI-Lifecycle"):
        read("ddi", "<DDIInstance/>")
    secret = tmp_path / "secret"
    secret.write_text("read from elsewhere", encoding="utf-8")
    stealing = (
        f'<!DOCTYPE codeBook [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + codebook("<var name='V'><labl>&x;</labl></var>")[38:]
    )
    with pytest.raises(UnreadableInstrument, match="entities"):
        read("ddi", stealing)
