"""Write the flights project to a folder or a bucket."""

import tempfile
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from maestro_ml.demo.flights import tables
from maestro_ml.demo.flights.source import create_views
from maestro_ml.project import RequestError
from maestro_ml.steps.store import Folder
from maestro_ml.tables.duckdb import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def prepare(dest: str) -> None:
    """Write maestro.yaml, feature_repo/ and data/*.parquet under `dest`; a second call writes the same bytes.

    Args:
        dest: a folder, or an fsspec URI such as s3://bucket/flights.

    Raises:
        RequestError: the package with the flights is not installed, or a file there is not what would be written:
            somebody has edited it, or it belongs to another project. Nothing is written then.
    """
    with (
        tempfile.TemporaryDirectory(prefix="maestro-") as scratch,
        as_file(files("maestro_ml.demo") / "project") as project,
        connect() as connection,
    ):
        wanted = dict(_project_files(project))
        missing = _missing(dest, wanted)  # before the work is done that the data takes
        create_views(connection, Path(scratch))
        for name, query in (tables.DATASETS | tables.HELPERS | tables.FEATURES).items():
            connection.execute(f"CREATE TABLE {name} AS {query}")
        data = {
            f"data/{name}.parquet": Path(scratch) / f"{name}.parquet" for name in (*tables.DATASETS, *tables.FEATURES)
        }
        for file in data.values():
            _write_parquet(connection, file.stem, file)
        for name, file in (_missing(dest, data) | missing).items():
            folder, plain = _place(dest, name)
            folder.write(plain, file.read_bytes())


def _write_parquet(connection: "DuckDBPyConnection", table: str, file: Path) -> None:
    connection.table(table).write_parquet(str(file), compression="zstd")


def _project_files(project: Path) -> Iterator[tuple[str, Path]]:
    """Yield the project's files, maestro.yaml last: when it is there, everything is."""
    found = [file for file in project.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    for file in sorted(found, key=lambda file: (file.name == "maestro.yaml", file)):
        yield file.relative_to(project).as_posix(), file


def _missing(dest: str, wanted: dict[str, Path]) -> dict[str, Path]:
    """Return the files that are not there yet; existing ones must have the same content.

    Raises:
        RequestError: names the others.
    """
    different, missing = list[str](), dict[str, Path]()
    for name, file in wanted.items():
        folder, plain = _place(dest, name)
        if not folder.exists(plain):
            missing[name] = file
        elif folder.read_all([plain]).get(plain) != file.read_bytes():
            different.append(folder.path(plain))
    if different:
        raise RequestError(
            f"{', '.join(different)}: already there, with other content; nothing was written. "
            "Move it away, or name another folder"
        )
    return missing


def _place(dest: str, name: str) -> tuple[Folder, str]:
    path = PurePosixPath(name)
    return Folder(f"{dest}/{path.parent}" if len(path.parts) > 1 else dest), path.name
