"""Databases that have heard a survey, to copy; and every analysis of one, made once."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.analyses.answering import Answered, answer_all
from tests.analytics.analyses.panel import answer_panel
from tests.analytics.analyses.running_r import run_r, why_not
from tests.analytics.analyses.survey import lopsided_survey, whole_survey
from tests.analytics.conftest import Analytics, hear_into, started

from assent_contracts.events.state import State
from assent_contracts.registry import EventType

SURVEYS: dict[str, Callable[[], Iterable[tuple[EventType, State]]]] = {
    "whole": whole_survey,
    "small": lambda: whole_survey(parents=120),
    "few": lambda: whole_survey(parents=7),
    "nobody": lambda: whole_survey(parents=0),
    "lopsided": lopsided_survey,
}


@pytest.fixture(scope="session")
def surveys(studies: Path) -> Path:
    """Databases to copy: each has heard the parents' study and one of the surveys, by its name."""
    for name, events in SURVEYS.items():
        hear_into(shutil.copy(studies / "heard.db", studies / f"{name}.db"), events())
    return studies


@pytest.fixture
async def surveyed(surveys: Path, tmp_path: Path) -> AsyncIterator[Analytics]:
    """Analytics that has heard the whole survey too."""
    async with started(shutil.copy(surveys / "whole.db", tmp_path / "analytics.db")) as analytics:
        yield analytics


@pytest.fixture
async def hard(request: pytest.FixtureRequest, surveys: Path, tmp_path: Path) -> AsyncIterator[Analytics]:
    """Analytics that has heard the survey which the test names."""
    async with started(shutil.copy(surveys / f"{request.param}.db", tmp_path / "analytics.db")) as analytics:
        yield analytics


@pytest.fixture(scope="session")
def answered(surveys: Path, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """Every method's analysis of the whole survey, and some of the panel; R has done them too where it can."""
    place = tmp_path_factory.mktemp("answered")

    async def answer() -> Answered:
        async with started(shutil.copy(surveys / "whole.db", place / "whole.db")) as analytics:
            found = await answer_all(analytics, place)
        async with started(shutil.copy(surveys / "heard.db", place / "panel.db")) as analytics:
            await answer_panel(analytics, found, place)
        return found

    found: Answered = _apart(answer())
    if why_not() is None:
        run_r(found.in_r.values(), place)
    return found


def _apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Do it in an event loop of its own, whichever loop the test will have."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
