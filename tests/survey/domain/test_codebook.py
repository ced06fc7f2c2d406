"""The columns of an export: names, numbers, missing codes, and who is in it."""

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.exports.made_up import batches_of, case, cells, survey_of, surveys

from assent_survey.domain.case_rows import CaseRows, CodeInUse, Pseudonyms
from assent_survey.domain.codebook import Codebook, codebook_of
from assent_survey.domain.fitting import to_bytes, to_characters
from assent_survey.domain.missing_codes import REASONS, missing_codes
from assent_survey.domain.variable_names import PLAIN, SPSS, STATA, Naming, safe_names
from assent_survey.domain.variables import option_codes

anything = st.text(max_size=100)
namings = pytest.mark.parametrize("naming", [PLAIN, SPSS, STATA], ids=["plain", "spss", "stata"])


@namings
@given(wanted=st.lists(anything, max_size=20))
def test_names_are_safe_unique_and_the_same_each_time(naming: Naming, wanted: list[str]) -> None:
    made = safe_names(wanted, naming)
    assert all(naming.takes(name) for name in made)
    assert len({name.lower() for name in made}) == len(wanted)
    assert made == safe_names(wanted, naming)


@pytest.mark.parametrize(
    ("wanted", "spss", "stata"),
    [
        (["_id", "_uuid"], ["v_id", "v_uuid"], ["v_id", "v_uuid"]),
        (["ALL", "by", "using"], ["ALL_v", "by_v", "using"], ["ALL", "by", "using_v"]),
        (["1st", "a-b", "a b"], ["v1st", "a_b", "a_b_2"], ["v1st", "a_b", "a_b_2"]),
        (["Q1", "q1"], ["Q1", "q1_2"], ["Q1", "q1_2"]),
        (["a.b", "a_b"], ["a_b_2", "a_b"], ["a_b_2", "a_b"]),
        (["x" * 40, "x" * 41], ["x" * 40, "x" * 41], ["x" * 27, "x" * 25 + "_2"]),
        (["str20", "strL", "égal"], ["str20", "strL", "v_gal"], ["str20_v", "strL_v", "v_gal"]),
    ],
)
def test_names(wanted: list[str], spss: list[str], stata: list[str]) -> None:
    assert (safe_names(wanted, SPSS), safe_names(wanted, STATA)) == (spss, stata)


@given(st.lists(st.from_regex(r"[ab]1{0,3}", fullmatch=True), max_size=30, unique=True), st.data())
def test_no_two_variables_of_stata_share_value_labels(wanted: list[str], data: st.DataObject) -> None:
    labelled = data.draw(st.lists(st.booleans(), min_size=len(wanted), max_size=len(wanted)))
    names = safe_names(wanted, STATA, labelled=labelled)
    sets = [f"{name}{number}" for number, name in enumerate(name for name, has in zip(names, labelled, strict=True) if has)]
    assert len(set(sets)) == len(sets)
    assert all(STATA.takes(name) for name in names)
    assert len(set(names)) == len(names)


@given(st.sets(st.integers(-1100, 20), max_size=200), st.none() | st.floats(-2000, 10))
def test_missing_codes_are_apart_from_answers_and_in_a_row(taken: set[int], low: float | None) -> None:
    codes = missing_codes(taken, low=low)
    assert list(codes) == list(REASONS)
    assert sorted(codes.values()) == list(range(codes["refused"], codes["refused"] + 4))
    assert taken.isdisjoint(codes.values())
    assert low is None or low >= 0 or max(codes.values()) < low


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["1", "2", "5"], [1, 2, 5]),
        (["0", "-1"], [0, -1]),
        (["1", "01"], [1, 2]),
        (["yes", "no"], [1, 2]),
        (["3", "x"], [1, 2]),
        (["1", "99999999999"], [1, 2]),
        (["-", "5"], [1, 2]),
    ],
)
def test_options_that_are_whole_numbers_keep_them(options: list[str], codes: list[int]) -> None:
    assert list(option_codes(options).values()) == codes


