"""Names in one part of the project file that must exist in another."""

from collections.abc import Iterable, Iterator

from maestro_ml.core.near_names import did_you_mean, nearest
from maestro_ml.core.node import Mistake, Path
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.project import Project


def expected(
    name: str, known: Iterable[str], path: Path, what: str, because: tuple[Path, ...] = ()
) -> Iterator[Mistake]:
    """Report a name that is not known, with the most similar one."""
    names = sorted(known)
    if name not in names:
        yield Mistake(path, f"no {what} '{name}'{did_you_mean(name, names)}", because)


def meant(name: str, project: Project) -> tuple[str, Dataset | None]:
    """Return the dataset of a name, or the most similar one, so that its references are checked as well."""
    near = name if name in project.datasets else nearest(name, project.datasets) or ""
    return near, project.datasets.get(near)
