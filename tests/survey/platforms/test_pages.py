"""The operators' pages: one for each platform, with what an operator needs, and examples that are read as they stand."""

import json
import re

import pytest
from tests.support import ROOT

from assent_survey.domain.mapping import Mapping
from assent_survey.domain.submission import Submission
from assent_survey.platforms import PLATFORMS, SOURCES

PAGES = ROOT / "docs" / "platforms"
SECTIONS = [
    "What you need",
    "Connect",
    "What arrives",
    "How answers are named",
    "Secrets and rotation",
    "Retries and what can be lost",
    "Checking it works",
]


@pytest.mark.parametrize("name", list(PLATFORMS))
def test_every_platform_has_its_page(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert sections[: len(SECTIONS)] == SECTIONS
    assert ("Fetching and reconciling" in sections) == (name in SOURCES)
    assert f"platform `{name}`" in text
    assert f"[{name}]({name}.md)" in (PAGES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_links_lead_somewhere(page: object) -> None:
    text = (PAGES / str(page)).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text):
        assert (PAGES / target).exists(), target


def test_the_examples_are_read_as_they_stand() -> None:
    (body,) = re.findall(r"```json\n(.+?)```", (PAGES / "standard_webhooks.md").read_text(encoding="utf-8"), re.DOTALL)
    submission = PLATFORMS["standard_webhooks"].parse(body.encode(), {})
    assert isinstance(submission, Submission)
    assert (submission.text("respondent"), submission.version, submission.form_version) == ("token-0001", 1, "7")
    (mapping,) = re.findall(r"```json\n(.+?)```", (PAGES / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert Mapping.model_validate(json.loads(mapping)).respondent == "hidden.visitor"
