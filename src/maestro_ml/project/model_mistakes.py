"""Models that could never be trained, or never registered."""

from collections.abc import Iterator

from maestro_ml.core.node import Mistake, Path
from maestro_ml.core.static_names import misspelling
from maestro_ml.metrics.registry import metrics_of
from maestro_ml.project.datasets import Column, Dataset
from maestro_ml.project.gate_mistakes import gate_mistakes
from maestro_ml.project.known_names import expected, meant
from maestro_ml.project.models import Gate, Model
from maestro_ml.project.project import Project
from maestro_ml.project.search import search_mistakes
from maestro_ml.project.splits import split_mistakes
from maestro_ml.sql.types import NUMERIC, TIMES, ColumnType

_CLASSES: tuple[ColumnType, ...] = ("boolean", "integer", "number", "string")


def model_mistakes(project: Project, model: Model, here: Path) -> Iterator[Mistake]:
    """Report everything because of which a model could never be trained, or never registered."""
    yield from expected(model.dataset, project.datasets, (*here, "dataset"), "dataset", (("datasets",),))
    name, dataset = meant(model.dataset, project)
    if dataset:
        yield from _model_columns(model, name, dataset, here)
    features = (*here, "columns")
    if model.label in model.columns:
        place = (*features, model.columns.index(model.label))
        yield Mistake(place, f"the label '{model.label}' cannot be a feature of itself")
    if not model.columns and not model.feature_service:
        yield Mistake(here, "needs a feature_service, columns, or both", (features, (*here, "feature_service")))
    if model.feature_service and project.features is None:
        yield Mistake((*here, "feature_service"), "the project has no features section", (("features",),))
    yield from split_mistakes(model, name, dataset, here)
    yield from search_mistakes(model, project.training.deadline, here)
    yield from _import_paths(model, here)
    yield from _preprocessing(model, here)
    yield from _task(model, here)
    yield from _gate(model.gate, (*here, "gate"))
    yield from gate_mistakes(project, model, (*here, "gate"))


def _model_columns(model: Model, name: str, dataset: Dataset, here: Path) -> Iterator[Mistake]:
    columns = ("datasets", name, "columns")
    label = (*here, "label")
    if not dataset.declares(model.label):
        yield from expected(model.label, dataset.columns, label, "column", (columns,))
    if model.label == dataset.timestamp:
        yield Mistake(label, f"the label '{model.label}' is the event time of dataset {name}")
    elif model.label in dataset.keys:
        yield Mistake(label, f"the label '{model.label}' is a key of dataset {name}, which only identifies a row")
    elif declared := dataset.column(model.label):
        yield from _label(model, declared, here, (*columns, model.label, "type"))
    if model.split and model.split.by is not None:
        if not dataset.declares(model.split.by):
            yield from expected(model.split.by, dataset.columns, (*here, "split", "by"), "column", (columns,))
        if model.split.by == model.label:
            yield Mistake((*here, "split", "by"), "the label cannot be what rows are grouped by")
    for index, column in enumerate(model.columns):
        place = (*here, "columns", index)
        if not dataset.declares(column):
            yield from expected(column, dataset.columns, place, "column", (columns,))
        declared = dataset.column(column)
        if declared is None or column == model.label:
            continue
        if (kind := declared.type) in TIMES:
            what = "the event time" if column == dataset.timestamp else f"a {kind}"
            message = f"'{column}' is {what}, and a feature is a number, a boolean or text"
            yield Mistake(place, message, ((*columns, column, "type"),))


def _label(model: Model, column: Column, here: Path, declared: Path) -> Iterator[Mistake]:
    """Report a label that cannot be what the task, or the gate's metric, says."""
    if column.type not in (NUMERIC if model.predicts_numbers else _CLASSES):
        words, because = "a class (text, an integer, a boolean) or a number", [declared]
        if model.predicts_numbers:
            because += [(*here, "gate", "metric"), (*here, "task")]
            words = f"a number for {'a regression' if model.task else f'the metric {model.gate.metric}'}"
        message = f"a label is {words}, and '{model.label}' is {column.type}"
        yield Mistake((*here, "label"), message, tuple(because))
    elif column.type == "string" and column.pii:
        message = f"the label '{model.label}' is text marked pii: its values would be in the model and its report"
        yield Mistake((*here, "label"), message, (declared,))


