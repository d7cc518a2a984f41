"""The engines that run checks: where each is found, what it reads and what it can do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import field_validator

from maestro_ml.core.node import Node, OptionalText

EngineName = Literal["duckdb", "spark", "postgres", "mariadb"]


class Capability(StrEnum):
    """What some engines cannot do; it is refused when the project is loaded."""

    PREDICATES = "predicates of all functions and operators DuckDB has"
    PATTERNS = "all regular expressions of RE2"
    ARRAYS = "numeric columns as arrays of all their values"
    TIMEZONES = "times of the clock of a timezone"
    WRITTEN_TIMES = "times kept as text or as numbers"
    DATABASES = "datasets of several databases in one query"


@dataclass(frozen=True)
class EngineEntry:
    """An engine.

    Attributes:
        path: the class that connects to it, as `module:class`; None for DuckDB, which is in this process.
        files: the kinds of files it reads.
        databases: how the url of a database it reads starts.
        can: its capabilities.
    """

    path: str | None
    files: tuple[str, ...]
    databases: tuple[str, ...]
    can: frozenset[Capability]


ENGINES: dict[EngineName, EngineEntry] = {
    "duckdb": EngineEntry(
        None,
        files=("parquet", "csv", "json", "arrow", "orc", "excel", "delta", "iceberg"),
        databases=("",),
        can=frozenset(Capability),
    ),
    "spark": EngineEntry(
        "maestro_ml.tables.engines.spark:Spark",
        files=("parquet",),
        databases=(),
        can=frozenset({Capability.TIMEZONES, Capability.DATABASES}),
    ),
    "postgres": EngineEntry(
        "maestro_ml.tables.engines.postgres:Postgres",
        files=(),
        databases=("postgresql",),
        can=frozenset({Capability.TIMEZONES}),
    ),
    "mariadb": EngineEntry(
        "maestro_ml.tables.engines.mariadb:MariaDb",
        files=(),
        databases=("mariadb", "mysql"),
        can=frozenset(),
    ),
}


class Spark(Node):
    """Where the checks of datasets with `engine: spark` run: a Spark Connect URL (sc://host:15002), or a local session.

    Attributes:
        remote: the URL; none for a session in this process, `master` wide.
    """

    remote: OptionalText = None
    master: str = "local[2]"

    @field_validator("remote")
    @classmethod
    def _is_connect(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("sc://"):
            raise ValueError("a Spark Connect URL is written like sc://host:15002")
        return value
