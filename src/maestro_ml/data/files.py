"""From a path, folder, glob or fsspec URI to names DuckDB can open."""

import glob
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from maestro_ml.data.errors import DataError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GLOB = re.compile(r"[*?\[]")


def find_files(
    connection: "DuckDBPyConnection", uri: str, suffix: str, storage_options: Mapping[str, Any] | None = None
) -> list[str]:
    """The files behind a file, a folder (every `*suffix` below it) or a glob, sorted.

    The connection reads remote ones through fsspec.

    Raises:
        DataError: there is none, or the place cannot be reached.
    """
    scheme = urlsplit(uri).scheme
    if not scheme and "::" not in uri:  # the standard library: the import of fsspec costs a tenth of a second
        filesystem, found = None, _listed_here(Path(uri).expanduser().absolute(), suffix)
    else:
        filesystem, found = _listed_there(uri, suffix, storage_options or {})
    if not found:
        raise DataError(f"no {suffix.removeprefix('.')} file at {uri}")
    names = [_GLOB.sub(r"[\g<0>]", name) for name in found]  # a name, where DuckDB would see a pattern
    if filesystem is None or scheme == "file":
        return names
    if not connection.filesystem_is_registered(scheme):
        connection.register_filesystem(filesystem)
    return [f"{scheme}://{name}" for name in names]


def _listed_here(path: Path, suffix: str) -> list[str]:
    if path.is_dir():
        below = (f"{folder}/{name}" for folder, _, names in os.walk(path, followlinks=True) for name in names)
        return sorted(name for name in below if name.endswith(suffix))
    if path.exists():
        return [str(path)]
    # pathlib's `**` takes folders only
    return sorted(glob.glob(str(path), recursive=True, include_hidden=True))  # noqa: PTH207


def _listed_there(uri: str, suffix: str, storage_options: Mapping[str, Any]) -> tuple[Any, list[str]]:
    import fsspec

    try:
        filesystem, path = fsspec.core.url_to_fs(uri, **storage_options)
        return filesystem, _listed(filesystem, path, suffix)
    except Exception as error:  # each filesystem has errors of its own
        raise DataError(f"{uri} cannot be reached: {error}") from error


def _listed(filesystem: Any, path: str, suffix: str) -> list[str]:
    if filesystem.isdir(path):
        return sorted(name for name in filesystem.find(path) if name.endswith(suffix))
    if filesystem.exists(path):
        return [path]
    return sorted(filesystem.glob(path)) if _GLOB.search(path) else []
