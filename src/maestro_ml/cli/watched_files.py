"""The files whose change means that a validation may find something else."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from maestro_ml.core.own_code import modules_in
from maestro_ml.project.engines import ENGINES
from maestro_ml.project.unchecked import unchecked_data
from maestro_ml.tables.sources.folders import is_hidden

_MOST = 10_000  # files of a folder that are looked at
_SQLITE = "sqlite:///"
_FILES = ENGINES["duckdb"].files
State = dict[str, tuple[int, int]]


def watched_paths(file: Path) -> list[Path]:
    """Return the project file, the project's modules, and the local paths and patterns of its datasets.

    The file is read as YAML only: the project's code is not imported, of which this process would keep what it was.
    """
    return [file, *modules_in(file.parent), *_data_of(file)]


def state_of(paths: Iterable[Path]) -> State:
    """Return size and time of each file; of a folder those in it, of a pattern those that it matches."""
    found: State = {}
    for file in (file for path in paths for file in _files(path)):
        try:
            status = file.stat()
        except OSError:
            continue  # it went away meanwhile, which is a change
        found[str(file)] = (status.st_mtime_ns, status.st_size)
    return found


def _data_of(file: Path) -> Iterator[Path]:
    """Yield where the sources of the datasets and their snapshots are, as far as the file can be read."""
    data = unchecked_data(file)  # until it can be read again, its own change is what counts
    datasets, base, store = data.get("datasets"), str(data.get("data") or ""), str(data.get("store") or "runs")
    for dataset in datasets.values() if isinstance(datasets, dict) else ():
        for key in ("source", "reference"):
            place = dataset.get(key) if isinstance(dataset, dict) else None
            is_own = key == "source" and isinstance(place, dict) and place.get("kind") not in (*_FILES, "sql")
            for name, value in place.items() if isinstance(place, dict) else ():
                for path in _places(file.parent, base, name, value, is_own=is_own):
                    yield from _without_results(path, file.parent, store)


def _places(root: Path, base: str, name: str, value: Any, *, is_own: bool) -> Iterator[Path]:
    """Yield the local path that a key of a source has; of a project's own sources any key may have one."""
    if not isinstance(value, str) or not value:
        return
    if value.startswith(_SQLITE):
        yield root / value.removeprefix(_SQLITE)
    elif name == "path" and "://" not in os.path.join(base, value):  # noqa: PTH118 - a URI is no Path
        yield root / base / value
    elif is_own and "://" not in value and (root / value).exists():
        yield root / value


def _without_results(path: Path, root: Path, store: str) -> Iterator[Path]:
    """Yield a path; of the project's folder what is in it, without what a validation writes there itself."""
    if path.resolve() != root.resolve():
        yield path
        return
    written = {Path(store).parts[0], "mlruns", "mlartifacts"}
    yield from (child for child in sorted(root.iterdir()) if child.name not in written and not is_hidden(child.name))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        inside = (file for file in path.rglob("*") if file.is_file() and not _is_passing(file.relative_to(path)))
        yield from (file for _, file in zip(range(_MOST), inside, strict=False))
    elif any(sign in str(path) for sign in "*?["):
        yield from path.parent.glob(path.name) if path.parent.is_dir() else ()
    else:
        yield path


def _is_passing(file: Path) -> bool:
    """Return whether it is an editor's or an interpreter's own, or one that is being written."""
    return any(is_hidden(part) for part in file.parts) or file.name.endswith("~") or file.name.startswith("#")
