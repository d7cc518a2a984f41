"""What a class must do to be an engine."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from maestro_ml.project import Project
from maestro_ml.project.datasets import Dataset
from maestro_ml.sql.dialects.base import Dialect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.tables.sources.schema import SourceFiles


@dataclass(frozen=True)
class EngineTable:
    """A dataset in an engine.

    Attributes:
        select: a query in the engine's own dialect that gives the rows with every column in the type DuckDB has for it.
        typed: a relation on the local connection with the columns in these types; its rows are not read.
        files: the files behind it, where it is Parquet.
        rounded: queries for how many values the engine rounds, by the columns that may have some.
    """

    select: str
    typed: "DuckDBPyRelation"
    files: "SourceFiles | None" = None
    rounded: Mapping[str, str] = field(default_factory=dict)


class Engine(ABC):
    """A connection to an engine. What it refuses is a QueryError, what ends the work a DataError."""

    dialect: ClassVar[Dialect]

    @classmethod
    @abstractmethod
    def connected(cls, project: Project, name: str) -> AbstractContextManager["Engine"]:
        """Connect to where a dataset of the project is.

        Raises:
            DataError: the engine cannot be reached.
        """

    @abstractmethod
    def table(self, connection: "DuckDBPyConnection", spec: Dataset) -> EngineTable:
        """Find a dataset; raises DataError if it is not there, or cannot be read."""

    @abstractmethod
    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query in the engine's dialect."""

    @abstractmethod
    def arrow(self, sql: str) -> Any:
        """Run a query, and return its rows as a pyarrow.Table."""
