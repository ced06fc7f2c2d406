"""Every record of the reference set is compared with by some test, or is named here with the reason why not.

Families are noted as the test modules of this folder are imported; see `reference.family`. The list that is left is what the engine
does not claim.
"""

import importlib
import re
from pathlib import Path

from tests.analytics.estimation.reference import FAMILIES, results
from tests.support import shared

UNCOVERED: dict[str, str] = {}
"""Patterns of records that no test compares with, and why."""


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


def test_excuses_are_few_and_needed() -> None:
    left = [f"{file}: {name}" for file, names in uncovered().items() for name in names]
    assert all(any(re.fullmatch(pattern, name) for name in left) for pattern in UNCOVERED)
    assert len(left) <= 20
