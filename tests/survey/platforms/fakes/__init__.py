"""Fakes of the APIs of platforms, made by us: no vendor's code, and synthetic answers only."""

from tests.survey.platforms.fakes.alchemer import FakeAlchemer
from tests.survey.platforms.fakes.fake import Fake
from tests.survey.platforms.fakes.formbricks import FakeFormbricks
from tests.survey.platforms.fakes.jotform import FakeJotform
from tests.survey.platforms.fakes.kobo import FakeKobo
from tests.survey.platforms.fakes.limesurvey import FakeLimeSurvey
from tests.survey.platforms.fakes.odk_central import FakeOdkCentral
from tests.survey.platforms.fakes.qualtrics import FakeQualtrics
from tests.survey.platforms.fakes.redcap import FakeRedcap
from tests.survey.platforms.fakes.surveymonkey import FakeSurveyMonkey
from tests.survey.platforms.fakes.tally import FakeTally
from tests.survey.platforms.fakes.typeform import FakeTypeform

FAKES: dict[str, type[Fake]] = {
    fake.name: fake
    for fake in (
        FakeSurveyMonkey,
        FakeQualtrics,
        FakeRedcap,
        FakeKobo,
        FakeOdkCentral,
        FakeLimeSurvey,
        FakeFormbricks,
        FakeTypeform,
        FakeTally,
        FakeJotform,
        FakeAlchemer,
    )
}