def _import_paths(model: Model, here: Path) -> Iterator[Mistake]:
    """Report import paths whose module is here and does not define the name."""
    named: list[tuple[Path, str]] = []
    if "class_path" in model.estimator.model_fields_set:
        named.append((("estimator", "class"), model.estimator.class_path))
    if not isinstance(model.preprocessing, str):
        for index, part in enumerate(model.preprocessing):
            for position, step in enumerate(part.steps):
                named.append((("preprocessing", index, "steps", position, "class"), step.class_path))
    elif model.preprocessing not in ("default", "none"):
        named.append((("preprocessing",), model.preprocessing))
    for place, path in named:
        if trouble := misspelling(path):
            yield Mistake((*here, *place), f"{path} cannot be imported: {trouble}")


def _preprocessing(model: Model, here: Path) -> Iterator[Mistake]:
    """Report a column that is transformed twice, or is no feature."""
    if isinstance(model.preprocessing, str):
        return
    seen: set[str] = set()
    for index, part in enumerate(model.preprocessing):
        for position, name in enumerate(part.columns):
            place = (*here, "preprocessing", index, "columns", position)
            if not model.feature_service:  # its features are known in the feature repo
                yield from expected(name, model.columns, place, "feature", ((*here, "columns"),))
            if name in seen and name not in part.columns[:position]:
                yield Mistake(place, f"'{name}' is transformed twice")
        seen |= set(part.columns)


def _task(model: Model, here: Path) -> Iterator[Mistake]:
    """Report a metric of another task, and a positive class where there is none."""
    task = model.task or ("regression" if model.predicts_numbers else None)
    if task and task not in model.gate.measure.tasks:
        near = ", ".join(metrics_of(task))
        place = (*here, "gate", "metric") if "metric" in model.gate.model_fields_set else here
        message = f"the gate's metric, {model.gate.metric}, does not fit the task {task}; those that do: {near}"
        yield Mistake(place, message, ((*here, "task"), (*here, "gate", "metric")))
    if model.class_weight and task == "regression":
        yield Mistake((*here, "class_weight"), "there are no classes in a regression", ((*here, "task"),))
    for name in ("class_weight", "auto_class_weights", "scale_pos_weight", "is_unbalance"):
        if model.class_weight and name in model.estimator.parameters:
            because = ((*here, "estimator", "parameters", name),)
            yield Mistake((*here, "class_weight"), f"the estimator's parameter {name} weighs the classes too", because)
    if model.positive is not None and task in ("multiclass", "regression"):
        yield Mistake((*here, "positive"), f"only a binary task has a positive class, and this is {task}")


def _gate(gate: Gate, here: Path) -> Iterator[Mistake]:
    """Report a limit on the wrong side of the metric, or one that no model can reach."""
    metric, name, because = gate.measure, gate.metric, ((*here, "metric"),)
    if metric.higher_is_better:
        if gate.below is not None:
            yield Mistake((*here, "below"), f"more {name} is better: give `above`", because)
        if gate.above >= metric.highest:
            limit = f"{gate.above:g}, so no model could ever pass; give less than {metric.highest:g}"
            yield Mistake((*here, "above"), f"no {name} is above {limit}")
    elif "above" in gate.model_fields_set:
        yield Mistake((*here, "above"), f"less {name} is better: give `below`", because)
    elif gate.below is None:
        yield Mistake(here, f"{name} needs a limit: lower is better, so give `below`", (*because, (*here, "below")))
    elif gate.below <= metric.lowest:
        limit = f"{gate.below:g}, so no model could ever pass; give more than {metric.lowest:g}"
        yield Mistake((*here, "below"), f"no {name} is below {limit}", because)
