"""Stata's files beside what its documentation says of release 118, where readers would forgive us."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from assent_survey.exports.dta_rows import BEGINS, GREATEST, numbers, replace_rows, words

LAYOUT = np.dtype([("v0", "<i4"), ("v1", "<f8"), ("v2", "S4")])
NEVER = np.zeros(1, dtype=bool)


def one_row(path: Path, version: int = 14) -> Path:
    frame = pd.DataFrame({"a": np.array([1], dtype=np.int32), "b": [1.0], "c": ["word"]})
    pyreadstat.write_dta(frame, str(path), version=version)
    return path


def rows(count: int) -> "np.ndarray[tuple[int], np.dtype[np.void]]":
    made = np.empty(count, dtype=LAYOUT)
    made["v0"], made["v1"], made["v2"] = np.arange(count), np.arange(count) / 2, b"\xc3\xa9"
    return made


@pytest.mark.parametrize("parts", [[0], [1], [3, 0, 1200]])
def test_rows_come_in_parts_and_the_map_points_to_what_follows(tmp_path: Path, parts: list[int]) -> None:
    path = one_row(tmp_path / "data.dta")
    replace_rows(path, LAYOUT, map(rows, parts))
    raw = path.read_bytes()
    assert raw.startswith(BEGINS)
    places = np.frombuffer(raw, "<u8", 14, raw.index(b"<map>") + 5).tolist()
    for place, tag in zip(places[9:13], (b"<data>", b"<strls>", b"<value_labels>", b"</stata_dta>"), strict=True):
        assert raw[place:].startswith(tag)
    assert places[13] == len(raw)
    frame = pd.read_stata(path)
    assert len(frame) == sum(parts)
    assert frame["c"].unique().tolist() == ["é"] * bool(sum(parts))


def test_a_file_of_another_release_or_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="118"):
        replace_rows(one_row(tmp_path / "newer.dta", version=15), LAYOUT, [])
    with pytest.raises(ValueError, match="laid out"):
        replace_rows(one_row(tmp_path / "other.dta"), np.dtype([("v0", "<i4")]), [])


@pytest.mark.parametrize("kind", ["<i4", "<f8"])
def test_the_greatest_number_is_kept_and_no_greater_one(kind: str) -> None:
    kept = numbers(np.array([GREATEST[kind]]), kind, NEVER, {})
    assert kept.tolist() == [GREATEST[kind]]
    for sign in (1, -1):
        with pytest.raises(ValueError, match="greater"):
            numbers(np.array([sign * GREATEST[kind] * (1 + 1e-9)]), kind, NEVER, {})


def test_missing_answers_are_what_stata_calls_so(tmp_path: Path) -> None:
    path = one_row(tmp_path / "data.dta")
    made = rows(3)
    absent, tags = np.array([True, False, False]), {-1: 1, -4: 4}
    made["v0"] = numbers(np.array([0, -1, -4], dtype=np.int32), "<i4", absent, tags)
    made["v1"] = numbers(np.array([np.nan, -1, -4]), "<f8", absent, tags)
    replace_rows(path, LAYOUT, [made])
    frame = pd.read_stata(path, convert_missing=True)
    assert [[str(cell) for cell in frame[name]] for name in "ab"] == [[".", ".a", ".d"]] * 2


def test_a_word_that_has_no_room_is_refused() -> None:
    assert words(["é", None], 2).tolist() == [b"\xc3\xa9", b""]
    with pytest.raises(ValueError, match="2 bytes"):
        words(["éa"], 2)
