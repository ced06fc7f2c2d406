"""Counting deliveries that wait or are held, for the metrics on which an operator sets alarms."""

from assent_kit.database import Database
from assent_kit.metrics import DELIVERIES_AGE, DELIVERIES_HELD
from assent_kit.tables import now
from assent_survey.settings import SurveySettings
from assent_survey.store.deliveries import count_open


def count_held(database: Database, settings: SurveySettings) -> bool:  # noqa: ARG001 - a worker's face
    """Count once. What is held no more disappears from the metrics."""
    counted, moment = database.read_blocking(count_open), now()
    DELIVERIES_HELD.clear()
    DELIVERIES_AGE.clear()
    ages: dict[str, float] = {}
    for state, reason, count, oldest in counted:
        DELIVERIES_HELD.labels("survey", state, reason or "").set(count)
        ages[state] = max(ages.get(state, 0.0), (moment - oldest).total_seconds())
    for state, age in ages.items():
        DELIVERIES_AGE.labels("survey", state).set(age)
    return False
