"""XLSForms as instruments: from Markdown, CSV and workbooks; groups, languages, ranges, and what is not carried."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.survey.instruments.examples import XLSFORM, sheets, workbook
from tests.survey.instruments.reading import coded, item, labels, lost, read

from assent_survey.domain.coding import code_submission
from assent_survey.domain.draft import UnreadableInstrument
from assent_survey.domain.submission import Submission
from assent_survey.instruments import READERS
from assent_survey.instruments.xlsform_types import asking_of, parameters, plain_range
from assent_survey.platforms import PLATFORMS


def as_csv(markdown: str) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written)
    for name, rows in sheets(markdown).items():
        writer.writerow([name])
        writer.writerows(["", *row] for row in rows)
    return written.getvalue().encode()


def form(*rows: str, choices: str = "") -> str:
    """A form of rows of `type | name | label | relevant | constraint`."""
    survey = "\n".join(f"| | {row} |" for row in ("type | name | label | relevant | constraint", *rows))
    return f"| survey |\n{survey}\n| choices |\n| | list_name | name | label |\n{choices}"


YES_NO = "| | yn | 1 | Yes |\n| | yn | 0 | No |\n"


@pytest.mark.parametrize("content", [XLSFORM.encode(), as_csv(XLSFORM), workbook(XLSFORM)], ids=["markdown", "csv", "xlsx"])
def test_the_same_form_in_every_kind_of_file(content: bytes) -> None:
    assert READERS["xlsform"].recognises(content, "")
    draft = read("xlsform", content)
    assert draft == read("xlsform", XLSFORM)
    assert (draft.title, draft.language, draft.version) == ("Linking records", "en", "3")


def test_questions_in_groups_and_languages() -> None:
    draft = read("xlsform", XLSFORM)
    link = item(draft, "link")
    assert (link.kind, labels(link), link.missing.named) == (
        "single",
        {"yes": "Yes", "no": "No", "other": "Other"},
        {"dont_know": "-99"},
    )
    assert link.translations["cy"].labels == {"yes": "Ydw", "no": "Nac ydw", "-99": "Ddim yn gwybod"}
    assert (link.section, link.routing) == ("Records", "(${age} > 17) and (${a} = 1)")
    assert item(draft, "age").range is not None
    assert draft.mapping is not None
    assert {name: mapped.field for name, mapped in draft.mapping.items.items()} == {
        "link": "records/link", "link_other": "records/link_other", "which": "records/which", "age": "records/inner/age", "share": "share",
        "sure": "sure", "more": "more", "born": "born", "read": "read", "town": "town",
    }  # fmt: skip
    told = coded(
        draft, {"records/link": "no", "records/which": "school health", "records/inner/age": "18", "read": "OK"}, separator=" "
    )
    assert told.answers == {"link": "no", "which": ["health", "school"], "age": 18.0, "read": "OK"}
    assert coded(draft, {"records/link": "-99"}).missing["link"] == "dont_know"


def test_what_is_not_carried_is_told_by_its_row() -> None:
    draft = read("xlsform", XLSFORM)
    assert lost(draft, "survey, row 2, start") == ["what the device adds, which is no question"]
    assert lost(draft, "survey, row 16, name") == ["a question within a repeat, whose answers are several"]
    assert lost(draft, "survey, row 10, share") == ["a rule that answers are checked by: .>0"]
    assert lost(draft, "survey, row 18, town") == ["choices out of another file or a repeat", "a choice without options"]
    assert lost(draft, "survey, row 19, ranked") == ["a ranking, whose answer is an order of all its choices"]
    assert lost(draft, "survey, row 23, odd") == ["a type that is not known, 'hologram'"]
    assert draft.mapping is not None
    assert set(draft.mapping.ignore) == {"start", "child", "child/name", "ranked", "told", "sum", "place", "odd"}


def test_every_row_is_an_item_a_group_or_a_loss() -> None:
    draft = read("xlsform", XLSFORM)
    carried = {each.name for each in draft.items}
    for number, (kind, name, *_) in enumerate(sheets(XLSFORM)["survey"][1:], start=2):
        if not kind.startswith(("begin group", "end")):
            assert name in carried or lost(draft, f"survey, row {number}"), (kind, name)


@pytest.mark.parametrize(
    ("constraint", "whole", "expected"),
    [
        (". >= 0 and . <= 120", True, (0, 120)),
        (".>17 and .<120", True, (18, 119)),
        ("(. >= 1.5) AND (. <= 2.5)", False, (1.5, 2.5)),
        ("0 <= . and 10 >= .", False, (0, 10)),
        (". > 0", False, None),
        (". >= -5", False, (-5, None)),
        (". >= 0 or . = -99", True, None),
        ("regex(., '^a')", True, None),
        (". <= ${age}", True, None),
        ("", True, None),
    ],
)
def test_a_constraint_that_is_a_plain_range(
    constraint: str, whole: bool, expected: tuple[float | None, float | None] | None
) -> None:
    assert plain_range(constraint, whole=whole) == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_any_two_bounds(low: int, high: int) -> None:
    draft = read("xlsform", form(f"integer | n | N | | . >= {low} and . <= {high}"))
    limits = item(draft, "n").range
    if low <= high:
        assert limits is not None
        assert (limits.low, limits.high) == (low, high)
    else:
        assert limits is None
        assert lost(draft, "survey, row 2, n")


def test_parameters_of_a_range() -> None:
    assert parameters("start=1 end=7;step=0.5") == {"start": 1, "end": 7, "step": 0.5}
    assert parameters("randomize=true start = -3") == {"start": -3}


@pytest.mark.parametrize(
    ("written", "kind", "choices", "or_other"),
    [
        ("select_one yn", "single", "yn", False),
        ("select one from yn", "single", "yn", False),
        ("select1 yn or_other", "single", "yn", True),
        ("select all that apply from yn or specify other", "multiple", "yn", True),
        ("select_multiple yn", "multiple", "yn", False),
        ("select multiple yn", "multiple", "yn", False),
        ("add select one prompt using yn", "single", "yn", False),
    ],
)
def test_the_names_that_a_choice_has_had(written: str, kind: str, choices: str, or_other: bool) -> None:
    asking = asking_of(written)
    assert asking is not None
    assert (asking.kind, asking.choices, asking.or_other) == (kind, choices, or_other)


def test_scores_and_ranks_of_kobo() -> None:
    rows = "| | type | name | label | kobo--score-choices | kobo--rank-items |\n"
    rows += "| | begin_score | trust | Trust | yn | |\n| | score__row | police | Police | | |\n| | end_score | | | | |\n"
    rows += "| | begin_rank | order | Order | | yn |\n| | rank__level | first | First | | |\n| | end_rank | | | | |\n"
    draft = read("xlsform", f"| survey |\n{rows}| choices |\n| | list_name | name | label |\n{YES_NO}")
    assert draft.mapping is not None
    assert {name: mapped.field for name, mapped in draft.mapping.items.items()} == {
        "police": "trust/police",
        "first": "order/first",
    }
    assert labels(item(draft, "police")) == {"1": "Yes", "0": "No"}


def test_columns_by_their_older_names() -> None:
    rows = "| | command | tag | caption::French | relevance |\n| | select one yn | a | Oui ? | ${b}=1 |\n"
    draft = read(
        "xlsform",
        f"| survey |\n{rows}| choices |\n| | list name | value | caption::French |\n| | yn | o | Oui |\n| | yn | n | Non |\n",
    )
    assert (draft.language, item(draft, "a").wording, item(draft, "a").routing) == ("fr", "Oui ?", "${b}=1")
    assert labels(item(draft, "a")) == {"o": "Oui", "n": "Non"}


def test_capitals_and_a_list_of_the_same_name_in_two_sheets() -> None:
    written = """SURVEY ,
 , TYPE , NAME , LABEL::EN , CHOICE_FILTER
 , select_one places , here , Where? ,
 , select_one_external places , there , Where else? , A=${here}
