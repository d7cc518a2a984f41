"""Why a CSV file cannot be read, found in its bytes and lines."""

import codecs
import csv
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from maestro_ml.tables.sources.csv.files import (
    UTF_8,
    Dialect,
    Header,
    UnreadableFile,
    compression,
    encoding_of,
    opened,
    opened_text,
    read_header,
)
from maestro_ml.tables.sources.file_kinds import HEAD, content

LONGEST = 2_000_000  # bytes of a line; DuckDB reads none that is longer
_CHUNK = 1 << 20
_NOT_TEXT = {"Parquet", "compressed", "a ZIP archive", "ORC", "Avro", "Arrow", "SQLite"}


def check_file(file: str, dialect: Dialect) -> None:
    """Return if the file is well-formed CSV.

    Raises:
        UnreadableFile: it is not; the message says why, and where.
    """
    try:
        with opened(file) as raw:
            _check_bytes(raw, encoding_of(file, dialect), is_declared=bool(dialect.encoding))
        _check_records(file, dialect)
        read_header(file, dialect)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(_of_system(error, file)) from error


def find_header(file: str, dialect: Dialect) -> Header:
    """Read the header line.

    Raises:
        UnreadableFile: there is none, or the file cannot be read; the message says why.
    """
    try:
        return read_header(file, dialect)
    except (UnreadableFile, OSError, EOFError, zlib.error, ValueError, csv.Error) as error:
        check_file(file, dialect)
        raise UnreadableFile("its header line cannot be read") from error


def rewrite(file: str, dialect: Dialect, target: Path) -> None:
    """Write a well-formed file again: one kind of line end, every field quoted, a plain header; see `REWRITTEN`."""
    with (
        opened_text(file, dialect) as lines,
        target.open("w", encoding="utf-8", newline="") as out,
        _long_fields(),
    ):
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        rows = (fields for fields in dialect.reader(lines) if fields)
        writer.writerow(f"column{i}" for i, _ in enumerate(dialect.names or next(rows)))
        writer.writerows(rows)


REWRITTEN = Dialect(",", '"')


def _of_system(error: Exception, file: str) -> str:
    match error:
        case OSError(strerror=str(reason)):
            return reason[:1].lower() + reason[1:]
        case _ if compression(file) == "none":
            return str(error)
        case _:
            return f"its name says {compression(file)}, and its content is not, or is cut off or damaged"


def _check_bytes(raw: IO[bytes], encoding: str, *, is_declared: bool) -> None:
    """Raise UnreadableFile where they are not text in the encoding."""
    head = raw.read(HEAD)
    if not head:
        raise UnreadableFile("it is empty: there is not even a header line")
    if (found := content(head)) in _NOT_TEXT:
        raise UnreadableFile(f"it is {found}, not CSV text")
    if encoding == UTF_8 and head.count(0) > len(head) // 4:
        wide = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        raise UnreadableFile(f"it seems to be UTF-16, not UTF-8 text; say so with `encoding: {wide}`")
    decoder, line, offset = codecs.getincrementaldecoder(encoding)(), 1, 0
    for chunk in chain([head], iter(lambda: raw.read(_CHUNK), b"")):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            _refuse_byte(error, line, offset - pending, encoding if is_declared else "UTF-8")
        line += _lines(text)
        offset += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        _refuse_byte(error, line, offset - len(error.object), encoding if is_declared else "UTF-8")


def _refuse_byte(error: UnicodeDecodeError, line: int, offset: int, encoding: str) -> None:
    line += _lines(error.object[: error.start].decode("latin-1"))
    raise UnreadableFile(
        f"it is not {encoding} text; say how it is written with `encoding`, such as `encoding: cp1252` "
        f"(line {line:,} holds the byte 0x{error.object[error.start]:02X}, at offset {offset + error.start:,})"
    ) from error


def _lines(text: str) -> int:
    return max(text.count("\n"), text.count("\r"))


def _check_records(file: str, dialect: Dialect) -> None:
    """Raise UnreadableFile where a record has not the header's number of fields, or a quote is out of place."""
    header, start = Header(dialect.names), 1 + dialect.skip
    with opened_text(file, dialect) as lines, _long_fields():
        reader = dialect.reader(lines)
        try:
            for fields in reader:
                if fields and not header.names:
                    header = Header(tuple(fields), start)
                elif fields and len(fields) != len(header.names):
                    raise UnreadableFile(_ragged(start, len(fields), header, dialect))
                elif sum(map(len, fields)) > LONGEST:
                    raise UnreadableFile(f"line {start:,} is longer than {LONGEST:,} bytes")
                start = reader.line_num + 1
        except csv.Error:
            raise UnreadableFile(_out_of_place(file, dialect, start)) from None


def _ragged(line: int, count: int, header: Header, dialect: Dialect) -> str:
    expected = len(header.names)
    names = f"the contract names {expected:,}" if dialect.names else f"the header (line {header.line}) has {expected:,}"
    message = f"line {line:,} has {count:,} field{'s' * (count != 1)}, {names}"
    if other := other_delimiter(header, dialect):
        return f"{message} and holds {other!r}: if that stands between the fields, say so with `delimiter`"
    if count < expected:
        return message
    title = "take out a title or comment above the header, or " if line == header.line + 1 else ""
    return f"{message}: {title}quote fields that hold the delimiter {dialect.delimiter!r}"


def other_delimiter(header: Header, dialect: Dialect) -> str | None:
    """Return what seems to stand between the names of a header of one field."""
    if len(header.names) > 1:
        return None
    return next((sign for sign in ";\t|," if sign != dialect.delimiter and sign in header.names[0]), None)


def _out_of_place(file: str, dialect: Dialect, start: int) -> str:
    """Return what is wrong with the quotes of the record that starts in this line."""
    with opened_text(file, dialect) as lines:
        text = _record(lines, start)
    state, line, begun = "start", start, start
    for i, sign in enumerate(text):
        ends = sign in "\r\n"
        if state in ("start", "plain"):
            if sign == dialect.quote and state == "start":
                state, begun = "quoted", line
            else:
                state = "start" if ends or sign == dialect.delimiter else "plain"
        elif state == "quoted":
            state = "closed" if sign == dialect.quote else "quoted"
        elif sign == dialect.quote:
            state = "quoted"
        elif ends or sign == dialect.delimiter:
            state = "start"
        else:
            return (
                f"the quote opened in line {begun:,} is closed in line {line:,}, and more text follows; "
                "inside a quoted field a quote is written twice"
            )
        line += sign == "\n" or (sign == "\r" and text[i + 1 : i + 2] != "\n")
    if state == "quoted":
        within = f"not closed within {LONGEST:,} signs" if len(text) > LONGEST else "never closed"
        return f"the quote opened in line {begun:,} is {within}"
    return f"line {start:,} is longer than {LONGEST:,} bytes"


def _record(lines: IO[str], start: int) -> str:
    for _ in range(start - 1):
        next(lines)
    return lines.read(LONGEST + 1)


@contextmanager
def _long_fields() -> Iterator[None]:
    before = csv.field_size_limit(LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)
