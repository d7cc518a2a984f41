"""Where a dataset is stored."""

import codecs
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from maestro_ml.core.node import Mistake, Node
from maestro_ml.core.places import Place, SecretPlace
from maestro_ml.project.time_formats import check_format


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' is named twice")
    return names


Partitions = Annotated[tuple[str, ...], AfterValidator(_once)]


class BaseSource(Node):
    """Where a table is; each kind states its name as `kind: Literal["name"]`."""

    kind: str


class ParquetSource(BaseSource):
    """One file, a glob, or a folder of Parquet files, local or in a bucket (fsspec URI).

    The names of folders, such as `day=2024-01-05`, are columns where `partitions` says so.
    """

    kind: Literal["parquet"]
    path: Place
    partitions: Partitions = ()


def _as_text(value: Any) -> Any:
    """Return a text; numbers are taken as they are written."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


_NullValue = Annotated[str, BeforeValidator(_as_text)]
NullValues = tuple[_NullValue, ...]


def _one_sign(value: str) -> str:
    if len(value) != 1 or value.isalnum() or value in "\r\n\0+-":
        raise ValueError("one character, such as ',' or '.', but no digit, letter or sign of a number")
    return value


class CsvColumn(Node):
    """How one column of CSV files differs from the others; what is not given is as in the source."""

    null_values: NullValues | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Annotated[str, AfterValidator(_one_sign)] | None = None


class CsvSource(BaseSource):
    """CSV, in UTF-8 unless said otherwise; compressed if the name ends in .gz or .zst. Folders work as for Parquet.

    Attributes:
        header: whether the first line names the columns; without it they are those of the contract, in its order.
        decimal: the sign before the decimals of a number.
        thousands: the sign between groups of three digits; none by default.
        null_values: texts that stand for a missing value, such as NA; an empty field always does.
        skip: how many lines above the header (or the rows) are not read.
        comment: how a line that is no row begins.
        encoding: of the text, such as latin-1 or utf-16; by default a byte order mark says it, or it is UTF-8.
        columns: what differs in single columns.
        quote: the sign around fields that hold a delimiter, a quote or a line end; empty where there is none. Inside,
            it is written twice.
        date_format: how dates are written that are not as in ISO 8601; with a time of day behind it, times too.
        timestamp_format: the same of times.
    """

    kind: Literal["csv"]
    path: Place
    partitions: Partitions = ()
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    decimal: Literal[".", ","] = "."
    thousands: Annotated[str, AfterValidator(_one_sign)] | None = None
    null_values: NullValues = ()
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    comment: str = ""
    encoding: str | None = None
    columns: dict[str, CsvColumn] = {}
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

    @field_validator("comment")
    @classmethod
    def _is_a_beginning(cls, value: str) -> str:
        if any(sign in value for sign in "\r\n\0"):
            raise ValueError("a comment begins with a text such as '#' that has no line end")
        return value

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            name = codecs.lookup(value).name
            "".encode(name)  # of codecs that are none of text
        except (LookupError, ValueError):
            raise ValueError(
                f"no encoding '{value}'; there are utf-8, latin-1, cp1252, utf-16, shift_jis, ..."
            ) from None
        return "utf-8-sig" if name == "utf-8" else name

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
        if self.comment and self.comment[0] in (self.delimiter, self.quote):
            yield Mistake(("comment",), "a comment cannot begin with the delimiter or the quote")
        for path, name in (((), ""), *((("columns", name), name) for name in self.columns)):
            decimal, thousands = self.number_style(name)
            if decimal == thousands:
                yield Mistake((*path, "thousands"), f"decimal and thousands are both '{decimal}'")

    def nulls_of(self, column: str) -> tuple[str, ...]:
        """Return the texts that stand for a missing value in a column."""
        own = self._own(column).null_values
        return tuple(text.strip() for text in (self.null_values if own is None else own))

    def number_style(self, column: str) -> tuple[str, str]:
        """Return the sign before the decimals and that between thousands (or none) of a column's numbers."""
        own = self._own(column)
        return own.decimal or self.decimal, own.thousands or self.thousands or ""

    def _own(self, column: str) -> CsvColumn:
        """Return what a column has of its own; names are matched without their case, as everywhere."""
        found = (own for name, own in self.columns.items() if name.lower() == column.lower())
        return next(found, CsvColumn.model_construct())


class SqlSource(BaseSource):
    """A table or view in a database SQLAlchemy can reach."""

    kind: Literal["sql"]
    url: SecretPlace
    table: str
    db_schema: str | None = Field(default=None, alias="schema")


class JsonSource(BaseSource):
    """JSON: an object a line (or an array of objects) in a file, a glob, or a folder; compressed as CSV may be."""

    kind: Literal["json"]
    path: Place


class ArrowSource(BaseSource):
    """Arrow files, which Feather (version 2) is too: one, a glob, or a folder."""

    kind: Literal["arrow"]
    path: Place


class OrcSource(BaseSource):
    """ORC files: one, a glob, or a folder."""

    kind: Literal["orc"]
    path: Place


class ExcelSource(BaseSource):
    """A sheet of an Excel workbook (.xlsx), with a header; needs the extra `excel`.

    Attributes:
        sheet: its name; the first one by default.
        skip: how many rows above the header are not read.
        null_values: texts that stand for a missing value.
    """

    kind: Literal["excel"]
    path: Place
    sheet: str | None = None
    skip: Annotated[int, Field(ge=0)] = 0
    null_values: NullValues = ()


class DeltaSource(BaseSource):
    """A Delta Lake table, by its folder; needs the extra `delta`.

    Attributes:
        version: which version of it; the newest by default.
    """

    kind: Literal["delta"]
    path: Place
    version: Annotated[int, Field(ge=0)] | None = None


class IcebergSource(BaseSource):
    """An Iceberg table; needs the extra `iceberg`.

    Attributes:
        path: its metadata file, or its folder where that has a version hint.
        catalog: instead, the name of a catalog that pyiceberg is configured for, with `table`.
        table: its name in the catalog, such as sales.orders.
        snapshot: the identifier of a snapshot; the current one by default.
    """

    kind: Literal["iceberg"]
    path: Place = ""
    catalog: str | None = None
    table: str | None = None
    snapshot: int | None = None

    def mistakes(self) -> Iterator[Mistake]:
        """Report a table of no place, or of two."""
        if bool(self.path) == bool(self.table) or bool(self.catalog) != bool(self.table):
            yield Mistake((), "an Iceberg table is given by its path, or by catalog and table")


FileSource = (
    ParquetSource | CsvSource | JsonSource | ArrowSource | OrcSource | ExcelSource | DeltaSource | IcebergSource
)
