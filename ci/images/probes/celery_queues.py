"""Liveness of a Celery worker: which queues does it consume?

A worker can live and answer and still consume nothing, for instance after its broker was replaced; tasks then wait for ever. So this asks this very
worker, over the broker, for its active queues. Exit codes: 0 it consumes, or the broker did not answer (restarting this pod would not mend that);
1 it does not answer or consumes nothing. kombu alone is imported: Celery and Airflow would cost seconds.
"""

import os
import socket
import sys

from kombu import Connection
from kombu.exceptions import OperationalError
from kombu.pidbox import Mailbox

REPLY_SECONDS = float(os.environ.get("MAESTRO_PROBE_REPLY_SECONDS", "10"))


def active_queues(broker_url: str, worker: str, timeout: float) -> list[str] | None:
    """Names of the queues the worker consumes; None when it did not answer within `timeout` seconds."""
    mailbox = Mailbox("celery", type="fanout", accept=["json"])
    with Connection(broker_url, connect_timeout=5) as connection:
        bound = mailbox(connection)
        replies = bound._broadcast("active_queues", reply=True, timeout=timeout, limit=1, destination=[worker], channel=connection.default_channel)
    answers = [reply[worker] for reply in replies or [] if worker in reply]
    return [queue["name"] for queue in answers[0]] if answers else None


def main() -> int:
    worker = f"celery@{socket.gethostname()}"
    try:
        queues = active_queues(os.environ["AIRFLOW__CELERY__BROKER_URL"], worker, REPLY_SECONDS)
    except (OperationalError, OSError) as error:
        print(f"cannot judge: the broker does not answer ({error.__class__.__name__})")
        return 0
    if queues is None:
        print(f"{worker} did not answer within {REPLY_SECONDS:.0f} s")
        return 1
    print(f"{worker} consumes {', '.join(queues) or 'nothing'}")
    return 0 if queues else 1


if __name__ == "__main__":
    sys.exit(main())
