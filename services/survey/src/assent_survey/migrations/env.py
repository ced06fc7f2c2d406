"""What Alembic runs: the kit does, with this service's tables, which the app knows all of."""

from assent_kit.migrations import run
from assent_survey.app import SERVICE

run(SERVICE.tables)
