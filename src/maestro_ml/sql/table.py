"""The rows of a table, as the checks see them."""

from typing import Protocol

from maestro_ml.sql.columns import Columns


class Rows(Protocol):
    """Some rows of a dataset, wherever they are."""

    @property
    def dataset(self) -> Columns: ...

    @property
    def view(self) -> str:
        """The rows under a name (quoted) that SQL can use."""

    @property
    def for_joins(self) -> str | None:
        """The rows for checks that join; None for the scan that all checks share."""

    @property
    def has_dictionaries(self) -> bool:
        """Whether a function of a text runs once per distinct value, not once per row."""

    def in_own_scan(self, scan: str) -> str:
        """Return the rows for a named scan beside the common one."""

    def all_of(self, dataset: str) -> "Rows":
        """Return all rows of another dataset; raise DataError if it cannot be read."""


class WindowRows(Rows, Protocol):
    """The rows of a dataset in a window."""

    def same_window_of(self, dataset: str) -> Rows:
        """Return the rows of another dataset in the same window; raise DataError if it cannot be read."""
