#!/bin/bash
# Dumps each of $DATABASES into $BACKUP_DIR/<UTC time>/ with checksums. A database that cannot be dumped does not stop the others: what could be
# dumped is kept, and the script ends with 2. The newest $RETENTION dumps of each database stay. Where they do not fit, older ones make room,
# but never the last good dump of a database.
#
# backup.sh            dump, delete what is too old, record
# backup.sh record     record the backup in $BACKUP_DIR: with $UPLOAD_FOLLOWS the first call leaves that to a second one, after the upload
set -euo pipefail
: "${BACKUP_DIR:?}" "${DATABASES:?}"
export LC_ALL=C
slack=65536  # bytes for what is not a dump: checksums, folders, the file system's own

say() { echo "backup: $*"; }
sql() { psql -v ON_ERROR_STOP=1 -qXtA --no-password "$@"; }
readable() { numfmt --to=iec-i --suffix=B "$1"; }
free() { df --output=avail --block-size=1 "$BACKUP_DIR" | tail -n 1 | tr -d ' '; }
size_of() { du --summarize --block-size=1 "$1" | cut -f 1; }
finished() { find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*T[0-9]*Z' -printf '%f\n' | sort; }

# Into the table of databases.sh, for ready.sh and its alerts. A full server can be dumped and not written to: a record that fails stops nothing.
record() { # started|finished|failed NAME
  sql -d postgres -v name="$2" <<SQL || say "that $2 was $1 could not be recorded" >&2
INSERT INTO public.maestro_backups (database, $1) VALUES (:'name', now()) ON CONFLICT (database) DO UPDATE SET $1 = now();
SQL
}

# Ends the script: with 0 where every database has a dump in this folder, with 2 where some have none.
conclude() { # FOLDER
  local name missing=()
  for name in $DATABASES; do
    if [ -f "$1/$name.dump" ]; then record finished "$name"; else missing+=("$name"); fi
  done
  [ ${#missing[@]} -eq 0 ] || { say "FAILED for ${missing[*]}; ${1##*/} holds the others" >&2; exit 2; }
  exit 0
}

if [ "${1:-}" = record ]; then
  newest=$(finished | tail -n 1)
  [ -n "$newest" ] || { say "there is no backup in $BACKUP_DIR" >&2; exit 1; }
  conclude "$BACKUP_DIR/$newest"
fi

: "${RETENTION:?}" "${DEADLINE:=3600}" "${JOB:=}" "${UPLOAD_FOLLOWS:=}"

# Dumps of finished backups as <backup>/<database>.dump, newest first.
dumps() { find "$BACKUP_DIR" -mindepth 2 -maxdepth 2 -path "$BACKUP_DIR/[0-9]*T[0-9]*Z/*.dump" -printf '%P\n' | sort --reverse; }

# Is it the dump that its backup's checksum is of?
good() { (cd "$BACKUP_DIR/${1%/*}" && grep "  ${1#*/}\$" SHA256SUMS | sha256sum --check --status) 2> /dev/null; }

# All dumps but the last good one of each of $DATABASES, oldest first.
removable() {
  local dump name
  declare -A kept=()
  while read -r dump; do
    name=${dump#*/} name=${name%.dump}
    if [ -z "${kept[$name]:-}" ] && [[ " $DATABASES " == *" $name "* ]] && good "$dump"; then kept[$name]=$dump; else echo "$dump"; fi
  done < <(dumps) | tac
}

# A backup goes with its last dump. The checksums after the dump: with a full volume they could not be written before.
delete() { # DUMP
  local folder=$BACKUP_DIR/${1%/*} rest
  rm -f "$BACKUP_DIR/$1"
  rest=$(grep --invert-match "  ${1#*/}\$" "$folder/SHA256SUMS" 2> /dev/null || true)
  if [ -n "$rest" ]; then echo "$rest" > "$folder/SHA256SUMS.new" && mv "$folder/SHA256SUMS.new" "$folder/SHA256SUMS"; else rm -rf "$folder"; fi
  say "deleted $1"
}

# Deletes the oldest dumps until this many bytes are free. Deletes none where all of them together would not do.
make_room() { # BYTES
  local there dump candidates
  there=$(free)
  [ "$there" -lt "$1" ] || return 0
  candidates=$(removable)
  for dump in $candidates; do there=$((there + $(size_of "$BACKUP_DIR/$dump"))); done
  [ "$there" -ge "$1" ] || return 1
  for dump in $candidates; do
    delete "$dump"
    [ "$(free)" -lt "$1" ] || return 0
  done
}

# What the last dump of this database took, and a tenth more.
expected_size() { # NAME
  local last
  last=$(dumps | grep "/$1\.dump\$" | head -n 1) || true
  if [ -n "$last" ]; then echo $(($(stat --format=%s "$BACKUP_DIR/$last") * 11 / 10 + slack)); else echo "$slack"; fi
}

# The tables, views and sequences of a database by their ids; a table of rows once more, for its rows.
objects() { # NAME
  sql -d "$1" <<'SQL'
SELECT c.oid || kind FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace, unnest(ARRAY['', ' rows']) AS kind
WHERE (kind = '' AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f') OR kind = ' rows' AND relkind = 'r')
  AND nspname !~ '^pg_' AND nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
SQL
}

write() { # NAME
  local status=0
  said=$(pg_dump --format=custom --no-password --dbname="$1" --file="$work/$1.dump" 2>&1) || status=$?
  [ -z "$said" ] || echo "$said" >&2
  return "$status"
}

# Reads the whole dump, and compares its contents with what was in the database before and after: what came or went in between may be missing.
verify() { # NAME BEFORE
  local dump=$work/$1.dump wanted there
  pg_restore --file=/dev/null "$dump" || return 1
  wanted=$(comm -12 <(sort <<< "$2") <(objects "$1" | sort)) || return 1
  there=$(pg_restore --list "$dump" | sed -n -e 's/^[0-9]*; 1259 \([0-9]*\) .*/\1/p' -e 's/^[0-9]*; 0 \([0-9]*\) TABLE DATA .*/\1 rows/p' | sort) || return 1
  there=$(comm -23 <(printf '%s' "${wanted:+$wanted$'\n'}") <(echo "$there") | wc -l)
  [ "$there" -eq 0 ] || { say "the dump of $1 lacks $there of its objects" >&2; return 1; }
}

dump() { # NAME
  local before size
  before=$(objects "$1") || return 1
  make_room "$(expected_size "$1")" || true
  if ! write "$1"; then
    grep --quiet --ignore-case "no space left\|quota exceeded" <<< "$said" || return 1
    rm -f "$work/$1.dump"
    size=$(($(pg_dump --format=custom --no-password --dbname="$1" | wc --bytes) + slack)) || return 1
    make_room "$size" || {
      say "the dump of $1 needs $(readable "$size"), and the volume has not that much beside the last good backup: enlarge postgres.backup.persistence.size" >&2
      return 1
    }
    write "$1" || return 1
  fi
  verify "$1" "$before"
}

# Dumps with $RETENTION newer ones of their database, oldest first.
superseded() {
  local dump
  declare -A newer=()
  while read -r dump; do
    [ "${newer[${dump#*/}]:-0}" -lt "$RETENTION" ] || echo "$dump"
    newer[${dump#*/}]=$((${newer[${dump#*/}]:-0} + 1))
  done < <(dumps) | tac
}

sql -d postgres -c 'SELECT 1' > /dev/null || { say "the server does not answer, nothing was changed" >&2; exit 1; }

# What a killed pod left: one that began longer ago than a backup may take, or an earlier pod of this Job. Another run's is left alone.
for left in "$BACKUP_DIR"/.incomplete-*; do
  began=${left##*/.incomplete-}
  [[ $began =~ ^[0-9]{8}T[0-9]{6}Z$ ]] || continue
  age=$(($(date +%s) - $(date -u -d "${began:0:8} ${began:9:2}:${began:11:2}:${began:13:2}" +%s)))
  if [ "$age" -gt "$DEADLINE" ] || { [ -n "$JOB" ] && [ "$(cat "$left/job" 2> /dev/null)" = "$JOB" ]; }; then rm -rf "$left"; fi
done

# Two backups of one second would share a name: the later one waits for its own.
tries=0
until
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  work=$BACKUP_DIR/.incomplete-$stamp
  [ ! -e "$BACKUP_DIR/$stamp" ] && error=$(mkdir "$work" 2>&1)
do
  make_room "$slack" || true
  tries=$((tries + 1))
  [ "$tries" -lt 25 ] || { say "${error:-$BACKUP_DIR/$stamp is there already}" >&2; exit 1; }
  sleep 0.2
done
trap 'rm -rf "$work"' EXIT
echo "$JOB" > "$work/job" || true

dumped=()
for name in $DATABASES; do
  record started "$name"
  if dump "$name"; then dumped+=("$name.dump"); else rm -f "$work/$name.dump"; record failed "$name"; say "$name could not be dumped" >&2; fi
done
[ ${#dumped[@]} -gt 0 ] || { say "FAILED for all: $DATABASES" >&2; exit 1; }
rm -f "$work/job"
(cd "$work" && sha256sum -- "${dumped[@]}" > SHA256SUMS && sync SHA256SUMS)
# The rename makes a backup appear whole or not at all.
mv -T "$work" "$BACKUP_DIR/$stamp"
sync "$BACKUP_DIR"
size=$(size_of "$BACKUP_DIR/$stamp")
say "$stamp holds ${dumped[*]%.dump}, $(readable "$size")"
[ -z "$UPLOAD_FOLLOWS" ] || exit 0

for dump in $(superseded | grep --line-regexp --fixed-strings --file=<(removable) || true); do delete "$dump"; done
# What never held a dump, or lost its last one to a killed pod.
for backup in $(finished); do [ -n "$(find "$BACKUP_DIR/$backup" -name '*.dump')" ] || rm -rf "${BACKUP_DIR:?}/$backup"; done
capacity=$(df --output=size --block-size=1 "$BACKUP_DIR" | tail -n 1 | tr -d ' ')
if [ $((size * RETENTION)) -gt "$capacity" ]; then
  say "the volume of $(readable "$capacity") has room for $((capacity / size)) backups of this size, not for postgres.backup.retention $RETENTION: enlarge postgres.backup.persistence.size"
fi
conclude "$BACKUP_DIR/$stamp"