CHOICES ,
 , LIST_NAME , NAME , LABEL::EN
 , places , town , Town
EXTERNAL_CHOICES ,
 , LIST_NAME , NAME , LABEL , A
 , places , farm , Farm , town
"""
    draft = read("xlsform", written)
    assert (draft.language, labels(item(draft, "here")), labels(item(draft, "there"))) == ("en", {"town": "Town"}, {"farm": "Farm"})


def test_an_answer_that_need_not_be_given_is_not_told_as_one_that_must() -> None:
    draft = read(
        "xlsform",
        "| survey |\n| | type | name | label | required | read_only | default |\n| | text | a | A | false | no | 0 |\n"
        "| | text | b | B | yes | true | |\n",
    )
    assert lost(draft, "a") == ["an answer that is given beforehand"]
    assert lost(draft, "b") == ["an answer is required", "an answer that nobody can change"]


def test_the_counts_of_a_reading_test_are_no_options() -> None:
    rows = "| | type | name | label | appearance |\n| | select_multiple yn | words | Read | literacy |\n| | text | a | A | |\n"
    draft = read("xlsform", f"| survey |\n{rows}| choices |\n| | list_name | name | label |\n{YES_NO}")
    assert lost(draft, "survey, row 2, words") == ["a reading test, whose answer begins with its counts"]
    assert draft.mapping is not None
    assert draft.mapping.ignore == ("words",)


def test_a_repeat_that_was_filled_in_once_is_known_and_not_wanted() -> None:
    draft = read(
        "xlsform", form("text | a | A | | ", "begin repeat | child | Child | | ", "integer | age | Age | | ", "end repeat | | | | ")
    )
    instance = b'<data id="f"><a>x</a><child><age>3</age></child><meta><instanceID>uuid:1</instanceID></meta></data>'
    submission = PLATFORMS["openrosa"].parse(instance, {})
    assert isinstance(submission, Submission)
    assert draft.mapping is not None
    assert code_submission(submission, draft.items, draft.mapping).unmapped == ()


def test_another_answer_belongs_to_the_list_and_so_to_each_question_that_takes_it() -> None:
    form = """
