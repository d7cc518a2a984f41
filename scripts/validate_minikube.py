"""Is a small Maestro all right? Numbered checks, from the namespace to a run of each pipeline on the flights of 2013.

Exit codes: 0 everything passed; 1 something failed; 2 the request is wrong or a tool is missing; 3 the cluster does not
answer. Python's standard library and kubectl are enough to run it.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn, TextIO

ROOT = Path(__file__).resolve().parents[1]
RUNS = {
    "data_validation_pipeline": "2013-12-01T00:00:00Z",
    "feast_feature_materialization": "2013-12-01T02:00:00Z",
    "model_training_pipeline": "2013-12-01T04:00:00Z",
}


class Failed(Exception):
    """A check that did not pass; the text is its detail."""


@dataclass
class Release:
    """A release in a cluster, as kubectl sees it."""

    name: str
    namespace: str
    context: str

    @property
    def airflow(self) -> str:
        """The official chart's name of it."""
        return self.name if "airflow" in self.name else f"{self.name}-airflow"

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        context = ["--context", self.context] if self.context else []
        command = ["kubectl", *context, "--namespace", self.namespace, *words]
        return run(command, stdin=stdin)

    def inside(self, *words: str, stdin: str | None = None) -> str:
        """In the scheduler, which has Python, Airflow and the release's environment."""
        target = f"deployment/{self.airflow}-scheduler"
        return self.kubectl("exec", "-i", target, "--container", "scheduler", "--", *words, stdin=stdin)

    @cached_property
    def url(self) -> str:
        address = "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}"
        port = "jsonpath={.spec.ports[0].nodePort}"
        node = self.kubectl("get", "nodes", "--output", address)
        return f"http://{node}:{self.kubectl('get', 'service', f'{self.airflow}-api-server', '--output', port)}"

    @cached_property
    def password(self) -> str:
        key = "jsonpath={.data.admin-password}"
        return base64.b64decode(self.kubectl("get", "secret", "maestro-development", "--output", key)).decode()


@dataclass
class Check:
    """One line of the report."""

    number: int
    name: str
    passed: bool
    detail: str
    seconds: int


@dataclass
class Report:
    """The checks so far; each is printed as it ends."""

    out: TextIO
    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, fix: str, question: Callable[[], str]) -> None:
        """Ask, and print the last line of the answer; where it is no, how to fix it."""
        began = time.monotonic()
        try:
            passed, answer = True, question()
        except Failed as failure:
            passed, answer = False, str(failure)
        detail = (answer.strip().splitlines() or [""])[-1]
        check = Check(len(self.checks) + 1, name, passed, detail, round(time.monotonic() - began))
        self.checks.append(check)
        state = "PASS" if passed else "FAIL"
        print(f"{check.number:2} {state}  {name:<12} {detail} ({check.seconds} s)", file=self.out, flush=True)
        if not passed:
            print(f"         to fix it: {fix}", file=self.out, flush=True)

    @property
    def failed(self) -> int:
        return sum(not check.passed for check in self.checks)


def run(command: list[str], stdin: str | None = None, environment: dict[str, str] | None = None) -> str:
    """Return a command's output.

    Raises:
        Failed: it ended with an error; the text is what it said.
    """
    given = {**os.environ, **(environment or {})}
    done = subprocess.run(command, input=stdin, env=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stdout + done.stderr)
    return done.stdout


def has_namespace(release: Release) -> str:
    phase = release.kubectl("get", "namespace", release.namespace, "--output", "jsonpath={.status.phase}").strip()
    if phase != "Active":
        raise Failed(f"the namespace {release.namespace} is {phase or 'not there'}")
    return phase


def has_postgres(release: Release) -> str:
    pod = f"{release.name}-postgres-0"
    release.kubectl("exec", pod, "--", "pg_isready", "--quiet")
    psql = ["psql", "--username", "postgres", "--dbname", "airflow", "--no-align", "--tuples-only"]
    return " ".join(release.kubectl("exec", pod, "--", *psql, "--command", "select version()").split()[:2])


def pods_ready(release: Release) -> str:
    """Every pod of the release, or done where it is a Job's."""
    found = [
        json.loads(release.kubectl("get", "pods", "--selector", f"{label}={release.name}", "--output", "json"))
        for label in ("release", "app.kubernetes.io/instance")
    ]
    pods = {pod["metadata"]["name"]: pod["status"] for document in found for pod in document["items"]}
    waiting, restarts = [], 0
    for name, status in pods.items():
        containers = status.get("containerStatuses", [])
        restarts += sum(container["restartCount"] for container in containers)
        if status["phase"] != "Succeeded" and not (containers and all(container["ready"] for container in containers)):
            waiting.append(f"{name} ({status['phase']})")
    if not pods or waiting:
        raise Failed(f"not ready: {', '.join(waiting)}" if pods else "no pod of this release")
    return f"{len(pods)} ready, {restarts} restarts"


