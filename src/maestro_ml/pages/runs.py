"""What the runs of a store left: the results of their steps, the newest first."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from maestro_ml.steps.store import RESULT, reaching

RUNS = 20  # of each DAG that are looked at, the newest
_NO_DAGS = ("history", "ledger")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.-]+")
_LEVELS = (3, 4)  # <dag>/<run>/<step>/result.json, or with a target


class _Sample(BaseModel):
    name: str
    value: float
    labels: dict[str, str] = {}


class _Result(BaseModel):
    outcome: str
    summary: str
    metrics: list[_Sample] = []


class _Record(BaseModel):
    """What all steps have in their result.json."""

    step: str
    target: str
    window_start: datetime
    window_end: datetime
    finished_at: datetime
    seconds: float
    version: str
    result: _Result


@dataclass(frozen=True)
class StepDone:
    """One step of one run that is done.

    Attributes:
        place: its folder below the store, as names.
        files: the names of the files in it.
    """

    place: tuple[str, ...]
    record: _Record
    files: tuple[str, ...]

    @property
    def dag(self) -> str:
        """The name of the DAG's folder."""
        return self.place[0]

    @property
    def run(self) -> str:
        """The name of the run's folder."""
        return self.place[1]

    def metric(self, name: str, **labels: str) -> float | None:
        """Return the sum of a metric over the samples with these labels; None if there is none."""
        found = [
            sample.value
            for sample in self.record.result.metrics
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None


@dataclass(frozen=True)
class Runs:
    """The newest runs of a store; `unread` names the results that cannot be read."""

    steps: tuple[StepDone, ...]
    unread: tuple[str, ...] = ()

    def of(self, *steps: str, target: str = "") -> list[StepDone]:
        """Return what these steps did about a target, by the end of the window, the newest first."""
        found = [s for s in self.steps if s.record.step in steps and target in ("", s.record.target)]
        return sorted(found, key=lambda s: (s.record.window_end, s.record.finished_at), reverse=True)

    def of_run(self, dag: str, run: str) -> list[StepDone]:
        """Return the steps of one run in the order in which they ended."""
        return sorted((s for s in self.steps if s.place[:2] == (dag, run)), key=lambda s: s.record.finished_at)


def read_runs(store: str, only: tuple[str, str] | None = None) -> Runs:
    """Return the newest runs of each DAG, or one run.

    Raises:
        StoreError: the store cannot be reached.
    """
    with reaching(store) as (filesystem, path):
        root = path.rstrip("/")
        filesystem.invalidate_cache(root)
        if only:
            places = [f"{root}/{only[0]}/{only[1]}"]
        else:
            dags = [name for name in _folders(filesystem, root) if _name(name) not in _NO_DAGS]
            places = [run for dag in dags for run in _newest(_folders(filesystem, dag))]
        files = [str(file) for place in places if filesystem.isdir(place) for file in filesystem.find(place)]
        results = [file for file in files if _name(file) == RESULT and file[len(root) :].count("/") - 1 in _LEVELS]
        contents: dict[str, bytes] = filesystem.cat(results, on_error="omit") if results else {}
    return _read(root, files, results, contents)


def _read(root: str, files: list[str], results: list[str], contents: dict[str, bytes]) -> Runs:
    beside: dict[str, list[str]] = {}
    for file in files:
        beside.setdefault(file.rsplit("/", 1)[0], []).append(_name(file))
    steps, unread = [], []
    for file in results:
        folder = file.rsplit("/", 1)[0]
        place = tuple(folder[len(root) :].strip("/").split("/"))
        try:
            record = _Record.model_validate_json(contents[file])
        except (KeyError, ValidationError):  # being written, damaged, or of another version
            unread.append("/".join(place))
            continue
        steps.append(StepDone(place, record, tuple(sorted(beside[folder]))))
    return Runs(tuple(steps), tuple(unread))


def _folders(filesystem: Any, path: str) -> list[str]:
    if not filesystem.isdir(path):
        return []
    found = filesystem.ls(path, detail=True)
    folders = (str(each["name"]).rstrip("/") for each in found if each["type"] == "directory")
    return [folder for folder in folders if not _name(folder).startswith(".")]


def _newest(runs: list[str]) -> list[str]:
    """Return the newest runs, by the time in their names."""

    def moment(run: str) -> tuple[str, str]:
        found = _MOMENT.search(_name(run))
        return (re.sub(r"[:-]", "", found.group()) if found else "", run)

    return sorted(runs, key=moment, reverse=True)[:RUNS]


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
