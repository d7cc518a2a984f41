"""A CSV file as bytes, as text, and its header line."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Literal

from maestro_ml.tables.sources.file_names import plain

Compression = Literal["none", "gzip", "zstd"]


class UnreadableFile(Exception):
    """A file is no CSV as the project describes it; the message says why."""


@dataclass(frozen=True)
class Dialect:
    """How fields are parted and quoted; a quote inside a quoted field is written twice."""

    delimiter: str
    quote: str

    def reader(self, lines: IO[str], *, trim: bool = False) -> Any:
        """Python's reader of the fields; `trim` takes blanks before them away."""
        if not self.quote:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=True, skipinitialspace=trim)


@dataclass(frozen=True)
class Header:
    """A header line.

    Attributes:
        names: of the columns, in their order.
        line: where it begins, from 1.
        is_plain: whether it is the first line, and no more than that.
    """

    names: tuple[str, ...]
    line: int = 1
    is_plain: bool = True


def compression(file: str) -> Compression:
    """Return how a file is compressed, by its name."""
    lower = file.lower()
    return "gzip" if lower.endswith(".gz") else "zstd" if lower.endswith(".zst") else "none"


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """Open a file by its name in DuckDB, and yield its unpacked bytes."""
    name = plain(file)
    with _raw(name) as raw:
        match compression(name):
            case "gzip":
                import gzip

                with gzip.open(raw, "rb") as unpacked:
                    yield unpacked
            case "zstd":
                import pyarrow as pa

                with io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")) as unpacked:
                    yield unpacked
            case "none":
                yield raw


def as_text(raw: IO[bytes]) -> IO[str]:
    """Return the text of a file, with its line ends as they are and without a byte order mark."""
    return io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def read_header(file: str, dialect: Dialect) -> Header:
    """Read the first line that is not empty.

    Raises:
        UnreadableFile: there is none, or two columns have one name.
        OSError, EOFError, UnicodeDecodeError, csv.Error: the file cannot be read so far.
    """
    with opened(file) as raw, as_text(raw) as lines:
        line = 1
        reader = dialect.reader(lines, trim=True)  # DuckDB reads a quote behind a blank as one
        for fields in reader:
            if fields:
                return Header(_names(fields), line, is_plain=reader.line_num == 1)
            line = reader.line_num + 1
    raise UnreadableFile("it is empty: there is not even a header line")


def _names(fields: list[str]) -> tuple[str, ...]:
    """Blanks around a name are not part of it; a column without a name has the one DuckDB gives it."""
    names = tuple(field.strip() or f"column{i}" for i, field in enumerate(fields))
    counts = Counter(name.lower() for name in names)
    for name in names:
        if counts[name.lower()] > 1:
            same = [(i, other) for i, other in enumerate(names, 1) if other.lower() == name.lower()]
            named = " and ".join(f"'{other}' (field {i})" for i, other in same)
            case = "" if len({other for _, other in same}) == 1 else "; names that differ only in case are one name"
            raise UnreadableFile(f"its header names a column more than once: {named}{case}")
    return names


def _raw(name: str) -> Any:
    if "://" not in name:
        return open(name, "rb")  # noqa: PTH123 - the caller closes it
    import fsspec

    return fsspec.open(name, "rb").open()
