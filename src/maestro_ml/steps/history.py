"""The metrics of a dataset's runs in the run store: one Parquet file a run, `history/<dataset>/<end>-<run>.parquet`.

The run is `<dag>-<run>-<digest>` there: names of DAGs and runs may hold dashes. Each is a table of `metric`, `column`,
`value` with the run's `run`, `start`, `end`, `created` and `verdict` beside them, so that DuckDB, Spark or pandas can
read the folder as it is.
"""

import io
from datetime import datetime
from typing import Any

from maestro_ml.checks.history import NullRateHistoryCheck, RowCountHistoryCheck
from maestro_ml.core.window import stamp, stamped
from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.store import Folder, path_segment
from maestro_ml.tables.arrow_values import moment_array, number_array, text_array
from maestro_ml.validation.history.runs import History, RunMetrics

SHOWN_RUNS = 30


def write_metrics(folder: StepFolder, metrics: RunMetrics) -> str:
    """Write a run's metrics, replacing those of an earlier attempt, and return the URI."""
    place, name, content = metrics_file(folder, metrics)
    return place.write(name, content)


def metrics_file(folder: StepFolder, metrics: RunMetrics) -> tuple[Folder, str, bytes]:
    """Return the file of a run's metrics: its folder, name and content."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    long = [(m, c, v) for m, columns in metrics.values.items() for c, v in columns.items()]
    names, columns, values = zip(*long, strict=True) if long else ((), (), ())
    shared = {"run": metrics.run, "verdict": metrics.verdict}
    times = {"start": metrics.start, "end": metrics.end, "created": metrics.created}
    table = pa.table(
        {name: text_array([value] * len(long)) for name, value in shared.items()}
        | {name: moment_array([value] * len(long)) for name, value in times.items()}
        | {"metric": text_array(names), "column": text_array(columns), "value": number_array(values)}
    )
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    name = f"{stamp(metrics.end)}-{path_segment(metrics.run)}.parquet"
    return history_folder(folder.store, folder.target), name, content.getvalue()


def read_history(store: str, dataset: str, spec: Dataset, window: Window) -> History:
    """Return the earlier runs that the dataset's history checks and the report's trends need.

    Raises:
        StoreError: the run store cannot be reached. A single file that cannot be read is left out, by name.
    """
    folder = history_folder(store, dataset)
    names: dict[datetime, list[str]] = {}
    for name in folder.names(".parquet"):
        if (end := stamped(name)) and end < window.end:
            names.setdefault(end, []).append(name)
    wanted = [name for end in _wanted(sorted(names), spec, window) for name in names[end]]
    contents = folder.read_all(wanted)
    runs, left_out = [], [name for name in wanted if name not in contents]
    for name in (name for name in wanted if name in contents):  # oldest first; a bucket lists files in any order
        try:
            runs.append(_run(contents[name]))
        except Exception:  # a damaged file must not prevent the validation
            left_out.append(name)
    return History(tuple(runs), tuple(left_out))


def _wanted(ends: list[datetime], spec: Dataset, window: Window) -> list[datetime]:
    """Return the newest ends, only as many as are needed: a bucket charges for each file."""
    chosen = set(ends[-SHOWN_RUNS:])
    for check in spec.checks:
        if isinstance(check, RowCountHistoryCheck | NullRateHistoryCheck):
            season = [e for e in ends if check.season == "none" or e.weekday() == window.end.weekday()]
            chosen.update(season[-check.runs :])
    return sorted(chosen)


def _run(content: bytes) -> RunMetrics:
    import pyarrow.parquet as pq

    # Without Arrow's threads: those that have just begun when the process ends make it abort (exit code 134).
    table = pq.read_table(io.BytesIO(content), use_threads=False, pre_buffer=False)
    rows: list[dict[str, Any]] = table.to_pylist()
    values: dict[str, dict[str, float]] = {}
    for row in rows:
        values.setdefault(row["metric"], {})[row["column"]] = row["value"]
    return RunMetrics(**{name: rows[0][name] for name in ("run", "start", "end", "created", "verdict")}, values=values)


def history_folder(store: str, dataset: str) -> Folder:
    """Return the folder of the run store that holds the metrics of a dataset's runs."""
    return Folder(f"{store}/history/{dataset}")
