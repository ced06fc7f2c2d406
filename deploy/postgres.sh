#!/bin/bash
# Run once by the PostgreSQL image: a role and a database for each service, which no other role may enter.
set -euo pipefail
for service in gateway ingest survey qual analytics; do
  psql -v ON_ERROR_STOP=1 -v role="$service" -v password="$ASSENT_DATABASE_PASSWORD" --username postgres <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role";
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
SQL
done