| survey |
| | type | name | label |
| | select_multiple colours | liked | Which? |
| | select_one colours or_other | best | Which best? |
| choices |
| | list_name | name | label |
| | colours | red | Red |
"""
    draft = read("xlsform", form)
    assert [(each.name, list(labels(each))) for each in draft.items] == [
        ("liked", ["red", "other"]),
        ("best", ["red", "other"]),
        ("best_other", []),
    ]


def test_a_question_may_have_its_words_in_the_hint_alone() -> None:
    form = """
| survey |
| | type | name | label::English (en) | hint::English (en) | hint::Cymraeg (cy) |
| | text | why | | Why do you think so? | Pam? |
| | text | what | What? | In a word. | |
"""
    draft = read("xlsform", form)
    why = item(draft, "why")
    assert (why.wording, why.translations["cy"].wording if "cy" in why.translations else None) == ("Why do you think so?", "Pam?")
    assert [each.where for each in draft.losses if each.what == "a hint beside the question"] == ["what"]


def test_choices_that_are_searched_for_in_a_file_are_told() -> None:
    form = """
| survey |
| | type | name | label | appearance |
| | select_one fruits | fruit | Which? | minimal search('fruits') |
| choices |
| | list_name | name | label |
| | fruits | name_key | name |
"""
    assert lost(read("xlsform", form), "survey, row 2, fruit") == ["choices out of another file or a repeat"]


def test_a_workbook_that_pyxform_refuses_is_refused_in_its_words() -> None:
    twice = "| survey |\n| | type | name | label | label |\n| | text | q | Why? | Warum? |"
    with pytest.raises(UnreadableInstrument, match=r"cannot be read as sheets: .*label"):
        read("xlsform", workbook(twice))


def test_a_telephone_number_is_not_kept() -> None:
    draft = read("xlsform", form("text | a | Why?", "phone number | call | Your number"))
    assert draft.mapping is not None
    assert ([each.name for each in draft.items], draft.mapping.ignore) == (["a"], ("call",))
    assert lost(draft, "survey, row 3, call") == ["a direct identifier (a telephone number), which is not kept"]


def test_what_markdown_emphasises_is_plain() -> None:
    label = "*Your* __own__ words, 2 * 3 * 4 and ** or ${my__own__name} *"
    asked = read("xlsform", form("begin_group | g | **1. You**", f"text | a | {label}", "end_group")).items[0]
    assert (asked.section, asked.wording) == ("1. You", "Your own words, 2 * 3 * 4 and ** or ${my__own__name} *")


def test_a_column_without_a_language_is_in_the_one_that_the_form_states() -> None:
    draft = read("xlsform", form("text | a | Pam?") + "| settings |\n| | default_language |\n| | Cymraeg (cy) |\n")
    assert (draft.language, item(draft, "a").wording, item(draft, "a").translations) == ("cy", "Pam?", {})


def test_a_language_without_a_code_has_a_private_one_and_it_is_said() -> None:
    rows = "| | type | name | label::English (en) | label::Klingon |\n| | text | a | Why? | qatlh |\n"
    draft = read("xlsform", f"| survey |\n{rows}")
    assert item(draft, "a").translations["qaa"].wording == "qatlh"
    assert lost(draft, "the columns' names") == ["a language called 'Klingon', whose code is not known"]


def test_another_language_can_be_the_main_one() -> None:
    draft = read("xlsform", XLSFORM, language="cy")
    assert (draft.language, item(draft, "which").wording, labels(item(draft, "which"))["school"]) == (
        "cy",
        "Pa gofnodion?",
        "Ysgol",
    )
    assert read("xlsform", form("text | a | Pam?"), language="cy").language == "cy"
    with pytest.raises(UnreadableInstrument, match="it is in cy, en"):
        read("xlsform", XLSFORM, language="fr")


def test_the_same_name_twice_and_names_that_are_none_of_ours() -> None:
    draft = read("xlsform", form("begin group | g | G", "text | a | A", "end group", "text | a | B", "text | 1.b-c | C"))
    assert draft.mapping is not None
    assert {name: mapped.field for name, mapped in draft.mapping.items.items()} == {"a": "g/a", "a_2": "a", "q1_b_c": "1.b-c"}


NO_FORMS = [b"| choices |\n| | list_name |", b"PK\x03\x04 xl/workbook.xml", b"\xd0\xcf\x11\xe0 no workbook", b"a,b\n1,2\n"]


@pytest.mark.parametrize("content", NO_FORMS)
def test_what_is_no_form_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(UnreadableInstrument):
        read("xlsform", content)


NAMES = st.from_regex(r"[a-z](_?[a-z0-9]){0,8}", fullmatch=True)
LABELS = st.from_regex(r"[A-Z][a-zà-ý]{3,12}", fullmatch=True)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, st.tuples(LABELS, st.dictionaries(NAMES, LABELS, min_size=1, max_size=5)), min_size=1, max_size=5))
def test_what_is_written_is_read_back(questions: dict[str, tuple[str, dict[str, str]]]) -> None:
    rows = [f"select_one list_{name} | {name} | {label}" for name, (label, _) in questions.items()]
    listed = [(name, *option) for name, (_, options) in questions.items() for option in options.items()]
    choices = "".join(f"| | list_{name} | {code} | {words} |\n" for name, code, words in listed)
    draft = read("xlsform", form(*rows, choices=choices))
    assert {each.name: (each.wording, labels(each)) for each in draft.items} == questions
