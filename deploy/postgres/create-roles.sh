#!/bin/bash
# Run once, when the data directory is made: the roles, their passwords, and the database of the owner.
# No role of the product is a superuser or bypasses row-level security.
set -eu

OWNER_PASSWORD=$(cat /run/secrets/owner_password)
APPLICATION_PASSWORD=$(cat /run/secrets/database_password)
PLATFORM_PASSWORD=$(cat /run/secrets/platform_password)
export OWNER_PASSWORD APPLICATION_PASSWORD PLATFORM_PASSWORD

run() { psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" "$@"; }

run --dbname postgres --file /chatorical/roles.sql
run --dbname postgres <<'SQL'
\getenv owner OWNER_PASSWORD
\getenv application APPLICATION_PASSWORD
\getenv platform PLATFORM_PASSWORD
ALTER ROLE chatorical_owner PASSWORD :'owner';
ALTER ROLE chatorical PASSWORD :'application';
ALTER ROLE chatorical_operator PASSWORD :'platform';
CREATE DATABASE chatorical OWNER chatorical_owner;
REVOKE CONNECT ON DATABASE chatorical FROM PUBLIC;
GRANT CONNECT ON DATABASE chatorical TO chatorical, chatorical_operator;
SQL
run --dbname chatorical --file /chatorical/database.sql
