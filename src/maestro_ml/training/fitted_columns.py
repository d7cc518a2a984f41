"""Fit and apply the default preprocessing without a copy of all features at each step on the way.

What it leaves is equal, bit for bit, to what `ColumnTransformer.fit_transform` leaves.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sklearn.compose import ColumnTransformer

ROWS_AT_ONCE = 50_000  # to transform at a time


def taken_by(estimator: Any) -> "type[np.generic]":
    """Return the type of number to fit an estimator on: scikit-learn's forests make float32 of every other."""
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    forests_own = RandomForestClassifier.fit  # which all forests share
    return np.float32 if getattr(type(estimator), "fit", None) is forests_own else np.float64


def fit_transform(
    columns: "ColumnTransformer", features: "pd.DataFrame", kind: "type[np.generic]", *, in_place: bool = False
) -> "np.ndarray[Any, Any]":
    """Fit transformers that treat each column by itself, and return the transformed features.

    Args:
        columns: imputers and encoders as `build_preprocessing` makes them.
        features: the rows to fit on.
        kind: of the numbers to return.
        in_place: overwrite the features, which nobody reads later, where they are one array that can hold the result.
    """
    import numpy as np

    few = features.iloc[:ROWS_AT_ONCE]
    transformed = columns.fit_transform(few)
    if len(few) == len(features):
        return np.asarray(transformed, kind)
    columns.transformers_ = [
        (name, _fitted(transformer, features, names) if names else transformer, names)
        for name, transformer, names in columns.transformers_
    ]
    order = "F" if transformed.flags.f_contiguous else "C"
    found = _array_behind(features, transformed, kind) if in_place else None
    if found is None:
        found = np.empty((len(features), transformed.shape[1]), kind, order)  # type: ignore[call-overload]
    for start in range(0, len(features), ROWS_AT_ONCE):
        found[start : start + ROWS_AT_ONCE] = columns.transform(features.iloc[start : start + ROWS_AT_ONCE])
    return found


def _array_behind(
    features: "pd.DataFrame", transformed: "np.ndarray[Any, Any]", kind: "type[np.generic]"
) -> "np.ndarray[Any, Any] | None":
    """Return the one array that a table of numbers is a view of, if it has the shape and order of the result."""
    import numpy as np

    if not (features.dtypes == kind).all() or features.shape[1] != transformed.shape[1]:
        return None
    first = features.iloc[:1]
    if not np.shares_memory(first.to_numpy(), first.iloc[:, -1].to_numpy()):  # to_numpy() copies several arrays
        return None
    values = features.to_numpy()
    is_alike = values.flags.f_contiguous == transformed.flags.f_contiguous
    return values if is_alike and values.flags.writeable else None


def _fitted(transformer: Any, features: "pd.DataFrame", names: list[str]) -> Any:
    import numpy as np
    from sklearn.base import clone
    from sklearn.impute import SimpleImputer

    if not isinstance(transformer, SimpleImputer):
        return clone(transformer).fit(features[names])
    medians = [clone(transformer).fit(features[[name]]).statistics_ for name in names]
    transformer.statistics_ = np.concatenate(medians)  # all else that it holds depends on the columns alone
    return transformer
