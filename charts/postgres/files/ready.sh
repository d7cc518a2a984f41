#!/bin/bash
# Readiness: the server answers, and its volume takes writes. Sends what the alerts read to the StatsD exporter at $STATSD_HOST, by UDP;
# charts/statsd/files/probe-metrics.yaml lists the metrics.
set -uo pipefail
: "${PGDATA:?}" "${DATABASES:?}" "${STATSD_HOST:=}" "${STATSD_PORT:=9125}" "${BACKUPS:=}" "${DEADLINE:=3600}" "${CERTIFICATE:=}"
export LC_ALL=C STATSD_HOST STATSD_PORT PGCONNECT_TIMEOUT=2
minimum=$((32 * 1024 * 1024))  # bytes: two segments of the write-ahead log
verdict=0 metrics=()
no() { echo "ready: $*" >&2; verdict=1; }

# Since the last backup, or since the database was made where there is none; and whether the last one failed, or did not end in its time.
backups() {
  timeout 2 psql -v ON_ERROR_STOP=1 -qXtA --no-password -U postgres -d postgres -v names="$DATABASES" -v deadline="$DEADLINE" <<'SQL'
SELECT format(E'maestro.postgres.backup_age_seconds,database=%1$s:%2$s|g\nmaestro.postgres.backup_failed,database=%1$s:%3$s|g', datname,
  greatest(0, round(extract(epoch FROM now() - coalesce(finished, (pg_stat_file('base/' || d.oid || '/PG_VERSION')).modification)))),
  (coalesce(failed > coalesce(finished, '-infinity'), false)
    OR coalesce(started > coalesce(finished, '-infinity') AND now() - started > make_interval(secs => :deadline), false))::int)
FROM pg_database AS d LEFT JOIN public.maestro_backups ON database = datname WHERE datname = ANY (string_to_array(:'names', ' '));
SQL
}

# A certificate that was renewed is read without a restart.
renewed() {
  timeout 2 psql -qXtA --no-password -U postgres -d postgres -v file="$CERTIFICATE" <<'SQL' > /dev/null
SELECT pg_reload_conf() WHERE (pg_stat_file(:'file')).modification > pg_conf_load_time();
SQL
}

if pg_isready --quiet --host=127.0.0.1 --username=postgres; then
  metrics+=("maestro.postgres.heartbeat:1|c")
  if [ -n "$CERTIFICATE" ]; then renewed; fi
  if [ -n "$BACKUPS" ]; then metrics+=("$(backups)"); fi
else
  no "the server does not answer"
fi

volume=$(dirname "$PGDATA")
read -r size free < <(df --output=size,avail --block-size=1 "$volume" | tail -n 1)
metrics+=("maestro.postgres.volume_free_ratio:$((free / (size / 10000 + 1)))e-4|g")
if [ "$free" -lt "$minimum" ]; then
  no "the volume is full: $((free / 1024 / 1024)) MiB are left, and the write-ahead log needs $((minimum / 1024 / 1024))"
elif ! { head -c 65536 /dev/zero > "$volume/.writable" && sync "$volume/.writable"; }; then
  no "the volume cannot be written to"
fi
rm -f "$volume/.writable"

# A name that does not resolve, or an exporter that is away, says nothing about the server.
if [ -n "$STATSD_HOST" ]; then
  timeout 1 bash -c 'printf %s "$1" > "/dev/udp/$STATSD_HOST/$STATSD_PORT"' - "$(printf '%s\n' "${metrics[@]}")" 2> /dev/null
fi
exit "$verdict"
