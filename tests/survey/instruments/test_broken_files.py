"""Forms, dictionaries and definitions that were mangled on their way: an instrument that can be published, or said to be unreadable."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.survey.instruments.reading import usable
from tests.survey.instruments.written import CODES, LINKING, NUMERIC, TRUST, YES_NO, codebook, definition, dictionary, form, survey

from assent_survey.domain.draft import UnreadableInstrument
from assent_survey.instruments import READERS

ODD: list[Any] = [
    None,
    True,
    -1,
    1e308,
    "",
    "x",
    "\0é",
    "a" * 5000,
    "default",
    [],
    {},
    [None, "x"],
    {"default": "<b>x"},
    {"a": [{}]},
]
ODD_TEXTS = ["", " ", "-1", "1.0", "nan", "1e400", "9" * 30, "<b>", "Don't know", "a" * 5000, "Y", "multiple", "quantity"]
FORM = form(
    LINKING,
    {
        "ref": "g",
        "type": "group",
        "title": "G",
        "properties": {"fields": [{"ref": "n", "type": "nps"}, {"ref": "m", "type": "matrix"}]},
    },
    {"ref": "ok", "type": "legal", "title": "Agree?"},
    logic=[
        {
            "ref": "n",
            "actions": [
                {"action": "jump", "details": {"to": {"value": "ok"}}, "condition": {"op": "is", "vars": [{"value": "n"}]}}
            ],
        }
    ],
    hidden=["respondent"],
)
SURVEY = survey(
    TRUST,
    {
        "id": "m",
        "type": "matrix",
        "headline": {"default": "M"},
        "rows": [{"id": "r", "label": {"default": "R"}}],
        "columns": [{"default": "C"}],
    },
    {"id": "c", "type": "consent", "headline": {"default": "C"}, "label": {"default": "I agree"}},
    hiddenFields={"fieldIds": ["respondent"]},
)
ROWS = dictionary(
    'a,f,S,radio,<b>A</b>,"1, Yes | 2, No",,,,,,,,,,,,', "b,f,,text,B,,,integer,1,9,,,,,,,,", "c,f,,calc,C,,,,,,,,,,,,,"
)
GROUPS = '<varGrp ID="G" var="A"><labl>G</labl></varGrp><varGrp ID="H" varGrp="G"><labl>H</labl></varGrp>'
CATEGORIES = f'<catgry missing="Y"><catValu>-9</catValu><labl xml:lang="cy">Wedi gwrthod</labl></catgry>{YES_NO}'
QUESTION = '<labl>L</labl><qstn><qstnLit>Q?</qstnLit></qstn><invalrng><range min="8" max="9"/></invalrng>'
NUMBER = f'<valrng><range min="0" max="9"/></valrng>{NUMERIC}'
CODEBOOK = codebook(
    f'{GROUPS}<var ID="A" name="a">{QUESTION}{CATEGORIES}</var>'
    f'<var ID="B" name="b" intrvl="contin">{NUMBER}</var><var ID="W" name="w" wgt="wgt"/>'
)
LABEL = '<label><text xml:lang="cy">L</text></label>'
VALUES = '<values><range from="0" to="9"/><value code="99">Refused</value></values>'
DEFINITION = definition(
    f'<variable ident="1" type="single" filter="2"><name>A</name>{LABEL}{CODES}</variable>'
    f'<variable ident="2" type="quantity" use="weight"><name>B</name>{VALUES}</variable>',
    'version="2.0" languages="en cy"',
)
FILES = {"typeform": json.dumps(FORM), "formbricks": json.dumps(SURVEY), "redcap": ROWS, "ddi": CODEBOOK, "triple_s": DEFINITION}


def read_or_refuse(name: str, content: bytes, language: str | None = None) -> None:
    """What may become of a file; anything else is an error of ours."""
    for reader in READERS.values():
        assert reader.recognises(content, "file") in (True, False)
    with suppress(UnreadableInstrument):
        usable(READERS[name].read(content, "file", language=language))


@pytest.mark.parametrize("name", FILES)
def test_a_whole_file_is_read_and_known_by_its_own_reader_only(name: str) -> None:
    content = FILES[name].encode()
    assert len(usable(READERS[name].read(content, "file")).items) >= 2
    assert [reader.name for reader in READERS.values() if reader.recognises(content, "file")] == [name]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), language=st.sampled_from([None, "en", "cy", "xx"]))
def test_bytes_lost_changed_and_doubled(name: str, seed: int, language: str | None) -> None:
    chance, content = random.Random(seed), bytearray(FILES[name].encode())
    for _ in range(chance.randint(1, 10)):
        at, length = chance.randrange(len(content)), chance.randint(1, 60)
        if chance.random() < 0.3:
            del content[at : at + length]
        elif chance.random() < 0.5:
            content[at:at] = (
                content[:length]
                if chance.random() < 0.5
                else chance.choice([b"<", b'"', b"\xff", b"\0", b"|", b",", b"\n", b"&x;"])
            )
        else:
            content[at] = chance.randrange(256)
    read_or_refuse(name, bytes(content), language)


@pytest.mark.parametrize("name", ["typeform", "formbricks"])
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), language=st.sampled_from([None, "en", "de", "xx"]))
def test_json_of_another_shape(name: str, seed: int, language: str | None) -> None:
    read_or_refuse(name, json.dumps(_reshaped(json.loads(FILES[name]), random.Random(seed))).encode(), language)


@pytest.mark.parametrize("name", ["ddi", "triple_s"])
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), language=st.sampled_from([None, "en", "cy", "xx"]))
def test_xml_of_another_shape(name: str, seed: int, language: str | None) -> None:
    chance, root = random.Random(seed), ElementTree.fromstring(FILES[name])
    for _ in range(chance.randint(1, 10)):
        elements = list(root.iter())
        chance.choice(_CHANGES)(chance.choice(elements), chance, elements)
    read_or_refuse(name, ElementTree.tostring(root), language)


def _reshaped(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.04:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {name: _reshaped(each, chance) for name, each in value.items() if chance.random() > 0.03}
    if isinstance(value, list):
        return [_reshaped(each, chance) for each in value for _ in range(chance.choice([0, 1, 1, 1, 1, 1, 2]))]
    return value


def _other_words(element: ElementTree.Element, chance: random.Random, _elements: list[ElementTree.Element]) -> None:
    element.text = chance.choice(ODD_TEXTS)


def _other_attribute(element: ElementTree.Element, chance: random.Random, _elements: list[ElementTree.Element]) -> None:
    element.set(chance.choice([*element.attrib, "type", "name", "missing", "wgt", "use"]), chance.choice(ODD_TEXTS))


def _other_tag(element: ElementTree.Element, chance: random.Random, elements: list[ElementTree.Element]) -> None:
    element.tag = chance.choice(elements).tag


def _without_children(element: ElementTree.Element, chance: random.Random, _elements: list[ElementTree.Element]) -> None:
    for each in list(element)[chance.randrange(3) :]:
        element.remove(each)


def _with_a_copy(element: ElementTree.Element, chance: random.Random, elements: list[ElementTree.Element]) -> None:
    element.append(deepcopy(chance.choice(elements)))


_CHANGES: list[Callable[[ElementTree.Element, random.Random, list[ElementTree.Element]], None]] = [
    _other_words,
    _other_attribute,
    _other_tag,
    _without_children,
    _with_a_copy,
]
