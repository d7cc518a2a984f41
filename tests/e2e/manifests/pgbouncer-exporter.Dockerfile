# Stands in for the PgBouncer exporter where its image cannot be pulled: it answers the probes and exports nothing.
FROM docker.io/library/python:3.12-slim-bookworm
RUN printf '#!/bin/sh\n[ "$1" = health ] && exit 0\nexec sleep infinity\n' > /usr/local/bin/pgbouncer_exporter \
 && chmod 0755 /usr/local/bin/pgbouncer_exporter
USER 65534
ENTRYPOINT ["pgbouncer_exporter"]
