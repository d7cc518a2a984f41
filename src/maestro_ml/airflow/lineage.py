"""OpenLineage of a step's task: what it read and wrote, and a validation's findings as assertions.

The OpenLineage provider, where it is installed, calls these methods when a task has ended, and sends the events.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.lineage_datasets import assertions_of, dataset_of_source, dataset_of_uri
from maestro_ml.steps import StepFolder, StepRecord, StepResult
from maestro_ml.steps.store import RESULT

if TYPE_CHECKING:
    from maestro_ml.project import Project

_FINDINGS, _TRAINING_SET, _DECISION = "report.json", "training_set.parquet", "decision_record.json"


class StepLineage:
    """Give a step's operator the two methods that the OpenLineage provider looks for."""

    step: str
    project_path: str
    target: str

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """Return inputs and outputs of the step, from what it left in the run store.

        A pod that an earlier try left running may have written it before this try began.
        """
        from airflow.providers.openlineage.extractors import OperatorLineage

        project, folder = self._place(task_instance)
        if not folder.exists(RESULT):
            return OperatorLineage()
        inputs, outputs = _read(project, self.step, self.target, folder), _written(project, self.step, folder)
        return OperatorLineage(inputs=list(inputs), outputs=list(outputs))

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> Any:
        """Return the same of a result of this try: a verdict that fails the task has its findings too."""
        from airflow.providers.openlineage.extractors import OperatorLineage

        _, folder = self._place(task_instance)
        if not _is_of_this_try(folder, task_instance):
            return OperatorLineage()
        return self.get_openlineage_facets_on_complete(task_instance)

    def _place(self, task_instance: Any) -> tuple["Project", StepFolder]:
        project = project_at(self.project_path)
        store = project.locate(project.store)
        run = (task_instance.dag_id, task_instance.run_id)
        return project, StepFolder.of_run(store, *run, self.step, self.target)


def _is_of_this_try(folder: StepFolder, task_instance: Any) -> bool:
    if not folder.exists(RESULT):
        return False
    started = getattr(task_instance, "start_date", None)
    return started is None or folder.read_model(RESULT, StepRecord[StepResult]).finished_at >= started


def _read(project: "Project", step: str, target: str, folder: StepFolder) -> Iterator[Any]:
    if step in ("validate", "validate_training"):
        name = target if step == "validate" else project.models[target].dataset
        yield dataset_of_source(project, name, assertions_of(folder.read_all([_FINDINGS]).get(_FINDINGS)))
    elif step == "build_features":
        yield dataset_of_source(project, project.models[target].dataset)
        for view in _views(folder):
            yield dataset_of_uri(f"feast://{project.name}/{view}")
    elif step in ("train", "evaluate"):
        yield dataset_of_uri(folder.of_step("build_features").path(_TRAINING_SET))
        if step == "evaluate":
            yield from _artifacts(folder.of_step("train"), "model")
    elif step == "register":
        yield from _artifacts(folder.of_step("train"), "model")
        yield dataset_of_uri(folder.of_step("evaluate").path(_DECISION))
    elif step == "materialize":
        files = (view.get("source") for view in _result(folder).get("views", ()))
        yield from map(dataset_of_uri, dict.fromkeys(filter(None, files)))
    elif step in ("promote", "verify_online"):
        yield from _named(project, folder)


def _written(project: "Project", step: str, folder: StepFolder) -> Iterator[Any]:
    if step == "build_features":
        yield dataset_of_uri(folder.path(_TRAINING_SET))
    elif step == "train":
        yield from _artifacts(folder, "model")
    elif step == "evaluate":
        yield dataset_of_uri(folder.path(_DECISION))
    elif step in ("register", "materialize"):
        yield from _named(project, folder)


def _named(project: "Project", folder: StepFolder) -> Iterator[Any]:
    """Yield the feature views, or the registered version, that a step's result names."""
    for view in _result(folder).get("views", ()):
        yield dataset_of_uri(f"feast://{project.name}/{view['view']}")
    if version := _result(folder).get("version"):
        name = _result(folder)["registered_name"]
        yield dataset_of_uri(f"mlflow://{project.name}/{name}", version=str(version))


def _views(folder: StepFolder) -> list[str]:
    return list(_result(folder).get("training_set", {}).get("views", ()))


def _artifacts(folder: StepFolder, name: str) -> Iterator[Any]:
    if uri := _result(folder).get("artifacts", {}).get(name):
        yield dataset_of_uri(uri)


def _result(folder: StepFolder) -> dict[str, Any]:
    import json

    content = folder.read_all([RESULT]).get(RESULT)
    return json.loads(content)["result"] if content else {}
