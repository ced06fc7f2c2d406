#!/usr/bin/env bash
# Prints fresh secrets in the form of an .env file. Run once by `make up`; keep the file, or the keys and pseudonyms made with it are lost.
set -euo pipefail
private=$(openssl genpkey -algorithm ed25519)
public=$(openssl pkey -pubout <<< "$private")
one_line() { awk 'BEGIN { ORS = "\\n" } { print }' <<< "$1"; }
cat <<ENV
ASSENT_GATEWAY_PRIVATE_KEY="$(one_line "$private")"
ASSENT_GATEWAY_PUBLIC_KEY="$(one_line "$public")"
ASSENT_KEY_PEPPER=$(openssl rand -hex 32)
ASSENT_SURVEY_KEY=$(openssl rand -hex 32)
ASSENT_DATABASE_PASSWORD=$(openssl rand -hex 24)
POSTGRES_PASSWORD=$(openssl rand -hex 24)
ENV
