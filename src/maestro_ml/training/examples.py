"""The description of a training set, and its rows as examples to fit or test on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class TrainingSet(BaseModel):
    """A training set's Parquet file: its digest, and the roles of its columns."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    rows: int
    features: list[str]
    label: str
    timestamp: str | None  # None: the rows have no time, and all of them are in the window
    group: str | None = None  # the column whose values stay together when rows are drawn
    regression: bool = False  # the label is a number to predict, and no class
    views: list[str] = []  # of Feast, that features come from
    newer: dict[str, int] = {}  # by feature, how many rows have a value that was known only after their time
    written_later: dict[str, int] = {}  # by feature view, how many rows have values that were created later
    dropped_unlabelled: int = 0  # rows of the window that had no label
    sha256: str  # of the file

    @property
    def others(self) -> list[str]:
        """The columns beside features and label."""
        return [name for name in (self.timestamp, self.group) if name is not None]


@dataclass(frozen=True)
class Examples:
    """Features (rows x columns; numbers as float64 with NaN, text as str or None) and labels (rows).

    Labels are as the estimator gets them: whole numbers (0 and 1 for booleans), text, or doubles.
    """

    features: "pd.DataFrame"
    labels: "np.ndarray[Any, Any]"
    rounded: tuple[str, ...] = ()  # columns with whole numbers beyond 2^53, which a double does not hold exactly
    groups: "np.ndarray[Any, Any] | None" = None  # by row, as text: rows of one group stay together
    moments: "np.ndarray[Any, Any] | None" = None  # by row, in order

    def take(self, rows: "np.ndarray[Any, Any]") -> "Examples":
        """Return some of the rows, given as a mask or as positions."""
        import pandas as pd

        groups, moments = (None if each is None else each[rows] for each in (self.groups, self.moments))
        features = self.features.loc[rows]
        features.index = pd.RangeIndex(len(features))  # reset_index would copy them
        return Examples(features, self.labels[rows], self.rounded, groups, moments)

    def __len__(self) -> int:
        return len(self.labels)
