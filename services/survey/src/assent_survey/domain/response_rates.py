"""Response rates by AAPOR: what share of those who were asked took part, computed from the final dispositions of all cases.

Source: The American Association for Public Opinion Research, Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for
Surveys (9th edition 2016, 10th edition 2023), the sections on outcome rates: RR1-RR6, COOP1-COOP4, REF1-REF3, CON1-CON3. The share of
cases of unknown eligibility that are eligible, e, is by proportional allocation (the CASRO method) unless it is given.

Not here: which case has which disposition (dispositions).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from assent_contracts.stances import Sampling

Disposition = Literal["I", "P", "R", "NC", "O", "UH", "UO", "NE"]
"""Complete interview; partial interview; refusal and break-off; non-contact; other non-interview; unknown if eligible at all; unknown,
other; not eligible."""
Why = Literal["no_cases", "issued_unknown", "eligibility_unknown", "not_a_probability_sample", "a_probability_sample"]
EligibilityBy = Literal["given", "proportional_allocation"]

SOURCE = "AAPOR, Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys, 10th edition, 2023"
DISPOSITIONS: tuple[Disposition, ...] = get_args(Disposition)
RATES = (
    *(f"RR{number}" for number in range(1, 7)),
    *(f"COOP{number}" for number in range(1, 5)),
    *(f"REF{number}" for number in range(1, 4)),
    *(f"CON{number}" for number in range(1, 4)),
)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """e, the share of cases of unknown eligibility that are taken to be eligible, 0 to 1, and how it came about."""

    share: float
    by: EligibilityBy


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate, 0 to 1; or None and why it cannot be computed."""

    value: float | None
    why: Why | None = None


def proportional_allocation(counts: Mapping[Disposition, int]) -> Eligibility | None:
    """e as the share of the eligible among the cases whose eligibility is known; None where it is known of nobody."""
    n = {name: counts.get(name, 0) for name in DISPOSITIONS}
    eligible = n["I"] + n["P"] + n["R"] + n["NC"] + n["O"]
    known = eligible + n["NE"]
    return Eligibility(eligible / known, "proportional_allocation") if known else None


def outcome_rates(counts: Mapping[Disposition, int], e: Eligibility | None) -> dict[str, Figure]:
    """Every rate by its AAPOR name. Without an `e` those that need one are None."""
    n = {name: counts.get(name, 0) for name in DISPOSITIONS}
    interviews = n["I"] + n["P"]
    eligible = interviews + n["R"] + n["NC"] + n["O"]
    unknown = n["UH"] + n["UO"]
    share = None if e is None and unknown else (e.share if e is not None else 0.0)
    allocated = None if share is None else eligible + share * unknown
    reached = interviews + n["R"] + n["O"]
    answered = {1: n["I"], 2: interviews}
    return {
        "RR1": _rate(n["I"], eligible + unknown),
        "RR2": _rate(interviews, eligible + unknown),
        "RR3": _rate(n["I"], allocated),
        "RR4": _rate(interviews, allocated),
        "RR5": _rate(n["I"], eligible),
        "RR6": _rate(interviews, eligible),
        "COOP1": _rate(answered[1], reached),
        "COOP2": _rate(answered[2], reached),
        "COOP3": _rate(answered[1], interviews + n["R"]),
        "COOP4": _rate(answered[2], interviews + n["R"]),
        "REF1": _rate(n["R"], eligible + unknown),
        "REF2": _rate(n["R"], allocated),
        "REF3": _rate(n["R"], eligible),
        "CON1": _rate(reached, eligible + unknown),
        "CON2": _rate(reached, allocated),
        "CON3": _rate(reached, eligible),
    }


def rates_of(
    counts: Mapping[Disposition, int], e: Eligibility | None, *, sampling: Sampling, base_known: bool
) -> dict[str, Figure]:
    """The rates that mean something for this sample, the participation rate among them.

    Those who were not drawn at random have no response rate; for them AAPOR (10th edition, on nonprobability and opt-in samples) asks for
    the participation rate: usable responses among all who were personally invited. Where it is not known how many were asked
    (`base_known`), nothing that counts the silent can be said.
    """
    if sampling != "probability":
        rates = dict.fromkeys(RATES, Figure(None, "not_a_probability_sample"))
        return {**rates, "participation": _participation(counts, base_known=base_known)}
    rates = outcome_rates(counts, e)
    if not base_known:
        of_everyone = [name for name in RATES if not name.startswith("COOP")]
        rates |= dict.fromkeys(of_everyone, Figure(None, "issued_unknown"))
    return {**rates, "participation": Figure(None, "a_probability_sample")}


def _participation(counts: Mapping[Disposition, int], *, base_known: bool) -> Figure:
    if not base_known:
        return Figure(None, "issued_unknown")
    return _rate(counts.get("I", 0) + counts.get("P", 0), sum(counts.values()))


def _rate(part: float, whole: float | None) -> Figure:
    if whole is None:
        return Figure(None, "eligibility_unknown")
    return Figure(part / whole) if whole else Figure(None, "no_cases")


def remarks(counts: Mapping[Disposition, int], e: Eligibility | None, *, sampling: Sampling, base_known: bool) -> list[str]:
    """What a reader must know of these rates, in sentences."""
    if sampling != "probability":
        return [
            "The sample was not drawn at random, so it has no response rate; report the participation rate.",
            *([] if base_known else ["How many were invited is not known, so there is no participation rate either."]),
        ]
    if not base_known:
        return ["How many were asked is not known: set the collection's `issued`, issue tokens, or report dispositions."]
    said = ["RR5, RR6, REF3 and CON3 suppose that none of the cases of unknown eligibility is eligible."]
    if e is not None and e.by == "given":
        said.append("e was given by the researcher.")
    elif e is not None:
        said.append("e is the share of the eligible among the cases whose eligibility is known (proportional allocation, CASRO).")
        if not counts.get("NE"):
            said.append("No case is reported as not eligible, so e is 1, and RR3 and RR4 are RR1 and RR2.")
    return said
