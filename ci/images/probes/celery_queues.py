"""Liveness of a Celery worker: which queues does it consume?

A worker can live and answer and still consume nothing, for instance after its broker was replaced; tasks then wait
for ever. So this asks this very worker, over the Redis broker, for its active queues: what `celery inspect
active_queues` does, without importing Celery, kombu and redis (0.1 instead of 1 to 6 CPU-seconds).

Exit codes: 0 it consumes, or the broker did not answer or is no Redis (restarting this pod would not fix that);
1 it does not answer or consumes nothing.
"""

import base64
import json
import os
import socket
import sys
import time
import uuid

import metrics
from redis_wire import Redis, RedisError

REPLY_SECONDS = int(os.environ.get("MAESTRO_PROBE_REPLY_SECONDS", "10"))
# Names that Celery (celery.app.control) and kombu (kombu.pidbox, kombu.transport.redis) give to remote control.
CONTROL_EXCHANGE = "celery.pidbox"
REPLY_EXCHANGE = "reply.celery.pidbox"
BINDING_SEPARATOR = "\x06\x16"


def control_message(method: str, worker: str, reply_key: str, ticket: str) -> str:
    """Return a remote control command as kombu's Redis transport writes it."""
    command = {"method": method, "arguments": {}, "destination": [worker], "pattern": None, "matcher": None,
               "ticket": ticket, "reply_to": {"exchange": REPLY_EXCHANGE, "routing_key": reply_key}}  # fmt: skip
    properties = {"body_encoding": "base64", "delivery_tag": ticket, "priority": 0, "delivery_mode": 2,
                  "delivery_info": {"exchange": CONTROL_EXCHANGE, "routing_key": ""}}  # fmt: skip
    return json.dumps({
        "body": base64.b64encode(json.dumps(command).encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"clock": 1, "expires": time.time() + REPLY_SECONDS},
        "properties": properties,
    })  # fmt: skip


def active_queues(redis: Redis, worker: str) -> list[str] | None:
    """Names of the queues the worker consumes; None when it did not answer within REPLY_SECONDS."""
    # One name a worker, not one a call: a probe that is killed leaves nothing that could pile up.
    reply_key = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"maestro-probe.{worker}"))
    reply_queue = f"{reply_key}.{REPLY_EXCHANGE}"
    binding = BINDING_SEPARATOR.join([reply_key, "", reply_queue])
    redis("DEL", reply_queue)
    redis("SADD", f"_kombu.binding.{REPLY_EXCHANGE}", binding)
    try:
        redis(
            "PUBLISH",
            f"/{redis.database}.{CONTROL_EXCHANGE}",
            control_message("active_queues", worker, reply_key, str(uuid.uuid4())),
        )
        reply = redis("BRPOP", reply_queue, str(REPLY_SECONDS))
    finally:
        redis("SREM", f"_kombu.binding.{REPLY_EXCHANGE}", binding)
    if reply is None:
        return None
    answer = json.loads(base64.b64decode(json.loads(reply[1])["body"]))
    return [queue["name"] for queue in answer.get(worker) or []]


def main() -> int:
    worker = f"celery@{socket.gethostname()}"
    try:
        with Redis(os.environ["AIRFLOW__CELERY__BROKER_URL"], timeout=REPLY_SECONDS + 5) as redis:
            queues = active_queues(redis, worker)
    except (RedisError, OSError) as error:
        print(f"cannot judge: {error}")
        metrics.count("maestro.broker.unreachable")
        return 0
    if queues is None:
        print(f"{worker} did not answer within {REPLY_SECONDS} s")
        return 1
    print(f"{worker} consumes {', '.join(queues) or 'nothing'}")
    metrics.count(*(f"maestro.worker.heartbeat,queue={queue}" for queue in queues))
    return 0 if queues else 1


if __name__ == "__main__":
    sys.exit(main())
