"""Point-in-time training sets: rows of a dataset, each with its label and the features as they were known then."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.features.label_checks import check_labels
from maestro_ml.features.labelled_rows import labelled_batches, labelled_rows
from maestro_ml.features.newer_values import newer_values
from maestro_ml.features.row_digests import RowDigests, digests_of_rows
from maestro_ml.features.services import feature_service
from maestro_ml.features.training_file import write_rows
from maestro_ml.features.view_definitions import definition_of, view_files
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.models import Model
from maestro_ml.tables.file_digests import FileDigest, dataset_files

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class FromFeast:
    """What a feature service brought.

    Attributes:
        keyless: rows by the entity key they lack; they have no features of it.
        views: names of the feature views, in order.
        written_later: by view, the rows that got values which were created after the row's time.
        definitions: of the service and its views, by `feature service NAME` and `feature view NAME`.
        files: of the views' sources, by view.
    """

    keyless: dict[str, int] = field(default_factory=dict)
    views: list[str] = field(default_factory=list)
    written_later: dict[str, int] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, list[FileDigest]] = field(default_factory=dict)


@dataclass(frozen=True)
class BuiltTrainingSet:
    """What was written: labelled rows, and the names of the feature columns.

    Attributes:
        unlabelled: how many rows without a label were left out.
        newer: by column, the rows whose value was known only after the row's time.
        files: what was read, by `dataset NAME` and `feature view NAME`.
        digests: of the rows.
    """

    rows: int
    unlabelled: int
    features: list[str]
    feast: FromFeast
    newer: dict[str, int]
    files: dict[str, list[FileDigest]]
    digests: RowDigests


def build_training_set(project: Project, name: str, window: Window, file: Path) -> BuiltTrainingSet:
    """Write the training set of the model `name` as Parquet: keys, event timestamp (UTC), features, label.

    Raises:
        RequestError: the feature service is not there, needs a column the dataset lacks, or brings one it has.
        DataError: the dataset cannot be read, or its labels cannot be learned from, which is known before any feature.
        FeatureStoreError: the offline store failed.
    """
    model = project.models[name]
    unlabelled = check_labels(project, name, window)
    newer = newer_values(project, name, window)
    if model.feature_service:
        table, feast = _with_service(project, name, model, model.feature_service, window)
        written = write_rows(table.to_reader(), file)
        del table
    else:
        feast = FromFeast()
        with labelled_batches(project, model, _beside(model), window) as rows:
            written = write_rows(rows, file)
    spec = project.datasets[model.dataset]
    own = {*spec.keys, spec.timestamp, model.label, *_beside(model)} - {*model.columns}
    return BuiltTrainingSet(
        rows=written.num_rows,
        unlabelled=unlabelled,
        features=[n for n in written.schema.names if n not in own],
        newer=newer,
        feast=feast,
        files={f"dataset {model.dataset}": dataset_files(project, model.dataset), **feast.files},
        digests=digests_of_rows(written, spec.timestamp, window),
    )


def _with_service(
    project: Project, name: str, model: Model, service_name: str, window: Window
) -> "tuple[pa.Table, FromFeast]":
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
        views = service.views()
        feast = FromFeast(
            keyless={key: nulls for key in service.entity_keys() if (nulls := rows[key].null_count)},
            views=service.view_names(),
            written_later=service.written_later(rows, spec.event_column),
            definitions={
                f"feature service {service_name}": definition_of(service.feast),
                **{f"feature view {view.name}": definition_of(view) for view in views},
            },
            files={
                f"feature view {view.name}": view_files(project, service.store.feast.config, view)
                for view in views
                if hasattr(view, "batch_source")  # an on-demand view has none
            },
        )
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
    return table, feast


def _beside(model: Model) -> tuple[str, ...]:
    """Return the column that rows are grouped by when they are drawn, if there is one."""
    return (model.split.by,) if model.split and model.split.by else ()
