"""Parquet files whose footers say what their pages do not hold."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_PLAIN = {"compression": "none", "use_dictionary": False}


def whole(table: pa.Table, **options: object) -> bytes:
    """Return a file without compression or dictionaries, so that its pages are as long as its values."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **(_PLAIN | options))
    return buffer.getvalue()


def footer_of(content: bytes) -> int:
    """Return where the footer begins."""
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")


def exchanged(pages: bytes, footer: bytes) -> bytes:
    """Return the pages of one file with the footer of another, whose pages are as long."""
    assert footer_of(pages) == footer_of(footer)
    return pages[: footer_of(pages)] + footer[footer_of(footer) :]


def renamed(content: bytes, writer: bytes) -> bytes:
    """Return the same with another program's name, as long as pyarrow's."""
    own = pq.ParquetFile(pa.BufferReader(content)).metadata.created_by.encode()
    assert len(writer) <= len(own)
    start = content.rindex(own)
    return content[:start] + writer.ljust(len(own)) + content[start + len(own) :]


def without_nulls(content: bytes, column: int, group: int = 0) -> bytes:
    """Return the same with a footer that says 0 nulls of a column that has some (up to 63)."""

    def said(file: bytes) -> int | None:
        try:
            chunk = pq.ParquetFile(pa.BufferReader(file)).metadata.row_group(group).column(column)
        except (pa.ArrowException, OSError):
            return None
        return chunk.statistics.null_count if chunk.statistics else None

    nulls = said(content)
    for place in range(footer_of(content), len(content) - 9):
        if content[place] & 15 == 6 and content[place + 1] == 2 * nulls:  # an i64 field, zigzag
            changed = content[: place + 1] + b"\0" + content[place + 2 :]
            if said(changed) == 0:
                return changed
    raise AssertionError("the null count was not found")


def with_a_short_statistic(content: bytes, value: int) -> bytes:
    """Return the same with a statistic of 7 bytes where a 64-bit integer of this value is said."""
    start = footer_of(content)
    footer, stored = content[start:-8], value.to_bytes(8, "little", signed=True)
    assert b"\x08" + stored in footer
    short = footer.replace(b"\x08" + stored, b"\x07" + stored[:7])
    return content[:start] + short + len(short).to_bytes(4, "little") + b"PAR1"


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
