"""The list of decisions names every page by its title, in order."""

from pathlib import Path

DECISIONS = Path(__file__).resolve().parents[2] / "docs" / "decisions"


def test_every_decision_is_listed_by_its_title() -> None:
    pages = sorted(page for page in DECISIONS.glob("*.md") if page.name != "README.md")
    expected = [f"- [{page.read_text(encoding='utf-8').splitlines()[0].removeprefix('# ')}]({page.name})" for page in pages]
    listed = [line for line in (DECISIONS / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    assert listed == expected


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(page.name[:4]) for page in DECISIONS.glob("0*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
