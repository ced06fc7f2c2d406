"""People known again without being kept, and secrets that a copy of the database does not give away."""

import pytest
from cryptography.exceptions import InvalidTag

from assent_survey.domain.blind import BlindIndex, new_withdrawal_code
from assent_survey.domain.sealing import Seal


def test_equal_names_in_one_place_have_one_index() -> None:
    blind, other = BlindIndex(b"k" * 32), BlindIndex(b"o" * 32)
    jane = blind.respondent("col_1", "jane@example.org")
    assert jane == blind.respondent("col_1", "jane@example.org")
    others = [
        blind.respondent("col_2", "jane@example.org"),
        blind.respondent("col_1", "Jane@example.org"),
        blind.response("col_1", "jane@example.org"),
        other.respondent("col_1", "jane@example.org"),
    ]
    assert jane not in others
    assert "jane" not in jane


def test_a_code_is_known_however_it_is_typed() -> None:
    blind, code = BlindIndex(b"k" * 32), new_withdrawal_code()
    assert blind.code("stu_a", code) == blind.code("stu_a", f" {code.lower().replace('-', ' ')} ")
    assert blind.code("stu_a", code) != blind.code("stu_b", code)


def test_codes_are_long_and_never_alike() -> None:
    codes = {new_withdrawal_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code.replace("-", "")) for code in codes} == {26}


def test_a_sealed_secret_opens_for_its_connection_only() -> None:
    seal = Seal(b"k" * 32)
    sealed = seal.close("whsec_x", connection="con_1")
    assert "whsec" not in sealed
    assert seal.open(sealed, connection="con_1") == "whsec_x"
    with pytest.raises(InvalidTag):
        seal.open(sealed, connection="con_2")
    with pytest.raises(InvalidTag):
        Seal(b"o" * 32).open(sealed, connection="con_1")
