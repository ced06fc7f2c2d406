# One word for each thing that is done here. `make` alone lists them.

SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := assent_contracts assent_kit assent_gateway assent_ingest assent_survey assent_qual assent_analytics assent_standalone
SOURCES := libs services gateway tests bench

.DEFAULT_GOAL := help

.PHONY: help
help: ## List what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## ?(.*)/  make \1	\2/' | expand -t 16

.PHONY: demo
demo: $(VENV)/.runtime ## Start everything in one process with a synthetic study, at 127.0.0.1:$(PORT)
	@$(BIN)/assent demo --port $(PORT)

.PHONY: test
test: $(VENV)/.development ## Run the tests; those that need PostgreSQL, Kafka or the reference data say so when they skip
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

.PHONY: check
check: $(VENV)/.development ## Format, lint, types, import rules, generated files fresh, manifests valid
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports
	$(BIN)/python -m assent_standalone.docs --check
	$(BIN)/python -m pytest -q tests/k8s tests/deploy/test_compose.py

.PHONY: docs
docs: $(VENV)/.development ## Write the generated files: events, schemas, settings, OpenAPI, problems
	$(BIN)/python -m assent_standalone.docs

.PHONY: format
format: $(VENV)/.development ## Format the code
	$(BIN)/ruff check --fix-only -q $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

.PHONY: up
up: .env ## Start the five services, their consumers, PostgreSQL and Kafka with docker compose
	docker compose up --build --wait
	@echo "Serving at http://127.0.0.1:8000/docs. The first key: docker compose exec gateway python -m assent_gateway bootstrap"

.env:
	@umask 077 && deploy/secrets.sh > $@ && echo "Wrote fresh secrets to .env: keep it."

.PHONY: bench
bench: $(VENV)/.development ## Measure, side by side with the bare floor; prints ratios
	@for file in bench/fsync.py bench/webhooks.py bench/imports.py bench/lists.py bench/gateway_hop.py bench/freshness.py bench/reading.py bench/estimates.py bench/small_estimates.py bench/restart.py bench/exports.py; do $(BIN)/python $$file || exit 1; done

.PHONY: chaos
chaos: $(VENV)/.development ## Kill processes and stop the broker for a minute, on real PostgreSQL and Kafka
	@$(BIN)/python -m pytest -m chaos tests/chaos

.PHONY: lock
lock: $(VENV)/.development ## Resolve the dependencies again, with hashes and without any index address
	@deploy/lock.sh

.PHONY: clean
clean: ## Remove the demo's data and the installed environment
	rm -rf .demo $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Assent needs Python 3.11 or newer: set PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian, apt install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements/standalone.txt $(wildcard libs/*/pyproject.toml services/*/pyproject.toml gateway/pyproject.toml) | $(VENV)/bin/python
	@PYTHON=$(BIN)/python deploy/install.sh standalone --editable
	@touch $@

$(VENV)/.development: requirements/development.txt $(VENV)/.runtime
	@PYTHON=$(BIN)/python deploy/install.sh development --editable
	@touch $@
