"""What happens to a model's features before its estimator is fitted."""

from typing import Annotated, Any, Literal

from pydantic import Field

from maestro_ml.core.node import ImportPath, Node


class Transformer(Node):
    """A transformer with scikit-learn's API, by import path, and its keyword arguments."""

    class_path: Annotated[ImportPath, Field(alias="class")]
    parameters: dict[str, Any] = {}


class ColumnSteps(Node):
    """Transformers for some of the features, one after the other."""

    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    steps: Annotated[tuple[Transformer, ...], Field(min_length=1)]


# `none`: the estimator gets the columns as they are. An import path: a function or a class that makes a transformer of
# all columns. A list: transformers for the named columns; the others are treated by default.
Preprocessing = Literal["default", "none"] | ImportPath | tuple[ColumnSteps, ...]


def import_paths(preprocessing: Preprocessing) -> tuple[str, ...]:
    """Return the import paths that a declaration names."""
    if isinstance(preprocessing, str):
        return () if preprocessing in ("default", "none") else (preprocessing,)
    return tuple(dict.fromkeys(step.class_path for part in preprocessing for step in part.steps))
