"""Bodies that are forms: as many fields as a form may have, and none left out in silence."""

import pytest

from assent_survey.domain.submission import Unreadable
from assent_survey.platforms.form_bodies import MOST_FIELDS, read_form

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=made-by-us"


def body(kind: str, fields: int) -> bytes:
    if kind == URLENCODED:
        return "&".join(f"q{number}=yes" for number in range(fields)).encode()
    part = '--made-by-us\r\nContent-Disposition: form-data; name="q{}"\r\n\r\nyes\r\n'
    return ("".join(part.format(number) for number in range(fields)) + "--made-by-us--").encode()


@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART])
def test_a_form_is_read_whole_or_not_at_all(kind: str) -> None:
    assert len(read_form(body(kind, MOST_FIELDS), {"content-type": kind})) == MOST_FIELDS
    with pytest.raises(Unreadable):
        read_form(body(kind, MOST_FIELDS + 1), {"content-type": kind})
