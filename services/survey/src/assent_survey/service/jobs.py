"""What survey does as jobs: exports, imports and reconciliations. Each kind names who performs it; `work` runs them."""

from assent_kit.jobs.worker import Perform
from assent_survey.service import make_export as export
from assent_survey.service import run_import
from assent_survey.service.ask_import import KIND as IMPORT

OWNER = "sur"
"""The service's prefix in the ids of jobs."""

KINDS: dict[str, Perform] = {export.KIND: export.make_export, IMPORT: run_import.run_import}
