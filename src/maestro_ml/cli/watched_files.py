"""The files whose change means that a validation may find something else."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.own_code import modules_in
from maestro_ml.project import load_project

_MOST = 10_000  # files of a folder that are looked at
State = dict[str, tuple[int, int]]


def watched_paths(file: Path) -> list[Path]:
    """Return the project file, the project's modules, and the local paths and patterns of its datasets."""
    paths = [file, *modules_in(file.parent)]
    try:
        project = load_project(file)
    except MaestroError:
        return paths  # until it can be read again, its own change is what counts
    for spec in project.datasets.values():
        path = getattr(spec.source, "path", None)
        if path and "://" not in (located := project.locate_data(path)):
            paths.append(Path(located))
    return paths


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


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        inside = (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        yield from (file for _, file in zip(range(_MOST), inside, strict=False))
    elif any(sign in str(path) for sign in "*?["):
        yield from path.parent.glob(path.name) if path.parent.is_dir() else ()
    else:
        yield path
