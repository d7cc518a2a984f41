"""How `mlflow.pyfunc` loads a model of Maestro: with the dataset's own columns, whatever type a caller has them in.

A copy of this file lies in the `code` folder of each model, so it imports nothing of Maestro. MLflow's signature names
the columns and leaves their types open: a column of doubles would refuse integers and booleans, one of integers would
refuse what pandas makes of integers beside missing values.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class CastingModel:
    """A fitted pipeline that takes numbers as doubles with NaN and text as str or None, as in training."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.kinds = {
            str(name): kind for kind, _, names in pipeline.named_steps["columns"].transformers for name in names
        }

    def predict(self, data: "pd.DataFrame", params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002 - MLflow's
        """Return the class, 0 or 1, of each row.

        Raises:
            ValueError: a column of numbers holds something else.
        """
        import pandas as pd

        columns = {name: _cast(data[name], kind) for name, kind in self.kinds.items()}
        frame = pd.DataFrame(columns, index=data.index)
        return self.pipeline.predict(frame[list(self.pipeline.feature_names_in_)])


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

    return CastingModel(mlflow.sklearn.load_model(path))
