#!/bin/sh
# Quotes the password for redis.conf: it stands in no argument list.
set -eu
umask 077
[ -s /run/secrets/redis/redis-password ] || { echo "redis: the Secret's key redis-password is empty" >&2; exit 1; }
sed 's/[\\"]/\\&/g; s/^/requirepass "/; s/$/"/' /run/secrets/redis/redis-password > /run/redis/auth.conf
exec redis-server /etc/redis/redis.conf
