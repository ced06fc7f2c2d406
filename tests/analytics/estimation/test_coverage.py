"""Every record of the reference set is compared with by some test, or is named here with the reason why not.

Families are noted as the test modules of this folder are imported; see `reference.family`. The list that is left is what the engine
does not claim.
"""

import importlib
import re
from pathlib import Path

from tests.analytics.estimation.reference import FAMILIES, results
from tests.support import shared

UNCOVERED: dict[str, str] = {
    r"0._.*\.json: versions": "names the versions of R packages, no figure",
    r"06_psych\.json: cfa/.*wlsmv": "factor analysis of ordered items by weighted least squares: optional, and not offered; "
    "the polychoric correlations that it rests on are covered",
}
"""Patterns of records that no test compares with, and why."""

LIST = Path(__file__).with_name("uncovered.md")


def uncovered() -> dict[str, list[str]]:
    """The records that no family covers, by file."""
    here = Path(__file__).parent
    for module in sorted(here.rglob("test_*.py")):
        importlib.import_module(".".join(["tests.analytics.estimation", *module.relative_to(here).with_suffix("").parts]))
    found: dict[str, list[str]] = {}
    for file in sorted(shared("stats-ref", "results").glob("0*.json")):
        patterns = [pattern for of_file, pattern in FAMILIES if of_file == file.name]
        left = [name for name in results(file.name) if not any(re.fullmatch(pattern, name) for pattern in patterns)]
        if left:
            found[file.name] = left
    return found


def test_every_record_is_compared_with_or_excused() -> None:
    left = [f"{file}: {name}" for file, names in uncovered().items() for name in names]
    unexcused = [name for name in left if not any(re.fullmatch(pattern, name) for pattern in UNCOVERED)]
    assert unexcused == []


def as_text() -> str:
    """The list as it is kept beside the tests; `python -m tests.analytics.estimation.test_coverage` writes it."""
    lines = ["# Records of R that no test compares with", ""]
    for file, names in uncovered().items():
        for name in names:
            reason = next(reason for pattern, reason in UNCOVERED.items() if re.fullmatch(pattern, f"{file}: {name}"))
            lines.append(f"- `{name}` of {file}: {reason}.")
    return "\n".join([*lines, ""])


def test_the_list_is_fresh() -> None:
    """Another half of the records may add lines, for the same reasons; none may be out of date."""
    assert set(LIST.read_text().splitlines()) <= set(as_text().splitlines())


def test_excuses_are_few_and_needed() -> None:
    left = [f"{file}: {name}" for file, names in uncovered().items() for name in names]
    assert all(any(re.fullmatch(pattern, name) for name in left) for pattern in UNCOVERED)
    assert len(left) <= 20


if __name__ == "__main__":
    LIST.write_text(as_text())
