"""Liveness of the DAG processor or the triggerer: has this host's job written a heartbeat lately?

Usage: heartbeat.py JOB_TYPE. Exit codes: 0 alive, or the database did not answer (restarting this pod would not
fix that); 1 stale or missing. It costs about 0.1 CPU-seconds because it imports psycopg2, which every Airflow image
has, and nothing of Airflow.
"""

import os
import re
import socket
import sys

import psycopg2

MAX_AGE_SECONDS = int(os.environ.get("MAESTRO_PROBE_MAX_AGE", "180"))
QUERY = """
select extract(epoch from now() - max(latest_heartbeat)) from job
where job_type = %s and hostname = any(%s) and state = 'running'
"""


def hostnames() -> list[str]:
    """Return what Airflow may call this host in the job table.

    `[core] hostname_callable` is the address in our chart, in brackets where it is an IPv6 one, else the canonical name
    (airflow.utils.net), or the plain one.
    """
    name = socket.gethostname()
    try:
        addresses = socket.getaddrinfo(name, None, 0, socket.SOCK_DGRAM, 0, socket.AI_CANONNAME)
    except OSError:
        return [name]
    canonical = next((canonical for *_, canonical, _ in addresses if canonical), name)
    found = [str(address[0]) for *_, address in addresses]
    bracketed = [f"[{address.partition('%')[0]}]" for address in found if ":" in address]
    return [*dict.fromkeys([*found, *bracketed, canonical, name])]


def main(job_type: str) -> int:
    url = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    names = hostnames()
    try:
        with psycopg2.connect(url, connect_timeout=8) as connection, connection.cursor() as cursor:
            cursor.execute(QUERY, (job_type, names))
            row = cursor.fetchone()
    except psycopg2.OperationalError as error:
        print(f"cannot judge: the database does not answer ({error.__class__.__name__})")
        return 0
    age = row[0] if row else None
    if age is None:
        print(f"no running {job_type} on {' or '.join(names)}")
        return 1
    print(f"{job_type} on {names[0]}: last heartbeat {age:.0f} s ago, {MAX_AGE_SECONDS} s allowed")
    return int(age > MAX_AGE_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
