"""What survey does as jobs: exports, imports and reconciliations. Each kind names who performs it; `work` runs them."""

from assent_kit.jobs.worker import Perform

OWNER = "sur"
"""The service's prefix in the ids of jobs."""

KINDS: dict[str, Perform] = {}
