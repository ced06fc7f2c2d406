"""Long work as jobs: a row says what is to be done and how far it is; a worker in `consume` does it; a client watches or cancels
it.

A service that wants jobs takes a table (`table.job_table`), a router (`api.jobs_router`) and two workers (`worker.job_workers`).
What is to be done is named by a `kind` and a small request; what came of it is a reference to a resource of the service, never
the thing itself, so that a job holds nothing personal and can be forgotten.
"""
