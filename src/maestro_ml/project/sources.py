"""Where a dataset is stored."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, field_validator

from maestro_ml.core.node import Mistake, Node
from maestro_ml.project.time_formats import check_format


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
    """CSV with a header line, in UTF-8; compressed if the name ends in .gz or .zst. Folders work as for Parquet.

    Attributes:
        quote: the sign around fields that hold a delimiter, a quote or a line end; empty where there is none. Inside,
            it is written twice.
        date_format: how dates are written that are not as in ISO 8601; with a time of day behind it, times too.
        timestamp_format: the same of times.
    """

    kind: Literal["csv"]
    path: str
    partitions: Partitions = ()
    delimiter: str = ","
    quote: str = '"'
    date_format: str | None = None
    timestamp_format: str | None = None

    @field_validator("delimiter")
    @classmethod
    def _is_one_sign(cls, value: str) -> str:
        sign = "\t" if value == r"\t" else value
        if len(sign) != 1 or sign in '\r\n\0"':
            raise ValueError("a delimiter is one character, such as ';' or \"\\t\", and no line end or quote")
        return sign

    @field_validator("quote")
    @classmethod
    def _is_a_sign_or_none(cls, value: str) -> str:
        if len(value) > 1 or value in ("\r", "\n", "\0") or not value.isascii():
            raise ValueError("a quote is one ASCII character, such as '\"', or empty where fields are not quoted")
        return value

    @field_validator("date_format")
    @classmethod
    def _is_of_a_day(cls, value: str | None) -> str | None:
        return value if value is None else check_format(value, times=False)

    @field_validator("timestamp_format")
    @classmethod
    def _is_of_a_moment(cls, value: str | None) -> str | None:
        return value if value is None else check_format(value, times=True)

    def mistakes(self) -> Iterator[Mistake]:
        """Report a quote that is also the delimiter."""
        if self.delimiter == self.quote:
            yield Mistake((), "delimiter and quote are the same character")


class SqlSource(Node):
    """A table or view in a database SQLAlchemy can reach."""

    kind: Literal["sql"]
    url: SecretStr
    table: str
    db_schema: str | None = Field(default=None, alias="schema")


Source = Annotated[ParquetSource | CsvSource | SqlSource, Field(discriminator="kind")]
