#!/bin/bash
# Dumps each of $DATABASES into $BACKUP_DIR/<UTC time>/ with checksums, and keeps the newest $RETENTION backups.
set -euo pipefail
: "${BACKUP_DIR:?}" "${DATABASES:?}" "${RETENTION:?}"

stamp=$(date -u +%Y%m%dT%H%M%SZ)
# Two backups of one second would share a name: the later one waits for its own.
while [ -e "$BACKUP_DIR/$stamp" ]; do sleep 0.2; stamp=$(date -u +%Y%m%dT%H%M%SZ); done
work=$BACKUP_DIR/.incomplete-$stamp
# A pod that was killed could not tidy up after itself.
rm -rf "$BACKUP_DIR"/.incomplete-*
trap 'rm -rf "$work"' EXIT
mkdir "$work"
for name in $DATABASES; do
  pg_dump --format=custom --no-password --dbname="$name" --file="$work/$name.dump"
  pg_restore --list "$work/$name.dump" > /dev/null
done
(cd "$work" && sha256sum -- *.dump > SHA256SUMS)
# The rename makes a backup appear whole or not at all.
mv -T "$work" "$BACKUP_DIR/$stamp"
echo "backup: $stamp holds $DATABASES, $(du -sh "$BACKUP_DIR/$stamp" | cut -f1)"

find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*T[0-9]*Z' | sort | head -n "-$RETENTION" | while read -r old; do
  rm -r "$old"
  echo "backup: deleted ${old##*/}, $RETENTION are kept"
done
