#!/bin/bash
# Run once, when the data directory is made. The application's role owns its database and nothing
# else: no superuser, no BYPASSRLS, so row-level security binds it.
set -eu

APPLICATION_PASSWORD=$(cat /run/secrets/database_password)
export APPLICATION_PASSWORD

psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv password APPLICATION_PASSWORD
CREATE ROLE chatorical LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE chatorical OWNER chatorical;
REVOKE CONNECT ON DATABASE chatorical FROM PUBLIC;
SQL
