"""Build what happens to the features before the estimator is fitted."""

import inspect
from typing import Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.plugins import PluginError, imported
from maestro_ml.project import RequestError
from maestro_ml.project.preprocessing import ColumnSteps, Preprocessing
from maestro_ml.training.examples import Examples

_MANY = 200  # values of a text column, whose alphabetical order then means nothing

MEDIAN = "missing numbers become the column's median in the training rows"
ORDINAL = "text becomes its place in alphabetical order, missing text the last one; text that no training row has is -1"


def build_preprocessing(declared: Preprocessing, examples: Examples) -> Any:
    """Build the unfitted transformer of all columns; None if the estimator gets them as they are.

    Raises:
        RequestError: a transformer cannot be imported or made.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OrdinalEncoder

    if declared == "none":
        return None
    if isinstance(declared, str) and declared != "default":
        return _made(declared, {})
    parts = [] if isinstance(declared, str) else list(declared)
    named = [name for part in parts for name in part.columns]
    if unknown := [name for name in named if name not in examples.features.columns]:
        raise RequestError(f"preprocessing names {', '.join(unknown)}, which is no feature of the model")
    numbers, texts = _left(examples, named)
    # Keep a column without any value, so that the fitted model takes the declared features.
    median = SimpleImputer(strategy="median", keep_empty_features=True)
    # A category unseen while fitting and a missing one get values of their own.
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    own = [(f"declared_{index}", _pipeline(part), list(part.columns)) for index, part in enumerate(parts)]
    return ColumnTransformer(
        [("numbers", median, numbers), ("text", ordinal, texts), *own], verbose_feature_names_out=False
    )


def describe(declared: Preprocessing, examples: Examples) -> list[str]:
    """Return what happens before the fit, as sentences for the report."""
    if declared == "none":
        return ["the estimator gets the columns as they are"]
    if isinstance(declared, str) and declared != "default":
        return [f"{declared} transforms the columns"]
    parts = [] if isinstance(declared, str) else list(declared)
    numbers, texts = _left(examples, [name for part in parts for name in part.columns])
    sentences = [f"{text}: {', '.join(names)}" for text, names in ((MEDIAN, numbers), (ORDINAL, texts)) if names]
    own = [f"{', '.join(step.class_path for step in part.steps)}: {', '.join(part.columns)}" for part in parts]
    return [*sentences, *own]


def doubtful_texts(declared: Preprocessing, examples: Examples) -> dict[str, int]:
    """Return the text columns that are encoded by their order though they have many values, and how many."""
    if isinstance(declared, str) and declared != "default":
        return {}
    parts = [] if isinstance(declared, str) else list(declared)
    _, texts = _left(examples, [name for part in parts for name in part.columns])
    counts = {name: int(examples.features[name].nunique()) for name in texts}
    return {name: count for name, count in counts.items() if count > _MANY}


def _left(examples: Examples, named: list[str]) -> tuple[list[str], list[str]]:
    """Return the columns of numbers and those of text that no declaration names."""
    kinds = {str(name): kind.kind for name, kind in examples.features.dtypes.items() if str(name) not in named}
    return [name for name, kind in kinds.items() if kind != "O"], [name for name, kind in kinds.items() if kind == "O"]


def _pipeline(part: ColumnSteps) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.utils import get_tags

    steps = [_made(step.class_path, step.parameters) for step in part.steps]
    tags = getattr(get_tags(steps[0]), "input_tags", None)
    if (
        tags is not None and tags.string and not tags.two_d_array
    ):  # a vectorizer: takes one column of text, without holes
        steps = [*_one_text(part), *steps]
    return make_pipeline(*steps)


def _one_text(part: ColumnSteps) -> list[Any]:
    import numpy as np
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import FunctionTransformer

    if len(part.columns) > 1:
        raise RequestError(
            f"preprocessing: {part.steps[0].class_path} takes one column of text, not {len(part.columns)}"
        )
    empty = SimpleImputer(missing_values=None, strategy="constant", fill_value="", keep_empty_features=True)
    return [empty, FunctionTransformer(np.ravel, feature_names_out="one-to-one")]


def _made(path: str, parameters: dict[str, Any]) -> Any:
    try:
        found = imported(path)
    except PluginError as error:
        raise RequestError(f"preprocessing {error}") from error
    try:
        made = found(**parameters)
    except Exception as error:
        accepted = ", ".join(inspect.signature(found).parameters) if callable(found) else "nothing"
        raise RequestError(f"preprocessing {path}: {text_of(error)}; it takes: {accepted}") from error
    if lacking := [name for name in ("fit", "transform") if not callable(getattr(made, name, None))]:
        raise RequestError(f"preprocessing {path} is not a transformer: it lacks {', '.join(lacking)}")
    return made
