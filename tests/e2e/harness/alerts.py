"""The chart's alert rules, evaluated by a Prometheus on this machine that scrapes the release's exporter."""

import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import httpx
import yaml

from harness.forward import Forward, free_port
from harness.kubectl import run, wait_until
from harness.release import HELM, NAME, Release

EVERY = "5s"


class Alerts:
    """What fires, while the block lasts. Needs `prometheus` on PATH."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._folder = tempfile.TemporaryDirectory(prefix="maestro-prometheus-")
        self._forward = release.forward("statsd", 9102)
        self._url = f"http://127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire now."""
        answer = httpx.get(f"{self._url}/api/v1/alerts", timeout=30, trust_env=False).raise_for_status().json()
        return {alert["labels"]["alertname"] for alert in answer["data"]["alerts"] if alert["state"] == "firing"}

    def __enter__(self) -> "Alerts":
        folder = Path(self._folder.name)
        self._forward.open()
        (folder / "rules.yaml").write_text(yaml.safe_dump(self._rules()))
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(self._configuration(self._forward)))
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yaml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={self._url.removeprefix('http://')}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.firing() is not None, "an answer of Prometheus", seconds=60)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._forward.close()
        self._folder.cleanup()

    def _rules(self) -> dict[str, object]:
        values = [word for file in self._release.values for word in ("--values", str(file))]
        rule = "charts/statsd/templates/prometheusrule.yaml"
        enabled = ["--set", "statsd.prometheusRule.enabled=true", "--namespace", self._release.namespace]
        rendered = run([HELM, "template", NAME, str(self._release.chart), *values, *enabled, "--show-only", rule])
        return dict(yaml.safe_load(rendered)["spec"])

    def _configuration(self, forward: Forward) -> dict[str, object]:
        target = {"targets": [f"127.0.0.1:{forward.port}"], "labels": {"namespace": self._release.namespace}}
        return {
            "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{"job_name": f"{NAME}-statsd", "static_configs": [target]}],
        }
