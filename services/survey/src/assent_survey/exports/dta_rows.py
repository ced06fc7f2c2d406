"""The rows of a Stata file (release 118), put as they come into a file that ReadStat has written.

ReadStat knows everything that stands around the rows, but takes them only as a whole frame: a gigabyte for a million of them. So it writes
one row, and that is replaced. Not here: names, labels and formats, which are ReadStat's.
Source: Stata, `help dta`, "Description of the .dta file format 118": header, map, data, and the codes of missing values.
"""

import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BEGINS = b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder>"
GREATEST = {"<i4": 2_147_483_620, "<f8": float.fromhex("0x1.fffffffffffffp+1022")}
"""Of each kind of number; what would be greater stands for a missing answer."""
_MISSING = {"<i4": (0x7FFF_FFE5, 1, "<i4"), "<f8": (0x7FE0_0000_0000_0000, 0x0000_0100_0000_0000, "<u8")}
"""Of each kind: the bits of `.`, what leads from each to the next, and how they are read as a whole number."""
_COUNT, _MAP = b"<N>", b"<map>"
_PLACES = struct.Struct("<14Q")
_DATA, _STRLS = 9, 10  # in the map
_TAGS = (len(b"<data>"), len(b"</data>"))


def numbers(column: NDArray[np.generic], kind: str, absent: NDArray[np.bool_], tags: dict[int, int]) -> NDArray[np.generic]:
    """A column as Stata keeps it: `.` where it is absent, `.a` for the numbers whose tag is 1, and so on.

    Raises ValueError for a number that is greater than Stata can keep.
    """
    first, step, whole = _MISSING[kind]
    kept = column.astype(kind)
    bits = kept.view(whole)
    with np.errstate(invalid="ignore"):
        if (np.abs(column[~absent].astype(float)) > GREATEST[kind]).any():
            raise ValueError("a number is greater than Stata can keep")
    for number, tag in tags.items():
        bits[column == number] = first + step * tag
    bits[absent] = first
    return kept


def words(column: Iterable[str | None], width: int) -> NDArray[np.bytes_]:
    """Texts of so many bytes each. Raises ValueError for a longer one."""
    encoded = [(word or "").encode() for word in column]
    if any(len(each) > width for each in encoded):
        raise ValueError(f"a word is longer than {width} bytes")
    return np.array(encoded, dtype=f"S{width}")


def replace_rows(path: Path, layout: "np.dtype[np.void]", parts: Iterable[NDArray[np.void]]) -> None:
    """Put these rows, which are laid out so, in the place of the one row of a file. Raises ValueError for another file."""
    with path.open("r+b") as file:
        head = file.read(len(BEGINS) + 4096)
        count_at, map_at = head.index(_COUNT) + len(_COUNT), head.index(_MAP) + len(_MAP)
        places = list(_PLACES.unpack_from(head, map_at))
        begin, end = places[_DATA] + _TAGS[0], places[_STRLS] - _TAGS[1]
        if not head.startswith(BEGINS) or end - begin != layout.itemsize:
            raise ValueError("the file is not of release 118, or its row is laid out otherwise")
        file.seek(end)
        after = file.read()
        file.seek(begin)
        rows = 0
        for part in parts:
            file.write(part.tobytes())
            rows += len(part)
        file.write(after)
        file.truncate()
        grown = (rows - 1) * layout.itemsize
        file.seek(count_at)
        file.write(struct.pack("<Q", rows))
        file.seek(map_at)
        file.write(_PLACES.pack(*places[:_STRLS], *(place + grown for place in places[_STRLS:])))
