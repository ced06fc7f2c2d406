"""Files that are broken, hostile or of no sense: each is an instrument or is said to be unreadable, and nothing else."""

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.survey.instruments.examples import LSS, QSF, SURVEYJS, XLSFORM, workbook
from tests.survey.instruments.reading import usable

from assent_survey.domain.draft import UnreadableInstrument
from assent_survey.instruments import READERS
from assent_survey.instruments.face import LARGEST

NAMES = ("xlsform", "qsf", "limesurvey", "surveyjs")
WHOLE = {
    "xlsform": XLSFORM.encode(),
    "qsf": json.dumps(QSF).encode(),
    "limesurvey": LSS.encode(),
    "surveyjs": json.dumps(SURVEYJS).encode(),
}
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_or_refuse(name: str, content: bytes) -> str:
    """What became of it: the title, or why it cannot be read."""
    READERS[name].recognises(content, "")
    try:
        return usable(READERS[name].read(content, "a file")).title
    except UnreadableInstrument as reason:
        return str(reason)


def changed(node: Any, path: list[int], value: Any) -> Any:
    """The value put somewhere into a structure."""
    if not path or not isinstance(node, dict | list) or not node:
        return value
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    key = keys[path[0] % len(keys)]
    within = changed(node[key], path[1:], value)
    return {**node, key: within} if isinstance(node, dict) else [*node[:key], within, *node[key + 1 :]]


@pytest.mark.parametrize("name", ["qsf", "surveyjs"])
@MANY
@given(changes=st.lists(st.tuples(st.lists(st.integers(0, 30), min_size=1, max_size=9), ODD), min_size=1, max_size=4))
def test_any_change_of_a_json_form(name: str, changes: list[tuple[list[int], Any]]) -> None:
    form: Any = QSF if name == "qsf" else SURVEYJS
    for path, value in changes:
        form = changed(form, path, value)
    assert read_or_refuse(name, json.dumps(form).encode())


@pytest.mark.parametrize("name", ["limesurvey", "xlsform"])
@MANY
@given(
    changes=st.lists(
        st.tuples(
            st.integers(0, 100_000),
            st.integers(0, 40),
            st.sampled_from([*'<>&;|[]1-9"\n\x00é', "]]>", "::", "</row>", "<row>", "|||"]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_change_of_a_text(name: str, changes: list[tuple[int, int, str]]) -> None:
    text = WHOLE[name].decode()
    for at, length, put in changes:
        at %= len(text)
        text = text[:at] + put + text[at + length :]
    assert read_or_refuse(name, text.encode())


@MANY
@given(changes=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 12), st.text(max_size=9)), max_size=6))
def test_any_change_of_cells(changes: list[tuple[int, int, str]]) -> None:
    rows = [line.split("|") for line in XLSFORM.splitlines()]
    for row, column, text in changes:
        cells = rows[row % len(rows)]
        cells[column % len(cells)] = text.replace("|", "/").replace("\n", " ")
    assert read_or_refuse("xlsform", "\n".join("|".join(cells) for cells in rows).encode())


COLUMNS = [
    "type",
    "title",
    "relevance",
    "code",
    "qid",
    "gid",
    "parent_qid",
    "other",
    "language",
    "sortorder",
    "scale_id",
    "question",
    "answer",
    "value",
]
CELLS = [*"LMPFH1;:RKQSTUNDXIABCEGY5|*!O", "", "0", "-1", "x" * 900, "7"]


@MANY
@given(st.lists(st.tuples(st.sampled_from(COLUMNS), st.sampled_from(CELLS), st.integers(0, 60)), max_size=8))
def test_any_cell_of_a_limesurvey_table(values: list[tuple[str, str, int]]) -> None:
    text = LSS
    for column, value, number in values:
        parts = text.split(f"<{column}>")
        if len(parts) > 1:
            at = 1 + number % (len(parts) - 1)
            parts[at] = f"<![CDATA[{value}]]>" + parts[at][parts[at].index(f"</{column}>") :]
            text = f"<{column}>".join(parts)
    assert read_or_refuse("limesurvey", text.encode())


@pytest.mark.parametrize("name", NAMES)
@MANY
@given(content=st.binary(max_size=300), at=st.integers(0, 3000))
def test_any_bytes(name: str, content: bytes, at: int) -> None:
    whole = WHOLE[name]
    assert read_or_refuse(name, content)
    assert read_or_refuse(name, whole[:at] + content + whole[at:])
    assert read_or_refuse(name, whole[:at])


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 20_000), content=st.binary(min_size=1, max_size=40))
def test_any_damage_of_a_workbook(at: int, content: bytes) -> None:
    whole = workbook(XLSFORM)
    at %= len(whole)
    assert read_or_refuse("xlsform", whole[:at] + content + whole[at + len(content) :])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_too_large_or_empty_is_refused(name: str) -> None:
    for content in (b"", b" \n", b"x" * (LARGEST + 1)):
        with pytest.raises(UnreadableInstrument):
            READERS[name].read(content, "a file")


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(UnreadableInstrument, match="entities"):
        READERS["limesurvey"].read(LSS.replace("<document>", f"{bomb}<document>").encode(), "")
    outside = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(UnreadableInstrument, match="entities"):
        READERS["limesurvey"].read(LSS.replace("<document>", f"{outside}<document>").encode(), "")


def packed(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def test_what_grows_when_it_is_unpacked_is_refused() -> None:
    grown = packed(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * (10 * LARGEST + 1)})
    with pytest.raises(UnreadableInstrument, match="unpacked"):
        READERS["xlsform"].read(grown, "form.xlsx")
    with pytest.raises(UnreadableInstrument, match="larger than"):
        READERS["limesurvey"].read(packed(**{"survey_1.lss": b" " * (LARGEST + 1)}), "survey.lsa")
    with pytest.raises(UnreadableInstrument, match="no survey"):
        READERS["limesurvey"].read(packed(**{"survey_1.txt": b"x"}), "survey.lsa")


def test_what_is_nested_without_end_is_refused_or_read() -> None:
    deep: dict[str, Any] = {"type": "panel", "name": "in", "elements": [{"type": "text", "name": "deep"}]}
    for _ in range(200):
        deep = {"type": "panel", "name": "in", "elements": [deep]}
    form = {"elements": [{"type": "text", "name": "a"}, deep]}
    draft = READERS["surveyjs"].read(json.dumps(form).encode(), "")
    assert [each.name for each in draft.items] == ["a"]
    assert any("nested" in loss.what for loss in draft.losses)
    flow: dict[str, Any] = {"Type": "Block", "ID": "BL_1"}
    for _ in range(200):
        flow = {"Type": "Branch", "BranchLogic": {"0": {}}, "Flow": [flow]}
    elements = [
        each if each["Element"] != "FL" else {"Element": "FL", "Payload": {"Flow": [flow]}} for each in QSF["SurveyElements"]
    ]
    assert read_or_refuse("qsf", json.dumps({**QSF, "SurveyElements": elements}).encode())
    brackets = b'{"pages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(UnreadableInstrument):
        READERS["surveyjs"].read(brackets, "")