def database_migrated(release: Release) -> str:
    release.inside("airflow", "db", "check-migrations", "--migration-wait-timeout", "1")
    return "the schema is the one Airflow expects"


def ui_answers(release: Release) -> str:
    if (wrong := login(release.url, "wrong")) != 401:
        raise Failed(f"a wrong password was answered with {wrong}")
    if login(release.url, release.password) != 201:
        raise Failed(f"{release.url} refuses the password of the Secret maestro-development")
    return f"{release.url}, a wrong password is refused"


def login(url: str, password: str) -> int:
    """Return the status of the answer."""
    body = json.dumps({"username": "admin", "password": password}).encode()
    request = urllib.request.Request(f"{url}/auth/token", data=body, headers={"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a node is no address for a proxy
    try:
        with opener.open(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        raise Failed(f"{url} does not answer: {error}") from error


def pools_there(release: Release) -> str:
    release.inside("airflow", "pools", "get", "feast_online_store", "--output", "plain")
    return "feast_online_store"


def metrics_arrive(release: Release) -> str:
    script = (ROOT / "files/tests/statsd.py").read_text()
    return release.inside("env", f"STATSD_HOST={release.name}-statsd", "python3", "-", stdin=script)


def script(release: Release, *words: str) -> str:
    """Return a script of ours that asks Airflow's API."""
    api = {"AIRFLOW_URL": release.url, "AIRFLOW_USERNAME": "admin", "AIRFLOW_PASSWORD": release.password}
    return run([sys.executable, *words], environment={**api, "PYTHONPATH": str(ROOT / "files/tests"), "no_proxy": "*"})


def check_all(report: Report, release: Release, *, with_runs: bool, timeout: float) -> None:
    place = f"kubectl -n {release.namespace}"
    logs, setup = f"{place} logs", f"{place} logs -l app.kubernetes.io/component=setup"
    describe = f"{place} describe pod NAME, and docs/chart.md 'When it does not come up'"

    def check(name: str, fix: str, question: Callable[[Release], str]) -> None:
        report.check(name, fix, lambda: question(release))

    check("namespace", f"scripts/setup-minikube.sh --namespace {release.namespace}", has_namespace)
    check("postgresql", f"{logs} {release.name}-postgres-0", has_postgres)
    check("pods", describe, pods_ready)
    check("database", f"{setup} --all-containers", database_migrated)
    check("ui", f"{logs} deployment/{release.airflow}-api-server", ui_answers)
    dags = str(ROOT / "files/tests/dags.py")
    check("dags", f"{logs} deployment/{release.airflow}-dag-processor", lambda _: script(release, dags))
    check("pools", f"the setup Job imports them: {setup}", pools_there)
    check("statsd", f"{logs} deployment/{release.name}-statsd", metrics_arrive)
    if with_runs:
        runner = str(ROOT / "scripts/run_dag.py")
        for dag, end in RUNS.items():
            fix = f"the task's log in the UI, at /dags/{dag}"
            report.check("run", fix, lambda d=dag, e=end: script(release, runner, d, e, str(timeout)))  # type: ignore[misc]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        stop(2, f"{message} (--help lists the options)")


def stop(code: int, message: str) -> NoReturn:
    sys.stderr.write(f"validate-minikube: {message}\n")
    raise SystemExit(code)


def request() -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog="scripts/validate-minikube.sh", description=__doc__, formatter_class=form)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, everything else on stderr")
    parser.add_argument("--skip-runs", action="store_true", help="leave out the runs of the pipelines (minutes)")
    parser.add_argument("--namespace", default="maestro")
    parser.add_argument("--release", default="maestro")
    parser.add_argument("--timeout", type=float, default=900, help="seconds a run may take (default 900)")
    parser.add_argument("--context", default="")
    return parser.parse_args()


def main() -> int:
    given = request()
    if not shutil.which("kubectl"):
        stop(2, "kubectl is not on PATH: install it")
    release = Release(given.release, given.namespace, given.context)
    try:
        release.kubectl("get", "--raw", "/readyz")
    except Failed:
        stop(3, "no cluster answers: check 'kubectl config current-context'")
    report = Report(sys.stderr if given.json else sys.stdout)
    check_all(report, release, with_runs=not given.skip_runs, timeout=given.timeout)
    if given.json:
        print(json.dumps({"passed": not report.failed, "checks": [asdict(check) for check in report.checks]}, indent=2))
    total = len(report.checks)
    print(
        f"{report.failed} of {total} checks failed" if report.failed else f"all {total} checks passed", file=sys.stderr
    )
    return int(bool(report.failed))


if __name__ == "__main__":
    sys.exit(main())
