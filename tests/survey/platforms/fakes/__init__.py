"""Fakes of the APIs of platforms, made by us: no vendor's code, and synthetic answers only."""

from tests.survey.platforms.fakes.fake import Fake
from tests.survey.platforms.fakes.qualtrics import FakeQualtrics
from tests.survey.platforms.fakes.redcap import FakeRedcap
from tests.survey.platforms.fakes.surveymonkey import FakeSurveyMonkey

FAKES: dict[str, type[Fake]] = {fake.name: fake for fake in (FakeSurveyMonkey, FakeQualtrics, FakeRedcap)}
