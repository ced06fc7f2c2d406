"""AAPOR's rates: published figures, their order, and what cannot be said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_survey.domain.response_rates import (
    DISPOSITIONS,
    RATES,
    Disposition,
    Eligibility,
    outcome_rates,
    proportional_allocation,
    rates_of,
)

# The example of the R package outcomerate (CC0), as its documentation prints it, with e by its `eligibility_rate`.
EXAMPLE: dict[Disposition, int] = {"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1}
PRINTED = {
    "RR1": 0.364, "RR2": 0.545, "RR3": 0.370, "RR4": 0.556, "RR5": 0.444, "RR6": 0.667,
    "COOP1": 0.500, "COOP2": 0.750, "COOP3": 0.571, "COOP4": 0.857,
    "REF1": 0.091, "REF2": 0.093, "REF3": 0.111, "CON1": 0.727, "CON2": 0.741, "CON3": 0.889,
}  # fmt: skip

cases = st.fixed_dictionaries({name: st.integers(0, 500) for name in DISPOSITIONS})
shares = st.floats(0, 1)


def values(counts: dict[Disposition, int], e: Eligibility | None) -> dict[str, float]:
    return {name: figure.value for name, figure in outcome_rates(counts, e).items() if figure.value is not None}


def test_the_rates_of_a_published_example() -> None:
    e = proportional_allocation(EXAMPLE)
    assert e is not None
    assert e.share == pytest.approx(0.9)
    assert {name: round(value, 3) for name, value in values(EXAMPLE, e).items()} == PRINTED


@pytest.mark.parametrize(
    ("rate", "numerator", "denominator"),
    [
        ("RR1", 520, 2000), ("RR2", 600, 2000), ("RR3", 520, 1700), ("RR4", 600, 1700), ("RR5", 520, 1500), ("RR6", 600, 1500),
        ("COOP1", 520, 1100), ("COOP2", 600, 1100), ("COOP3", 520, 1000), ("COOP4", 600, 1000),
        ("REF1", 400, 2000), ("REF2", 400, 1700), ("REF3", 400, 1500), ("CON1", 1100, 2000), ("CON2", 1100, 1700), ("CON3", 1100, 1500),
    ],
)  # fmt: skip
def test_each_rate_by_its_formula(rate: str, numerator: int, denominator: int) -> None:
    counts: dict[Disposition, int] = {"I": 520, "P": 80, "R": 400, "O": 100, "NC": 400, "UH": 300, "UO": 200, "NE": 1000}
    assert values(counts, Eligibility(0.4, "given"))[rate] == pytest.approx(numerator / denominator)


@given(cases, shares)
def test_the_order_of_the_rates(counts: dict[Disposition, int], share: float) -> None:
    found = values(counts, Eligibility(share, "given"))
    order = [("RR1", "RR3"), ("RR3", "RR5"), ("RR2", "RR4"), ("RR4", "RR6"), ("RR1", "RR2"), ("RR3", "RR4"), ("RR5", "RR6")]
    order += [("COOP1", "COOP2"), ("COOP1", "COOP3"), ("COOP2", "COOP4"), ("COOP3", "COOP4")]
    order += [("REF1", "REF2"), ("REF2", "REF3"), ("CON1", "CON2"), ("CON2", "CON3"), ("RR2", "CON1"), ("RR6", "CON3")]
    for smaller, greater in order:
        if smaller in found and greater in found:
            assert found[smaller] <= found[greater] + 1e-12
    assert all(0 <= value <= 1 for value in found.values())


@given(cases)
def test_e_at_its_ends(counts: dict[Disposition, int]) -> None:
    all_eligible, none_eligible = values(counts, Eligibility(1.0, "given")), values(counts, Eligibility(0.0, "given"))
    assert all_eligible.get("RR3") == all_eligible.get("RR1")
    assert none_eligible.get("RR4") == none_eligible.get("RR6")


@given(cases, st.integers(2, 9))
def test_many_times_as_many_cases_have_the_same_rates(counts: dict[Disposition, int], times: int) -> None:
    more = {name: count * times for name, count in counts.items()}
    e = proportional_allocation(counts)
    assert values(more, proportional_allocation(more)) == pytest.approx(values(counts, e))


@given(cases)
def test_what_cannot_be_computed_says_why(counts: dict[Disposition, int]) -> None:
    for figure in outcome_rates(counts, proportional_allocation(counts)).values():
        assert (figure.value is None) == (figure.why is not None)


def test_without_any_case_there_is_no_rate() -> None:
    assert proportional_allocation({}) is None
    assert {figure.why for figure in outcome_rates({}, None).values()} == {"no_cases"}
    unknown = outcome_rates({"UH": 3}, None)
    assert (unknown["RR1"].value, unknown["RR3"].why, unknown["RR5"].why) == (0.0, "eligibility_unknown", "no_cases")


@pytest.mark.parametrize("sampling", ["quota", "opt_in"])
def test_samples_not_drawn_at_random_have_a_participation_rate_only(sampling: str) -> None:
    rates = rates_of(EXAMPLE, None, sampling=sampling, base_known=True)  # type: ignore[arg-type]
    assert {rates[name].why for name in RATES} == {"not_a_probability_sample"}
    assert rates["participation"].value == pytest.approx(6 / 12)
    assert rates_of(EXAMPLE, None, sampling=sampling, base_known=False)["participation"].why == "issued_unknown"  # type: ignore[arg-type]


def test_where_nobody_knows_how_many_were_asked_only_cooperation_is_known() -> None:
    rates = rates_of({"I": 9, "R": 1}, None, sampling="probability", base_known=False)
    assert rates["COOP1"].value == pytest.approx(0.9)
    assert {rates[name].why for name in RATES if not name.startswith("COOP")} == {"issued_unknown"}
    assert rates["participation"].why == "a_probability_sample"
