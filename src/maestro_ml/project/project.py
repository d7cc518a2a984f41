"""The root of the project tree."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, StringConstraints

from maestro_ml.core.node import Name, Node, Time
from maestro_ml.core.places import OptionalPlace, Place
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.engines import Spark
from maestro_ml.project.models import Model
from maestro_ml.project.pipelines import Features, Pipeline, Training, Validation
from maestro_ml.project.pods import PodSettings
from maestro_ml.project.settings import Alerting, Execution, Tracking

_Prefix = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$", max_length=100)]


class Project(Node):
    """Everything a run needs to know: one maestro.yaml."""

    version: Literal[1] = 1
    name: Name
    team: Name = "data-science"
    dag_prefix: _Prefix = ""  # before the ids of the pipelines' DAGs, where several projects share an Airflow
    store: Place = "runs"
    data: OptionalPlace = None  # the folder or bucket where relative paths of sources start; by default the project's
    since: Time | None = None  # no run before: one triggered by hand for an earlier date succeeds and does nothing
    until: Time | None = None  # no scheduled run after: for data that has ended
    datasets: dict[Name, Dataset] = Field(min_length=1)
    features: Features | None = None
    models: dict[Name, Model] = {}
    validation: Validation = Validation.model_construct()
    training: Training = Training.model_construct()
    tracking: Tracking = Tracking.model_construct()
    alerting: Alerting = Alerting.model_construct()
    execution: Execution = Execution.model_construct()
    spark: Spark = Spark.model_construct()

    _root: Path = PrivateAttr(default=Path())

    @property
    def root(self) -> Path:
        """The folder of maestro.yaml; relative paths in it start here."""
        return self._root

    def locate(self, uri: str) -> str:
        """Return an absolute path or URI for one written in the project file."""
        # not Path.resolve, which raises where a link leads to itself
        return uri if "://" in uri else os.path.realpath(self._root / uri)

    def locate_data(self, path: str) -> str:
        """Return an absolute path or URI for the path of a source."""
        base = self.data or ""
        if "://" in base and "://" not in path and not os.path.isabs(path):  # noqa: PTH117 - a URI is no Path
            return f"{base.rstrip('/')}/{path}"
        return self.locate(path if "://" in path else os.path.join(base, path))  # noqa: PTH118

    @property
    def has_personal_columns(self) -> bool:
        """Whether a column of any dataset is marked `pii`."""
        return any(column.pii for dataset in self.datasets.values() for column in dataset.columns.values())

    def hides(self, column: str) -> bool:
        """Return whether a dataset marks a column of this name `pii`: its values follow it into features and models."""
        return any(dataset.hides(column) for dataset in self.datasets.values())

    def pipeline_of(self, dag_id: str) -> Pipeline | None:
        """Return the pipeline that a DAG runs; None for a DAG of the project's own."""
        pipelines = (self.validation, self.features, self.training)
        return next((each for each in pipelines if each and self.dag_id_of(each) == dag_id), None)

    def dag_id_of(self, pipeline: Pipeline) -> str:
        """Return the id of the DAG that runs a pipeline."""
        return f"{self.dag_prefix}{pipeline.dag_id}"

    def pod_of(self, step: str, target: str = "") -> PodSettings:
        """Return what the pod of a step gets; `target` is the model, if the step has one."""
        settings = PodSettings.model_construct().with_settings(self.execution)
        model = self.models.get(target)
        for own in (self.execution.steps, model.pods if model else {}):
            if of_step := {str(name): pod for name, pod in own.items()}.get(step):
                settings = settings.with_settings(of_step)
        return settings

    def validated_datasets(self) -> tuple[str, ...]:
        """Return the names of the datasets that the validation pipeline checks."""
        return self.validation.datasets or tuple(self.datasets)

    def validated_models(self) -> tuple[str, ...]:
        """Return one model for each set of training rows, so that no rows are validated twice."""
        first = {(model.dataset, model.window): name for name, model in reversed(self.models.items())}
        return tuple(name for name in self.models if name in first.values())
