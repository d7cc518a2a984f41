"""Where a dataset lies."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from maestro_ml.project.base import Node


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' is named twice")
    return names


Partitions = Annotated[tuple[str, ...], AfterValidator(_once)]


class ParquetSource(Node):
    """One file, a glob, or a folder of Parquet files, local or in a bucket (fsspec URI).

    The names of folders, such as `day=2024-01-05`, are columns where `partitions` says so.
    """

    kind: Literal["parquet"]
    path: str
    partitions: Partitions = ()


class CsvSource(Node):
    """CSV with a header line, UTF-8."""

    kind: Literal["csv"]
    path: str
    delimiter: str = ","


class SqlSource(Node):
    """A table or view in a database SQLAlchemy can reach."""

    kind: Literal["sql"]
    url: SecretStr
    table: str
    db_schema: str | None = Field(default=None, alias="schema")


Source = Annotated[ParquetSource | CsvSource | SqlSource, Field(discriminator="kind")]
