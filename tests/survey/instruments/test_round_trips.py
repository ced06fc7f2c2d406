"""Small instruments of any kind, written in each format and read again: the same questions, options and languages."""

import csv
import io
import json
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.survey.instruments.reading import read
from tests.survey.instruments.written import HEADING

from assent_contracts.events.survey import ItemKind
from assent_survey.instruments.drafting import Question
from assent_survey.instruments.sorted_options import Option

WORDS = st.text(alphabet=st.sampled_from("abcdeéßŵ信?,'\"& <3"), min_size=1, max_size=20).map(
    lambda each: f"w {' '.join(each.split())}".strip()
)
KINDS: list[ItemKind] = ["single", "multiple", "number", "text"]


def question(place: int, kind: ItemKind, wording: str, labels: list[str]) -> Question:
    """A question with two or more options where its kind has any; no two labels are the same."""
    options = tuple(Option(str(code), f"{label} {code}") for code, label in enumerate(labels, start=1))
    chosen = kind in ("single", "multiple")
    return Question(
        f"q{place}",
        f"q{place}",
        wording,
        kind,
        options=options if chosen else (),
        low=None if chosen else 0,
        high=None if chosen else 9,
    )


def as_typeform(questions: list[Question]) -> str:
    kinds = {"single": "multiple_choice", "multiple": "multiple_choice", "number": "number", "text": "short_text"}
    fields = [
        {
            "ref": each.name,
            "type": kinds[each.kind],
            "title": each.wording,
            "properties": {
                "allow_multiple_selection": each.kind == "multiple",
                "choices": [{"ref": option.code, "label": option.label} for option in each.options],
            },
            "validations": {"min_value": each.low, "max_value": each.high} if each.kind == "number" else {},
        }
        for each in questions
    ]
    return json.dumps({"title": "T", "fields": fields})


def as_formbricks(questions: list[Question]) -> str:
    kinds = {"single": "multipleChoiceSingle", "multiple": "multipleChoiceMulti", "number": "openText", "text": "openText"}
    elements = [
        {
            "id": each.name,
            "type": kinds[each.kind],
            "headline": {"default": each.wording},
            "inputType": "number" if each.kind == "number" else "text",
            "choices": [{"id": option.code, "label": {"default": option.label}} for option in each.options],
        }
        for each in questions
    ]
    return json.dumps({"name": "T", "blocks": [{"name": "B", "elements": elements}]})


def as_redcap(questions: list[Question]) -> str:
    kinds = {"single": "radio", "multiple": "checkbox", "number": "text", "text": "notes"}
    written = io.StringIO()
    table = csv.writer(written)
    for each in questions:
        choices = " | ".join(f"{option.code}, {option.label}" for option in each.options)
        limits = ["integer", "0", "9"] if each.kind == "number" else ["", "", ""]
        table.writerow([each.name, "f", "", kinds[each.kind], each.wording, choices, "", *limits, *[""] * 8])
    return f"{HEADING}\n{written.getvalue()}"


def as_ddi(questions: list[Question]) -> str:
    variables = []
    for each in questions:
        categories = "".join(
            f"<catgry><catValu>{option.code}</catValu><labl>{escape(option.label)}</labl></catgry>" for option in each.options
        )
        valid = '<valrng><range min="0" max="9"/></valrng>' if each.kind == "number" else ""
        form = '<varFormat type="character"/>' if each.kind == "text" else '<varFormat type="numeric"/>'
        variables.append(
            f"<var name={quoteattr(each.name)}><qstn><qstnLit>{escape(each.wording)}</qstnLit></qstn>{valid}{categories}{form}</var>"
        )
    return f'<codeBook xmlns="ddi:codebook:2_5"><dataDscr>{"".join(variables)}</dataDscr></codeBook>'


def as_triple_s(questions: list[Question]) -> str:
    kinds = {"single": "single", "multiple": "multiple", "number": "quantity", "text": "character"}
    variables = []
    for place, each in enumerate(questions):
        values = "".join(f'<value code="{option.code}">{escape(option.label)}</value>' for option in each.options)
        values += '<range from="0" to="9"/>' if each.kind == "number" else ""
        variables.append(
            f'<variable ident="{place}" type="{kinds[each.kind]}"><name>{each.name}</name><label>{escape(each.wording)}</label>'
            f"<values>{values}</values></variable>"
        )
    return f'<sss version="2.0"><survey><record ident="A">{"".join(variables)}</record></survey></sss>'


WRITERS: dict[str, tuple[Callable[[list[Question]], str], set[ItemKind]]] = {
    "typeform": (as_typeform, set(KINDS)),
    "formbricks": (as_formbricks, set(KINDS)),
    "redcap": (as_redcap, set(KINDS)),
    "ddi": (as_ddi, set(KINDS) - {"multiple"}),
    "triple_s": (as_triple_s, set(KINDS)),
}


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), WORDS, st.lists(WORDS, min_size=2, max_size=5)), min_size=1, max_size=6))
def test_what_was_written_is_read(name: str, given_: list[tuple[ItemKind, str, list[str]]]) -> None:
    write, kinds = WRITERS[name]
    asked = [question(place, kind, wording, labels) for place, (kind, wording, labels) in enumerate(given_) if kind in kinds]
    if not asked:
        asked = [question(0, "text", "w", [])]
    draft = read(name, write(asked), "f.csv")
    assert [(each.name, each.wording, each.kind) for each in draft.items] == [
        (each.name, each.wording, each.kind) for each in asked
    ]
    for found, each in zip(draft.items, asked, strict=True):
        assert [(option.option, option.label) for option in found.scale] == [(option.code, option.label) for option in each.options]
        if each.kind == "number" and name != "formbricks":
            assert found.range is not None
            assert (found.range.low, found.range.high) == (0, 9)
    assert draft.mapping is not None
    assert {mapped.field for mapped in draft.mapping.items.values()} == {each.name for each in asked}
