"""Dates as they are known, harmless names, and who speaks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_ingest.domain.documents import may_be_quoted, period_of, plain_filename, usual_author
from assent_ingest.domain.reading import Reading


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2019-05-03", date(2019, 5, 3), date(2019, 5, 3)),
    ],
)
def test_a_date_is_the_days_it_may_mean(written: str, first: date, last: date) -> None:
    assert (period_of(written).first, period_of(written).last) == (first, last)


@pytest.mark.parametrize("written", ["", "19", "2019-13", "2019-02-30", "2019-5", "0000", "2019-05-03T10:00", "٢٠١٩-٠٥x"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        period_of(written)


@given(st.text(max_size=300))
def test_a_file_name_is_harmless(name: str) -> None:
    plain = plain_filename(name, "document")
    assert 0 < len(plain) <= 120
    assert not set(plain) & set('/\\"\r\n;\0')
    assert not plain.startswith(".")


def test_a_forum_thread_is_taken_to_be_people() -> None:
    assert usual_author("forum_thread") == "private_person"
    assert usual_author("report") == "institution"
    assert may_be_quoted("institution")
    assert not may_be_quoted("private_person")


@pytest.mark.parametrize("status", ["ready", "partial"])
def test_nothing_is_ready_without_text(status: str) -> None:
    with pytest.raises(ValueError, match="must have text"):
        Reading("txt", status, (), "reader")  # type: ignore[arg-type]
