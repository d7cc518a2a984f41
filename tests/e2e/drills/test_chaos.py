"""Each part of the Celery profile broken while runs go on: the state they reach, what they wrote, when all is well."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from harness.airflow_api import AirflowApi
from harness.alerts import Alerts
from harness.faults import FAULTS, TRAINING, Fault
from harness.kubectl import wait_until
from harness.pipelines import versions
from harness.platform import Platform
from harness.proof import machine, prove, table
from harness.release import ENDS, NAME, PIPELINES, Release

CANARY, CANARIES = "maestro_canary", 5
MODEL = "flights_late_at_pushback"
RECOVERY = 360  # seconds


@dataclass
class Chaos:
    """The release, its alerts, and the table of the proof as far as it has come."""

    release: Release
    alerts: Alerts
    rows: list[tuple[str, str, float]] = field(default_factory=list)

    def note(self, fault: str, what: str, seconds: float) -> None:
        self.rows.append((fault, what, seconds))
        prove(
            "chaos",
            "Chaos",
            machine(),
            f"The Celery profile, a pipeline's run and {CANARIES} of the canary going on. "
            "Recovered: everything is ready, and a run triggered after the fault has succeeded.",
            table(("fault", "what happened", "recovered after, s"), self.rows),
        )


@pytest.fixture(scope="module")
def chaos(platform: Platform) -> Iterator[Chaos]:
    release = platform.celery()
    with release.api() as api:
        api.unpause([*PIPELINES, CANARY])
    with Alerts(release) as alerts:
        yield Chaos(release, alerts)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_runs_reach_their_state_and_everything_recovers(chaos: Chaos, fault: Fault) -> None:
    release, run = chaos.release, f"chaos-{FAULTS.index(fault)}-{int(time.time())}"
    canaries = [f"{run}-{i}" for i in range(CANARIES)]
    registered = len(versions(release, MODEL))
    with release.api() as api:
        api.trigger(fault.dag, run, ENDS[fault.dag])
        wait_until(lambda: _running(api, release, fault, run), f"{fault.task} to run", seconds=420, every=1)
        for name in canaries:
            api.trigger(CANARY, name)
        began = time.monotonic()
        fix = fault.inject(release)
        if fix:
            # It stays broken until the run has ended as it must.
            assert api.finished(fault.dag, run, 900)["state"] == fault.state, api.states(fault.dag, run)
            began = time.monotonic()
            fix()
        api.trigger(CANARY, f"{run}-after")
        after = api.finished(CANARY, f"{run}-after", RECOVERY)["state"]
        wait_until(lambda: _ready(release), "everything to be ready", seconds=RECOVERY)
        recovered = time.monotonic() - began
        ended = api.finished(fault.dag, run, 900)["state"]
        states = [api.finished(CANARY, name)["state"] for name in canaries]
        again = sum(api.tasks(CANARY, name)[0]["try_number"] > 1 for name in (*canaries, f"{run}-after"))
        tries = max(task["try_number"] for task in api.tasks(fault.dag, run))
        log = _failure(api, fault.dag, run) if ended == "failed" else ""
    written = len(versions(release, MODEL)) - registered
    fired = ended == "failed" and "MaestroDagFailed" in wait_until(
        lambda: chaos.alerts.firing() & {"MaestroDagFailed"}, "MaestroDagFailed to fire", seconds=120
    )
    message = f"{fault.dag} {ended}" + (f" at try {tries}" if tries > 1 else "")
    message += f", {states.count('success')} of {len(states)} canaries succeeded"
    message += f", {again} at a later try" if again else ""
    message += f", {written} model version{'' if written == 1 else 's'} written" if fault.dag == TRAINING else ""
    message += ", MaestroDagFailed fired" if fired else ""
    chaos.note(fault.name, message + (f": `{log}`" if log else ""), recovered)
    assert (ended, after) == (fault.state, "success"), message
    assert states == ["success"] * CANARIES, message
    assert written == (1 if fault.dag == TRAINING and fault.state == "success" else 0), message
    assert recovered < RECOVERY, message


def test_a_missed_deadline_is_reported_although_the_triggerer_died_before_it(chaos: Chaos) -> None:
    release, run = chaos.release, f"chaos-deadline-{int(time.time())}"
    with release.api() as api:
        api.trigger(TRAINING, run, ENDS[TRAINING])
        wait_until(lambda: api.run(TRAINING, run)["state"] == "running", "the run to begin")
        # Two hours are long: the deadline of this run is moved to a minute from now.
        _sql(
            release,
            "update deadline set deadline_time = now() + interval '60 seconds' where dagrun_id = "
            f"(select id from dag_run where run_id = '{run}') returning id",
        )
        began = time.monotonic()
        release.kubectl("delete", "pod", "--selector", "component=triggerer", "--grace-period=0", "--force")
        message = wait_until(lambda: _said(release, run), "the notification of the missed deadline", seconds=RECOVERY)
        seconds = time.monotonic() - began
        ended = api.finished(TRAINING, run, 900)["state"]
    chaos.note("the triggerer is killed a minute before a deadline", f"the run {ended}; message: `{message}`", seconds)
    assert ended == "success"


def _running(api: AirflowApi, release: Release, fault: Fault, run: str) -> bool:
    """Return the fault's task is at work, in its pod where it has one."""
    tasks = [task for task in api.tasks(fault.dag, run) if task["task_id"].rpartition(".")[2] == fault.task]
    if not any(task["state"] == "running" for task in tasks):
        return False
    pods = release.training.pods(f"maestro/step={fault.task}") if fault.dag == TRAINING else []
    return fault.dag != TRAINING or any(pod["status"]["phase"] == "Running" for pod in pods)


def _ready(release: Release) -> bool:
    workloads = release.kubectl.items("deployments,statefulsets")
    return all(each["status"].get("readyReplicas", 0) >= each["spec"].get("replicas", 1) for each in workloads)


def _failure(api: AirflowApi, dag: str, run: str) -> str:
    """Return what a failed task's log says of its error."""
    task = next(task for task in api.tasks(dag, run) if task["state"] == "failed")
    message = re.findall(r"(?:error: |cannot ).{0,200}", api.log(dag, run, task))
    return message[-1] if message else ""


def _said(release: Release, run: str) -> str:
    name = release.kubectl.pods("component=triggerer")[0]["metadata"]["name"]
    log = release.kubectl("logs", name, "--container", "triggerer", "--tail=-1", check=False)
    message = re.search(rf"[^\n\]]*{run} was not done[^\[\n]*", log)
    return message[0].strip() if message else ""


def _sql(release: Release, query: str) -> str:
    return release.kubectl.exec(f"{NAME}-postgres-0", "psql", "-U", "postgres", "-d", "airflow", "-Atc", query)
