#!/bin/bash
# Puts the backup $BACKUP in place of $DATABASES. Nothing is touched before every dump was checked; each database is restored beside the
# live one and takes its name in one transaction; the live one stays as <name>_before_restore_<time>, closed for connections. Nothing that was
# live is ever deleted here: docs/runbooks/restore-postgres.md says how to go back and how to delete.
set -euo pipefail
: "${BACKUP_DIR:?}" "${DATABASES:?}" "${BACKUP:?}" "${REQUEST:?}"
export LC_ALL=C PGOPTIONS="-c client_min_messages=warning"
fail() { echo "restore: $*" >&2; exit 1; }
sql() { # NAME
  psql -v ON_ERROR_STOP=1 -qXtA --no-password -d postgres -v name="$1" -v staged="$1_restoring" -v old="${old:-}" -v request="$REQUEST" -v backup="$BACKUP"
}

holds() { # FOLDER NAME...
  local folder=$1 name
  for name in "${@:2}"; do grep --quiet "  $name\.dump\$" "$folder/SHA256SUMS" || return 1; done
}
available() { find "$BACKUP_DIR" -mindepth 2 -maxdepth 2 -name SHA256SUMS -printf '%h\n' | xargs -rn1 basename | sort; }
if [ "$BACKUP" = latest ]; then
  # The newest that holds them all: one may lack a database that could not be dumped.
  for there in $(available); do
    # shellcheck disable=SC2086
    if holds "$BACKUP_DIR/$there" $DATABASES; then BACKUP=$there; fi
  done
  [ "$BACKUP" != latest ] || BACKUP=$(available | tail -n 1)
fi
folder=$BACKUP_DIR/$BACKUP
[ -n "$BACKUP" ] && [ -f "$folder/SHA256SUMS" ] || fail "there is no backup '$BACKUP'; there are: $(available | xargs)"

for name in $DATABASES; do
  # PostgreSQL cuts longer names, and two that are cut could be one.
  [ ${#name} -le 32 ] || fail "the name $name is longer than 32 characters: no room to keep the live database under another name"
  holds "$folder" "$name" || fail "$BACKUP holds no dump of $name, nothing was changed"
  (cd "$folder" && grep "  $name\.dump\$" SHA256SUMS | sha256sum --check --quiet --strict) || fail "$name.dump of $BACKUP is damaged, nothing was changed"
  contents=$(pg_restore --list "$folder/$name.dump") || fail "$name.dump cannot be read, nothing was changed"
  grep -q "^; *dbname: $name\$" <<< "$contents" || fail "$name.dump is of another database, nothing was changed"
done

sql "" <<'SQL'
CREATE TABLE IF NOT EXISTS public.maestro_restores
  (request text, database text, backup text, displaced text, at timestamptz DEFAULT now(), PRIMARY KEY (request, database));
SQL
for name in $DATABASES; do
  done_before=$(sql "$name" <<'SQL'
SELECT 'yes' FROM public.maestro_restores WHERE request = :'request' AND database = :'name'
UNION SELECT 'yes' FROM pg_database WHERE datname = :'name' AND shobj_description(oid, 'pg_database') = 'restore ' || :'request';
SQL
  )
  if [ -n "$done_before" ]; then echo "restore: $name was restored by this request already"; continue; fi
  [ -n "$(sql "$name" <<< "SELECT 1 FROM pg_database WHERE datname = :'name'")" ] || fail "there is no database $name: run databases.sh first"
  # Only an interrupted restore leaves this one, and nobody ever used it.
  sql "$name" <<'SQL'
DROP DATABASE IF EXISTS :"staged";
CREATE DATABASE :"staged" OWNER :"name" TEMPLATE template0;
REVOKE ALL ON DATABASE :"staged" FROM PUBLIC;
SQL
  if ! pg_restore --no-password --exit-on-error --single-transaction --dbname="${name}_restoring" "$folder/$name.dump"; then
    sql "$name" <<< 'DROP DATABASE :"staged";' || true
    fail "$name could not be restored, the live database is untouched"
  fi
  until
    old=${name}_before_restore_$(date -u +%Y%m%d_%H%M%S)
    [ -z "$(sql "$name" <<< "SELECT 1 FROM pg_database WHERE datname = :'old'")" ]
  do sleep 0.2; done
  trap 'sql "$name" <<< "ALTER DATABASE :\"name\" ALLOW_CONNECTIONS true;"' EXIT
  sql "$name" <<'SQL'
ALTER DATABASE :"name" ALLOW_CONNECTIONS false;
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = :'name' \g /dev/null
BEGIN;
ALTER DATABASE :"name" RENAME TO :"old";
ALTER DATABASE :"staged" RENAME TO :"name";
INSERT INTO public.maestro_restores (request, database, backup, displaced) VALUES (:'request', :'name', :'backup', :'old');
COMMIT;
SQL
  trap - EXIT
  echo "restore: $name is the one of $BACKUP, the one that was live is kept as $old"
done
