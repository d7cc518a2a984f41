#!/bin/bash
# Makes each of $DATABASES with a role of the same name, and gives every role the password of its file. The image runs it when the data
# volume is empty, a Job when a database was added; run it by hand after passwords changed:
#   kubectl exec RELEASE-postgres-0 -- /docker-entrypoint-initdb.d/databases.sh
set -euo pipefail
: "${DATABASES:?}"
passwords=${PASSWORD_DIR:-/run/secrets/postgres}

# psql reads the file itself and quotes the value: a password is in no argument list, no SQL text and no server log.
set_password() {
  [ -s "$passwords/$1-password" ] || { echo "databases: $passwords/$1-password is missing or empty" >&2; return 1; }
  psql -v ON_ERROR_STOP=1 -qXU postgres -d postgres -v name="$1" -v file="$passwords/$1-password" <<'SQL'
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\set password `cat :'file'`
ALTER ROLE :"name" PASSWORD :'password';
SQL
}

for name in $DATABASES; do
  psql -v ON_ERROR_STOP=1 -qXU postgres -d postgres -v name="$name" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
  set_password "$name"
done

# What backup.sh records and ready.sh reads.
psql -v ON_ERROR_STOP=1 -qXU postgres -d postgres <<'SQL'
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS public.maestro_backups (database text PRIMARY KEY, started timestamptz, finished timestamptz, failed timestamptz);
SQL
set_password postgres
