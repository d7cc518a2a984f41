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
    columns: "ColumnTransformer", features: "pd.DataFrame", kind: "type[np.generic]"
) -> "np.ndarray[Any, Any]":
    """Fit transformers that treat each column by itself, and return the transformed features.

    Args:
        columns: imputers and encoders as `build_preprocessing` makes them.
        features: the rows to fit on.
        kind: of the numbers to return.
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
    found = np.empty((len(features), transformed.shape[1]), kind, order)  # type: ignore[call-overload]
    for start in range(0, len(features), ROWS_AT_ONCE):
        found[start : start + ROWS_AT_ONCE] = columns.transform(features.iloc[start : start + ROWS_AT_ONCE])
    return found  # type: ignore[no-any-return]


def _fitted(transformer: Any, features: "pd.DataFrame", names: list[str]) -> Any:
    import numpy as np
    from sklearn.base import clone
    from sklearn.impute import SimpleImputer

    if not isinstance(transformer, SimpleImputer):
        return clone(transformer).fit(features[names])
    medians = [clone(transformer).fit(features[[name]]).statistics_ for name in names]
    transformer.statistics_ = np.concatenate(medians)  # all else that it holds depends on the columns alone
    return transformer
