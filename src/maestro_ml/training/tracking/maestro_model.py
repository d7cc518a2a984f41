"""Load a model of Maestro in `mlflow.pyfunc`: it takes the dataset's own columns, in whatever type the caller has.

Each model has a copy of this file in its `code` folder, so it imports nothing from Maestro. MLflow's signature names
the columns and leaves their types open: a column of doubles would refuse integers and booleans, and one of integers
would refuse the floats that pandas makes of integers with missing values.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class CastingModel:
    """A fitted pipeline behind a cast: numbers to doubles with NaN, and text to str or None, as in training."""

    def __init__(self, pipeline: Any, features: dict[str, str]) -> None:
        self.pipeline = pipeline
        self.features = features  # column -> "number" or "text"

    def predict(self, data: "pd.DataFrame", params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002 - MLflow's
        """Return the class, or the number, of each row.

        Raises:
            ValueError: a column of numbers holds something else.
        """
        import pandas as pd

        columns = {name: _cast(data[name], kind) for name, kind in self.features.items()}
        answers = self.pipeline.predict(pd.DataFrame(columns, index=data.index))
        return answers[:, 0] if answers.ndim > 1 else answers  # CatBoost returns a column of classes


def _cast(column: Any, kind: str) -> Any:
    if kind == "text":
        texts = column.astype(object)
        return texts.where(texts.notna(), None)
    try:
        return column.to_numpy(dtype="float64", na_value=float("nan"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the column '{column.name}' takes numbers and booleans: {error}") from error


def _load_pyfunc(path: str, model_config: dict[str, Any] | None = None) -> CastingModel:  # noqa: ARG001 - MLflow's
    import mlflow.sklearn
    from mlflow.models import Model

    folder = str(Path(path).parents[1])  # MLflow passes the model's file, in data/
    features = Model.load(folder).metadata["maestro"]["features"]
    return CastingModel(mlflow.sklearn.load_model(folder), features)
