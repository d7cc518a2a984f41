"""A CSV file as bytes, as text, and its header line."""

import codecs
import csv
import io
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from maestro_ml.tables.sources.file_names import plain

UTF_8 = "utf-8-sig"
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 1 << 20

Compression = Literal["none", "gzip", "zstd"]


class UnreadableFile(Exception):
    """A file is no CSV as the project describes it; the message says why."""


@dataclass(frozen=True)
class Dialect:
    """How fields are parted and quoted; a quote inside a quoted field is written twice.

    Attributes:
        skip: how many lines stand above the header, or above the rows.
        comment: how a line that is no row begins; empty where there is none.
        encoding: of the text; None where a byte order mark says it, or it is UTF-8.
        names: of the columns, where there is no header line.
    """

    delimiter: str
    quote: str
    skip: int = 0
    comment: str = ""
    encoding: str | None = None
    names: tuple[str, ...] = ()

    def reader(self, lines: IO[str], *, trim: bool = False) -> "Records":
        """Return a reader of the records; `trim` takes blanks before the fields away."""
        return Records(self, lines, trim=trim)


class Records:
    """The records of a file, without skipped lines and comments; `line_num` is the line of the file read last."""

    def __init__(self, dialect: Dialect, lines: IO[str], *, trim: bool) -> None:
        self.line_num = 0
        self._dialect, self._lines, self._begins = dialect, lines, True
        if dialect.quote:
            quoting: dict[str, Any] = {"quotechar": dialect.quote, "strict": True, "skipinitialspace": trim}
        else:
            quoting = {"quoting": csv.QUOTE_NONE}
        self._reader = csv.reader(self._read_lines(), delimiter=dialect.delimiter, **quoting)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        self._begins = True
        return next(self._reader)

    def _read_lines(self) -> Iterator[str]:
        for line in self._lines:
            self.line_num += 1
            is_comment = self._begins and self._dialect.comment and line.startswith(self._dialect.comment)
            if self.line_num > self._dialect.skip and not is_comment:
                self._begins = False  # the next line may belong to a quoted field
                yield line


@dataclass(frozen=True)
class Header:
    """A header line.

    Attributes:
        names: of the columns, in their order.
        line: where it begins, from 1.
        is_plain: whether it is the first line below those that are skipped, and no more than that.
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


@contextmanager
def opened_text(file: str, dialect: Dialect) -> Iterator[IO[str]]:
    """Open a file, and yield its text with the line ends as they are and without a byte order mark."""
    encoding = encoding_of(file, dialect)
    with opened(file) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as lines:
        yield lines


def encoding_of(file: str, dialect: Dialect) -> str:
    """Return the encoding of the byte order mark, or the declared one; UTF-8 without either."""
    with opened(file) as raw:
        head = raw.read(4)
    return marked_encoding(head) or dialect.encoding or UTF_8


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that the first bytes of a file state; None where they are no byte order mark."""
    marks = {**MARKS, codecs.BOM_UTF8: UTF_8}
    return next((name for mark, name in marks.items() if head.startswith(mark)), None)


def is_utf_8(file: str) -> bool | None:
    """Return whether a file without a byte order mark is text in UTF-8; None where it is ASCII, which most are."""
    decoder, is_ascii = codecs.getincrementaldecoder("utf-8")(), True
    with opened(file) as raw:
        while block := raw.read(_CHUNK):
            is_ascii = is_ascii and block.isascii()
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return False
    return None if is_ascii else True


def transcode(file: str, dialect: Dialect, target: Path) -> None:
    """Write a file again in UTF-8, without the lines above its header."""
    with opened_text(file, dialect) as lines, target.open("w", encoding="utf-8", newline="") as out:
        for _ in range(dialect.skip):
            lines.readline()
        shutil.copyfileobj(lines, out, _CHUNK)


def read_header(file: str, dialect: Dialect) -> Header:
    """Read the first line that is not empty; without a header line, the names are the declared ones.

    Raises:
        UnreadableFile: there is none, or two columns have one name.
        OSError, EOFError, UnicodeDecodeError, csv.Error: the file cannot be read so far.
    """
    with opened_text(file, dialect) as lines:
        line = 1 + dialect.skip
        reader = dialect.reader(lines, trim=True)  # DuckDB reads a quote behind a blank as one
        for fields in reader:
            if fields:
                is_plain = reader.line_num == 1 + dialect.skip and not dialect.comment
                return Header(dialect.names or _names(fields), line, is_plain=is_plain)
            line = reader.line_num + 1
    if dialect.names:
        return Header(dialect.names)
    raise UnreadableFile("it is empty: there is not even a header line")


def _names(fields: list[str]) -> tuple[str, ...]:
    """Return the names without the blanks around them; a column without a name has the one DuckDB gives it."""
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
