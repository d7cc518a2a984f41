"""Write the flights project to a folder or a bucket."""

import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.data.engine import connect
from maestro_ml.demo.flights import tables
from maestro_ml.demo.flights.source import create_views
from maestro_ml.steps.store import Folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def prepare(dest: str) -> None:
    """Write maestro.yaml, feature_repo/ and data/*.parquet under `dest`; a second call writes the same bytes.

    Args:
        dest: a folder, or an fsspec URI such as s3://bucket/flights.

    Raises:
        RequestError: the package with the flights is not installed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="maestro-") as scratch,
        connect() as connection,
    ):
        create_views(connection, Path(scratch))
        for name, query in (tables.DATASETS | tables.HELPERS | tables.FEATURES).items():
            connection.execute(f"CREATE TABLE {name} AS {query}")
        for name in (*tables.DATASETS, *tables.FEATURES):
            with Folder(dest, "data").writing(f"{name}.parquet") as file:
                _write_parquet(connection, name, file)
    _copy_project(dest)


def _write_parquet(connection: "DuckDBPyConnection", table: str, file: Path) -> None:
    connection.table(table).write_parquet(str(file), compression="zstd")


def _copy_project(dest: str) -> None:
    with as_file(files("maestro_ml.demo") / "project") as project:
        for file in sorted(project.rglob("*")):
            relative = file.relative_to(project)
            if file.is_file() and "__pycache__" not in relative.parts:
                Folder(dest, str(relative.parent) if len(relative.parts) > 1 else "").write(
                    file.name, file.read_bytes()
                )
