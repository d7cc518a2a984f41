"""Where a dataset lies."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from maestro_ml.project.base import Node


class ParquetSource(Node):
    """One file, a glob, or a folder of Parquet files, local or in a bucket (fsspec URI)."""

    kind: Literal["parquet"]
    path: str


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
