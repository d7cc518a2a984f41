#!/bin/sh
# Quotes the password for redis.conf: it stands in no argument list.
set -eu
umask 077
[ -s /run/secrets/redis/redis-password ] || { echo "redis: the Secret's key redis-password is empty" >&2; exit 1; }
# Clients get it in Feast's connection string: commas separate its parts, and a part that is JSON is no text.
json='-?[0-9.]+([eE][+-]?[0-9]+)?|-?Infinity|NaN|true|false|null|".*"|\[.*\]|\{.*\}'
if grep -Eq ",|^[[:space:]]*($json)[[:space:]]*\$" /run/secrets/redis/redis-password; then
  echo "redis: the Secret's key redis-password holds a comma, or is a number or other JSON: Feast cannot read such a password" >&2; exit 1
fi
sed 's/[\\"]/\\&/g; s/^/requirepass "/; s/$/"/' /run/secrets/redis/redis-password > /run/redis/auth.conf
exec redis-server /etc/redis/redis.conf
