"""Point-in-time training sets: rows of a dataset, each with its label and the features as they were known then."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.features.label_checks import check_labels
from maestro_ml.features.labelled_rows import labelled_rows
from maestro_ml.features.newer_values import newer_values
from maestro_ml.features.services import feature_service
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.models import Model

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class BuiltTrainingSet:
    """What was written: labelled rows, unlabelled rows that were left out, and the names of the feature columns.

    `keyless` counts rows by the entity key they lack; they have no features of it.
    """

    rows: int
    unlabelled: int
    features: list[str]
    keyless: dict[str, int] = field(default_factory=dict)
    views: list[str] = field(default_factory=list)  # of Feast, that the features come from
    newer: dict[str, int] = field(default_factory=dict)  # by column, the rows whose value was known only later
    written_later: dict[str, int] = field(default_factory=dict)  # by view, the rows whose values were created later


def build_training_set(project: Project, name: str, window: Window, file: Path) -> BuiltTrainingSet:
    """Write the training set of the model `name` as Parquet: keys, event timestamp (UTC), features, label.

    Raises:
        RequestError: the feature service is not there, needs a column the dataset lacks, or brings one it has.
        DataError: the dataset cannot be read, or its labels cannot be learned from, which is known before any feature.
        FeatureStoreError: the offline store failed.
    """
    import pyarrow.parquet as pq

    model = project.models[name]
    unlabelled = check_labels(project, name, window)
    newer = newer_values(project, name, window)
    written_later: dict[str, int] = {}
    if model.feature_service:
        table, keyless, written_later = _with_service(project, name, model, model.feature_service, window)
    else:
        table, keyless = labelled_rows(project, model, _beside(model), window), {}
    spec = project.datasets[model.dataset]
    own = {*spec.keys, spec.timestamp, model.label, *_beside(model)} - {*model.columns}
    pq.write_table(table.replace_schema_metadata(), file)
    return BuiltTrainingSet(
        rows=table.num_rows,
        unlabelled=unlabelled,
        features=[n for n in table.column_names if n not in own],
        keyless=keyless,
        views=list(written_later),
        newer=newer,
        written_later={view: rows for view, rows in written_later.items() if rows},
    )


def _with_service(
    project: Project, name: str, model: Model, service_name: str, window: Window
) -> "tuple[pa.Table, dict[str, int], dict[str, int]]":
    """Return the rows with features, how many lack which key, and by view how many got values created later."""
    spec = project.datasets[model.dataset]
    with feature_service(project, service_name) as service:
        needed = service.needs()
        if missing := [column for column in needed if not spec.declares(column)]:
            raise RequestError(
                f"models.{name}: the feature service {service_name} needs {', '.join(missing)}, "
                f"which is no column of the dataset {model.dataset}"
            )
        rows = labelled_rows(project, model, (*needed, *_beside(model)), window)
        features = service.as_of(rows, spec.event_column)
        written_later = service.written_later(rows, spec.event_column)
        keyless = {key: nulls for key in service.entity_keys() if (nulls := rows[key].null_count)}
    if twice := [column for column in features.column_names if column in rows.column_names]:
        raise RequestError(
            f"models.{name}: {', '.join(twice)} comes from the feature service {service_name} and from the dataset; "
            "rename one of the two"
        )
    table = rows.select(
        [
            n
            for n in rows.column_names
            if n in {*spec.keys, spec.event_column, *model.columns, model.label, *_beside(model)}
        ]
    )
    for column in features.column_names:
        table = table.append_column(column, features[column])
    return table, keyless, written_later


def _beside(model: Model) -> tuple[str, ...]:
    """Return the column that rows are grouped by when they are drawn, if there is one."""
    return (model.split.by,) if model.split and model.split.by else ()
