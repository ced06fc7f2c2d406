#!/usr/bin/env bash
# Installs what SERVICE needs at the versions and hashes of its lock, then the project's own packages.
# SERVICE: gateway, ingest, survey, qual, analytics, standalone or development. `--editable` is for working on the code.
set -euo pipefail
cd "$(dirname "$0")/.."

service=${1:?which service?}
editable=${2:-}
python=${PYTHON:-python3}
quiet=(--quiet --quiet --disable-pip-version-check --no-input)

case $service in
  gateway) packages=(libs/contracts libs/kit gateway) ;;
  ingest | survey | qual | analytics) packages=(libs/contracts libs/kit "services/$service") ;;
  standalone | development)
    packages=(libs/contracts libs/kit gateway services/ingest services/survey services/qual services/analytics libs/standalone) ;;
  *) echo "There is no service called $service." >&2; exit 2 ;;
esac

echo "Installing the dependencies of $service …"
"$python" -m pip install "${quiet[@]}" --require-hashes -r "requirements/$service.txt"
own=()
for package in "${packages[@]}"; do own+=(${editable:+-e} "./$package"); done
"$python" -m pip install "${quiet[@]}" --no-deps --no-build-isolation "${own[@]}"
