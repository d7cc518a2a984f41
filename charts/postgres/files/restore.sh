#!/bin/bash
# Puts the backup $BACKUP in place of $DATABASES. Nothing is touched before every dump was checked; each database is restored beside the
# old one and takes its name in one transaction; the old one stays as <name>_before_restore, closed for connections.
set -euo pipefail
: "${BACKUP_DIR:?}" "${DATABASES:?}" "${BACKUP:?}" "${REQUEST:?}"
export PGOPTIONS="-c client_min_messages=warning"
fail() { echo "restore: $*" >&2; exit 1; }
sql() { psql -v ON_ERROR_STOP=1 -qXtA --no-password -d postgres -v name="$1" -v staged="$1_restoring" -v old="$1_before_restore" -v mark="restore $REQUEST"; }

available() { find "$BACKUP_DIR" -mindepth 2 -maxdepth 2 -name SHA256SUMS -printf '%h\n' | xargs -rn1 basename | sort; }
[ "$BACKUP" != latest ] || BACKUP=$(available | tail -n 1)
folder=$BACKUP_DIR/$BACKUP
[ -n "$BACKUP" ] && [ -f "$folder/SHA256SUMS" ] || fail "there is no backup '$BACKUP'; there are: $(available | xargs)"

(cd "$folder" && sha256sum --check --quiet --strict SHA256SUMS) || fail "$BACKUP is damaged, nothing was changed"
for name in $DATABASES; do
  grep -q "  $name.dump\$" "$folder/SHA256SUMS" || fail "$BACKUP holds no dump of $name, nothing was changed"
  contents=$(pg_restore --list "$folder/$name.dump") || fail "$name.dump cannot be read, nothing was changed"
  grep -q "^; *dbname: $name\$" <<< "$contents" || fail "$name.dump is of another database, nothing was changed"
done

for name in $DATABASES; do
  if [ "$(sql "$name" <<< "SELECT shobj_description(oid, 'pg_database') = :'mark' FROM pg_database WHERE datname = :'name'")" = t ]; then
    echo "restore: $name was restored by this request already"; continue
  fi
  sql "$name" <<'SQL'
DROP DATABASE IF EXISTS :"staged";
CREATE DATABASE :"staged" OWNER :"name" TEMPLATE template0;
REVOKE ALL ON DATABASE :"staged" FROM PUBLIC;
SQL
  pg_restore --no-password --exit-on-error --single-transaction --dbname="${name}_restoring" "$folder/$name.dump" \
    || fail "$name could not be restored, the old database is untouched"
  trap 'sql "$name" <<< "ALTER DATABASE :\"name\" ALLOW_CONNECTIONS true;"' EXIT
  sql "$name" <<'SQL'
DROP DATABASE IF EXISTS :"old";
ALTER DATABASE :"name" ALLOW_CONNECTIONS false;
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = :'name' \g /dev/null
BEGIN;
ALTER DATABASE :"name" RENAME TO :"old";
ALTER DATABASE :"staged" RENAME TO :"name";
COMMENT ON DATABASE :"name" IS :'mark';
COMMIT;
SQL
  trap - EXIT
  echo "restore: $name is the one of $BACKUP, the old one is ${name}_before_restore"
done
