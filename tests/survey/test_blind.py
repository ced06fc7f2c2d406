"""Blind indexes of many names at once are those of each by itself."""

import pytest

from assent_survey.domain.blind import DIGEST, BlindIndex

NAMES = ["Anne Example", "", "p1", "Ægir\x1f7", "x" * 500]


@pytest.mark.parametrize("length", [1, 32, 64, 65, 200])
def test_many_at_once_are_as_each_by_itself(length: int) -> None:
    blind = BlindIndex(bytes(range(length)))

    def parted(digests: bytes) -> list[str]:
        return [digests[start : start + DIGEST].hex() for start in range(0, len(digests), DIGEST)]

    assert parted(blind.respondents("col_1", NAMES)) == [blind.respondent("col_1", name) for name in NAMES]
    assert parted(blind.responses("col_1/tally", NAMES)) == [blind.response("col_1/tally", name) for name in NAMES]
    assert parted(blind.contents(zip(NAMES, NAMES, strict=True))) == [blind.content(name, name) for name in NAMES]