@given(anything, st.integers(4, 60))
def test_what_is_cut_fits_and_shows_it(text: str, longest: int) -> None:
    in_bytes, in_characters = to_bytes(longest)(text), to_characters(longest)(text)
    assert len(in_bytes.encode()) <= longest
    assert len(in_characters) <= longest
    assert in_bytes == text or in_bytes.endswith("…")
    assert in_characters == text or in_characters.endswith("…")


@given(surveys())
def test_every_number_means_what_was_answered(survey: Any) -> None:
    batches, by_name = batches_of(survey)
    for name, row in cells(survey, batches).items():
        content = by_name[name].content
        for variable, cell in zip(survey.codebook.variables, row, strict=True):
            if variable.part != "answer":
                continue
            item = variable.item
            if item.name in content["answers"]:
                answer = content["answers"][item.name]
                if item.kind == "number":
                    assert cell == answer
                elif item.kind == "single":
                    assert {value.code: value.option for value in variable.values}[cell] == answer
                else:
                    assert cell == (variable.option in answer)
            else:
                assert {value.code: value.option for value in variable.missing}.get(cell) == content["missing"].get(item.name)


def number_item(**more: Any) -> list[dict[str, Any]]:
    return [{"name": "n", "wording": "How many?", "kind": "number", **more}]


def test_a_number_that_is_a_missing_code_is_not_taken_for_one() -> None:
    survey = survey_of(number_item(), [case(0, {"n": -8.0}), case(1, {}, {"n": "refused"})])
    with pytest.raises(CodeInUse) as raised:
        CaseRows(survey.codebook, include_partial=True).batch(survey.cases)
    assert raised.value.item == "n"
    source, items = survey.codebook.source, survey.codebook.items
    again = CaseRows(codebook_of(source, items, skips={"n": 1}), include_partial=True).batch(survey.cases)
    assert sorted(again[-1].tolist()) == [-99, -8]


@pytest.mark.parametrize(("low", "refused"), [(0, -9), (-5, -9), (-20, -99), (-5000, -9999), (-999_999_995.5, -999_999_999)])
def test_missing_codes_lie_below_what_may_be_answered(low: float, refused: int) -> None:
    survey = survey_of(number_item(range={"low": low}), [])
    assert survey.codebook.variables[-1].missing[0].code == refused


def test_who_is_left_out_is_counted_once() -> None:
    cases = [
        case(0, {}, test=True, consented=False, complete=False),
        case(1, {}, consented=False, complete=False),
        case(2, {}, complete=False),
        case(3, {}),
    ]
    survey = survey_of(number_item(), cases)
    rows = CaseRows(survey.codebook, include_partial=False)
    batch = rows.batch(cases)
    assert (len(batch[0]), rows.count, dict(rows.left_out)) == (1, 1, {"test": 1, "no_consent": 1, "partial": 1})


def test_pseudonyms_are_of_one_export() -> None:
    one, other = Pseudonyms(), Pseudonyms()
    assert one.of("rsp_1") == one.of("rsp_1") != other.of("rsp_1")
    assert "key" not in repr(one)


def test_design_values_are_there_only_when_the_collection_names_them() -> None:
    items = [
        {"name": "w", "wording": "W", "kind": "number", "role": "weight"},
        {"name": "s", "wording": "S", "kind": "single", "role": "stratum", "scale": [{"option": "north", "label": "North"}]},
    ]
    cases = [case(0, {}, weight=0.5, stratum="north")]
    named = survey_of(items, cases, weight="w", stratum="s")
    (row,) = cells(named, batches_of(named)[0]).values()
    assert row[-2:] == [0.5, 1]
    unnamed = survey_of(items, cases)
    assert [left.item for left in unnamed.codebook.left_out] == ["w", "s"]


def test_the_day_of_receipt_is_asked_for() -> None:
    survey = survey_of(number_item(), [case(0, {"n": 1.0})])
    source, items = survey.codebook.source, survey.codebook.items
    with_day: Codebook = codebook_of(source, items, received=True)
    batch = CaseRows(with_day, include_partial=True).batch(survey.cases)
    assert batch[3].tolist() == [date(2026, 11, 1).isoformat()]
    assert not math.isnan(batch[-1][0])
