"""Load maestro.yaml into a Project, or report every problem in it at once."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from maestro_ml.core.errors import Problem, ProjectError
from maestro_ml.core.node import Mistake, Node
from maestro_ml.core.node import Path as Keys
from maestro_ml.core.own_code import make_importable
from maestro_ml.project.cross_references import reference_mistakes
from maestro_ml.project.loading.document import Document
from maestro_ml.project.loading.repairs import project_of
from maestro_ml.project.platform import platform_defaults, warn_of_unread_variables
from maestro_ml.project.project import Project

FILE_NAME = "maestro.yaml"


def load_project(path: str | Path, environ: Mapping[str, str] = os.environ) -> Project:
    """Read a project from its folder or its file.

    Raises:
        ProjectError: with file, line, key path, what was found and what would be right, for every problem.
    """
    file = Path(path)
    file = file / FILE_NAME if os.path.isdir(file) else file  # noqa: PTH112 - Path.is_dir raises for a long name
    document = Document(str(file), _text(file), environ)
    if isinstance(document.data, dict):
        for keys, value, variable in list(platform_defaults(document.data, environ)):
            document.fill_in(keys, value, variable)
    warn_of_unread_variables(environ, frozenset(document.variables))
    make_importable(file.resolve().parent)
    project = project_of(document)
    if project is not None:
        fields = frozenset(document.wrong)
        for mistake in (*_mistakes(project, ()), *reference_mistakes(project)):
            if not _follows(mistake, fields):
                document.report(mistake.path, mistake.message)
    if document.problems or project is None:
        raise ProjectError(document.problems)
    project._root = file.resolve().parent
    return project


def _text(file: Path) -> str:
    def refused(message: str, line: int = 1) -> ProjectError:
        return ProjectError([Problem(str(file), line, "", message)])

    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise refused(f"no such file; --project names the folder that holds {FILE_NAME}") from None
    except IsADirectoryError:
        raise refused(f"a folder; --project names the folder that holds the file {FILE_NAME}") from None
    except (OSError, ValueError) as error:
        raise refused(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refused(f"not UTF-8 text: {error.reason}", line) from None


def _mistakes(value: Any, here: Keys) -> Iterator[Mistake]:
    """Collect the mistakes that the nodes of the tree report, with paths from the root."""
    if isinstance(value, Node):
        fields = tuple((field.alias or name,) for name, field in type(value).model_fields.items())
        for path, message, because in value.mistakes():
            # A mistake of the whole node may follow from any of its fields.
            yield Mistake((*here, *path), message, tuple((*here, *place) for place in (because if path else fields)))
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            place = (*here, field.alias or name)
            if isinstance(inner, tuple) and name not in value.may_repeat:
                yield from _repeated(inner, place)
            yield from _mistakes(inner, place)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _mistakes(inner, (*here, key))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _mistakes(inner, (*here, index))


def _repeated(names: tuple[Any, ...], here: Keys) -> Iterator[Mistake]:
    for index, name in enumerate(names):
        if isinstance(name, str) and name in names[:index]:
            yield Mistake((*here, index), f"'{name}' is named twice")


def _follows(mistake: Mistake, wrong: frozenset[Keys]) -> bool:
    """Return whether it may only follow from a field that is wrong: its own, one around it, or one it speaks of."""
    places = (mistake.path, *mistake.because)
    return any(place[: len(other)] == other for place in places for other in wrong)
