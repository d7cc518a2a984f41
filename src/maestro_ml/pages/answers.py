"""The answer to a request: which page a path names, or which file of a run."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from maestro_ml.pages.render import render
from maestro_ml.pages.runs import Runs, read_runs
from maestro_ml.project import MaestroError, Project
from maestro_ml.steps.models import ledger_of
from maestro_ml.steps.store import is_local, reaching

# What a step writes for people; training sets and models are no pages.
SHOWN = {
    "report.html": "text/html",
    "decision_record.html": "text/html",
    "report.json": "application/json",
    "decision.json": "application/json",
    "decision_record.json": "application/json",
    "result.json": "application/json",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_SEGMENT = re.compile(r"[\w=+-][\w.=+-]*")  # as `path_segment` writes them: no `..`, nothing hidden
_FEATURE_STEPS = ("check_features", "materialize", "verify_online")


@dataclass(frozen=True)
class Answer:
    """What is sent: a page, or a file of a run."""

    status: int
    body: bytes
    content_type: str = "text/html"

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {**HEADERS, "Content-Type": f"{self.content_type}; charset=utf-8"}


@dataclass(frozen=True)
class Site:
    """A project and the store whose runs are shown."""

    project: Project
    store: str

    def answer(self, path: str) -> Answer:
        """Return the answer to a path such as `datasets/orders`, which is decoded already."""
        parts = path.strip("/").split("/") if path.strip("/") else []
        if not all(_SEGMENT.fullmatch(part) for part in parts):
            return self._message(404, "There is no such page", "../" * max(0, len(parts) - 1))
        try:
            return self._page(parts)
        except MaestroError as error:
            return self._message(502, str(error), "../" * max(0, len(parts) - 1))

    def _page(self, parts: list[str]) -> Answer:
        pages: dict[str, Callable[[str], Answer | None]] = {"datasets": self._dataset, "models": self._model}
        found: Answer | None = None
        match parts:
            case []:
                found = self._index()
            case ["features"]:
                found = self._features()
            case ["datasets" | "models" as kind, name]:
                found = pages[kind](name)
            case ["runs", dag, run]:
                found = self._run(dag, run)
            case ["files", *place, name] if len(place) in (3, 4) and name in SHOWN:
                found = self._file([*place, name])
        return found or self._message(404, "There is no such page", "../" * max(0, len(parts) - 1))

    def _index(self) -> Answer:
        runs = read_runs(self.store)
        datasets = {name: runs.of("validate", target=name) for name in self.project.datasets}
        models = {name: runs.of("evaluate", target=name) for name in self.project.models}
        latest = sorted(runs.steps, key=lambda step: step.record.finished_at, reverse=True)
        newest = list({step.place[:2]: step for step in reversed(latest)}.values())[::-1]
        features = runs.of(*_FEATURE_STEPS) if self.project.features else []
        return self._show(
            "index", "", runs, datasets=datasets, models=models, features=features, newest=newest, aliases=self._aliases
        )

    def _dataset(self, name: str) -> Answer | None:
        if name not in self.project.datasets:
            return None
        runs = read_runs(self.store)
        return self._show("dataset", "../", runs, name=name, steps=runs.of("validate", target=name))

    def _model(self, name: str) -> Answer | None:
        if name not in self.project.models:
            return None
        runs = read_runs(self.store)
        model, ledger, broken = self.project.models[name], [], ""
        try:
            ledger = ledger_of(self.store, model.register_as.name).entries()[::-1]
        except MaestroError as error:
            broken = str(error)
        steps = runs.of("evaluate", target=name)
        registered = {step.place[:2]: step for step in runs.of("register", target=name)}
        return self._show(
            "model",
            "../",
            runs,
            name=name,
            model=model,
            steps=steps,
            registered=registered,
            ledger=ledger,
            broken=broken,
        )

    def _features(self) -> Answer | None:
        runs = read_runs(self.store)
        return self._show("features", "", runs, steps=runs.of(*_FEATURE_STEPS)) if self.project.features else None

    def _run(self, dag: str, run: str) -> Answer | None:
        runs = read_runs(self.store, only=(dag, run))
        steps = runs.of_run(dag, run)
        return self._show("run", "../../", runs, dag=dag, run=run, steps=steps) if steps else None

    def _file(self, parts: list[str]) -> Answer | None:
        with reaching(self.store) as (filesystem, path):
            file = "/".join([path.rstrip("/"), *parts])
            if is_local(filesystem) and not Path(file).resolve().is_relative_to(Path(path).resolve()):
                return None  # a link that leads out of the store
            if not filesystem.isfile(file):
                return None
            return Answer(200, filesystem.cat_file(file), SHOWN[parts[-1]])

    def _aliases(self, model: str) -> dict[str, str]:
        """Return the version that each alias has by the ledger; empty where it is broken, as the model's page says."""
        try:
            entries = ledger_of(self.store, self.project.models[model].register_as.name).entries()
        except MaestroError:
            return {}
        return {entry.alias: entry.version for entry in entries}

    def _show(self, page: str, root: str, runs: Runs, **content: object) -> Answer:
        content |= {"shown": SHOWN, "unread": runs.unread}
        return Answer(200, render(page, project=self.project.name, root=root, **content).encode())

    def _message(self, status: int, message: str, root: str) -> Answer:
        page = render("message", project=self.project.name, root=root, message=message, unread=())
        return Answer(status, page.encode())
