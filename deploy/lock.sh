#!/usr/bin/env bash
# Resolves the dependencies of every service again: hashes, and no address of any index. Run by `make lock`.
set -euo pipefail
cd "$(dirname "$0")/.."

own=(contracts kit gateway ingest survey qual analytics standalone)
options=(--quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links)
for package in "${own[@]}"; do options+=(--no-emit-package "assent-$package"); done

# Development first: the others then take the very versions that were tested.
.venv/bin/uv pip compile "${options[@]}" "$@" requirements/development.in -o requirements/development.txt
for service in standalone gateway ingest survey qual analytics second-opinion; do
  .venv/bin/uv pip compile "${options[@]}" "$@" -c requirements/development.txt "requirements/$service.in" -o "requirements/$service.txt"
done
