"""The objects a feature repo defines in Python."""

import importlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.project import RequestError

if TYPE_CHECKING:
    from feast.repo_contents import RepoContents


def read_definitions(repo: Path, project: str) -> "RepoContents":
    """Import every Python file of the repo, afresh, and collect the Feast objects in them.

    Args:
        repo: the feature repo's folder.
        project: Feast's name for the project, where the files define none.

    Raises:
        RequestError: a file cannot be imported, or they define no feature view.
    """
    from feast import Project
    from feast.repo_operations import parse_repo

    with _importable(repo):
        try:
            contents = parse_repo(repo)
        except Exception as error:  # whatever the repo's code raises
            raise RequestError(f"{_place(error, repo)}: {type(error).__name__}: {error}") from error
    if not (contents.feature_views or contents.stream_feature_views):
        raise RequestError(f"{repo}: its Python files define no feature view")
    contents.projects[:] = contents.projects or [Project(name=project)]
    return contents


@contextmanager
def _importable(repo: Path) -> Iterator[None]:
    """Make the repo importable as Feast does, and hide modules of the same names from other folders."""
    names = {path.stem for path in repo.iterdir()}

    def loaded() -> list[str]:
        return [name for name in sys.modules if name.partition(".")[0] in names]

    hidden = {name: sys.modules.pop(name) for name in loaded()}
    sys.path.insert(0, str(repo))
    importlib.invalidate_caches()
    try:
        with chdir(repo):
            yield
    finally:
        sys.path.remove(str(repo))
        for name in loaded():
            del sys.modules[name]
        sys.modules.update(hidden)


def _place(error: Exception, repo: Path) -> str:
    """Return the last line of the repo's own code in the error's traceback."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(repo)]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(repo)
