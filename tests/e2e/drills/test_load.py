"""A hundred runs at once, then half an hour of steady scheduling: delays, memory, and what was lost."""

import os
import time
from datetime import datetime
from statistics import quantiles

from harness.airflow_api import AirflowApi
from harness.proof import machine, prove, table
from harness.release import NAME, Release
from harness.usage import MemoryPeaks, by_component

CANARY = "maestro_canary"
BURST, A_MINUTE, MINUTES = 100, 4, float(os.environ.get("E2E_LOAD_MINUTES", "30"))
# Memory at the beginning and at the end: the largest seen in so many seconds.
SETTLED = 180


def test_no_task_is_lost_and_no_component_grows_without_end(minikube: Release) -> None:
    prefix = f"load-{int(time.time())}"
    restarted = minikube.restarts()
    with minikube.api() as api:
        api.unpause([CANARY])
        began = time.monotonic()
        burst = [f"{prefix}-burst-{i}" for i in range(BURST)]
        for name in burst:
            api.trigger(CANARY, name)
        burst_states = _ended(api, burst)
        drained = time.monotonic() - began
        with MemoryPeaks({minikube.namespace}) as first:
            steady = _steadily(api, f"{prefix}-first", min(SETTLED, 30 * MINUTES))
        steady += _steadily(api, f"{prefix}-middle", max(0, 60 * MINUTES - 2 * SETTLED))
        with MemoryPeaks({minikube.namespace}) as last:
            steady += _steadily(api, f"{prefix}-last", min(SETTLED, 30 * MINUTES))
        steady_states = _ended(api, steady)
        delays = {
            "burst": [_delay(api, run) for run in burst],
            "steady": [_delay(api, run) for run in steady],
        }
    before, after = by_component(first.peaks, NAME), by_component(last.peaks, NAME)
    prove(
        "load",
        "Load",
        machine(),
        f"values/minikube.yaml. {BURST} runs of the canary at once: all done after {drained:.0f} s. "
        f"Then {len(steady)} runs in {MINUTES:.0f} minutes. "
        "Delay is from the moment a run was triggered to the start of its task. "
        f"Lost: {sum(state != 'success' for state in burst_states + steady_states)}.",
        table(
            ("", "runs", "delay p50, s", "p95, s", "longest, s"),
            [(name, len(values), *_percentiles(values)) for name, values in delays.items()],
        ),
        table(
            ("pod / container", "MiB at the beginning", "MiB at the end", "growth"),
            [(name, before[name], mib, mib - before[name]) for name, mib in after.items() if name in before],
        ),
    )
    assert burst_states == ["success"] * len(burst)
    assert steady_states == ["success"] * len(steady)
    assert minikube.restarts() == restarted


def _steadily(api: AirflowApi, prefix: str, seconds: float) -> list[str]:
    """Trigger runs evenly for so long; their names."""
    names: list[str] = []
    began = time.monotonic()
    while (due := len(names) * 60 / A_MINUTE) < seconds:
        time.sleep(max(0, began + due - time.monotonic()))
        names.append(f"{prefix}-{len(names)}")
        api.trigger(CANARY, names[-1])
    time.sleep(max(0, began + seconds - time.monotonic()))
    return names


def _ended(api: AirflowApi, runs: list[str]) -> list[str]:
    return [str(api.finished(CANARY, run)["state"]) for run in runs]


def _delay(api: AirflowApi, run: str) -> float:
    [task] = api.tasks(CANARY, run)
    queued = api.run(CANARY, run)["queued_at"]
    return (datetime.fromisoformat(task["start_date"]) - datetime.fromisoformat(queued)).total_seconds()


def _percentiles(values: list[float]) -> tuple[float, float, float]:
    cut = quantiles(values, n=20, method="inclusive")
    return cut[9], cut[18], max(values)
