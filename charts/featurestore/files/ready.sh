#!/bin/sh
# Readiness of Redis; its heartbeat goes to the StatsD exporter at $STATSD_HOST, by UDP.
# redis-cli ends with 0 on an error answer too, such as LOADING: the word decides.
# shellcheck disable=SC2086
redis-cli $TLS ping | grep -qx PONG || exit 1
# Of all shells only bash can send; an image without it sends no heartbeat, and its alert never goes off.
if [ -n "$STATSD_HOST" ]; then
  timeout 1 bash -c 'printf "maestro.redis.heartbeat:1|c\n" > "/dev/udp/$STATSD_HOST/$STATSD_PORT"' 2> /dev/null
fi
exit 0
