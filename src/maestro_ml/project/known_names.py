"""Names in one part of the project file that must exist in another."""

import difflib
from collections.abc import Iterable, Iterator

from maestro_ml.core.node import Mistake, Path
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.project import Project


def expected(
    name: str, known: Iterable[str], path: Path, what: str, because: tuple[Path, ...] = ()
) -> Iterator[Mistake]:
    """Report a name that is not known, with the most similar one."""
    names = sorted(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names) or 'none'}"
        yield Mistake(path, f"no {what} '{name}'; {hint}", because)


def meant(name: str, project: Project) -> tuple[str, Dataset | None]:
    """Return the dataset of a name, or the most similar one, so that its references are checked as well."""
    near = name if name in project.datasets else next(iter(difflib.get_close_matches(name, project.datasets, n=1)), "")
    return near, project.datasets.get(near)
