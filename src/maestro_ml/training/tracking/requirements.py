"""Save a model without MLflow's look through every installed package."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def requirements_unchecked() -> Iterator[None]:
    """Leave out MLflow's comparison of a model's requirements with the packages that are installed.

    Ours are the installed versions. The comparison lists the files of every package, which takes more than a second in
    each new process, and MLflow has no setting for it.
    """
    from mlflow.utils import environment

    name = "warn_dependency_requirement_mismatches"
    check = getattr(environment, name, None)
    if check is None:  # another MLflow may do without
        yield
        return
    setattr(environment, name, lambda requirements: None)  # noqa: ARG005
    try:
        yield
    finally:
        setattr(environment, name, check)
