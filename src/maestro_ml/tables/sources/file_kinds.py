"""Which of the files found belong to a dataset, by their names and, where those say nothing, their first bytes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

HEAD = 4096  # bytes that are looked at
_DATA = re.compile(
    r"\.(parquet|parq|pq|csv|tsv|tab|psv|jsonl?|ndjson|avro|orc|feather|arrow|ipc|xlsx?|xlsb|ods|dat|db|sqlite3?|duckdb"
    r"|h5|hdf5?|pickle|pkl|gz|zst|bz2|xz|lz4|snappy|zip|tar|tgz|7z)(?![a-z0-9])"
)
_NO_DATA = re.compile(
    r"(^|/)(readme|licen[cs]e|notice|changelog|makefile|dockerfile|thumbs\.db|desktop\.ini)[^/]*$"
    r"|\.(md|rst|html?|pdf|docx?|css|py|pyc|ipynb|r|sh|sql|js|ya?ml|toml|ini|cfg|conf|log|lock|sha\d*|md5|crc|asc|sig|pem"
    r"|png|jpe?g|gif|svg|ico)$"
)
_MAGIC = {
    b"PAR1": "Parquet",
    b"\x1f\x8b": "compressed",
    b"\x28\xb5\x2f\xfd": "compressed",
    b"BZh": "compressed",
    b"\xfd7zXZ": "compressed",
    b"PK\x03\x04": "a ZIP archive",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
    b"ARROW1": "Arrow",
    b"SQLite format 3": "SQLite",
    b'{"': "JSON",
    b"[{": "JSON",
}


@dataclass(frozen=True)
class FileKind:
    """A kind of file a dataset can be made of: its name, what names end in (in any case), and what `content` is."""

    name: str
    suffixes: tuple[str, ...]
    content: str

    def fits(self, name: str) -> bool:
        """Return whether the name alone shows that it is one."""
        return name.lower().endswith(self.suffixes)

    def left_out(self, name: str, head: Callable[[], bytes]) -> str | None:
        """Say why a file whose name does not fit still looks like data; None if it does not."""
        lower = name.lower()
        if _NO_DATA.search(lower):
            return None
        if _DATA.search(lower.rpartition("/")[2]):
            return f"its name does not end in {self.suffixes[0]}"
        found = content(head())
        return f"it is {found}, and its name does not end in {self.suffixes[0]}" if found else None


PARQUET = FileKind("parquet", (".parquet", ".parq", ".pq"), "Parquet")


ARROW = FileKind("arrow", (".arrow", ".feather", ".ipc"), "Arrow")
ORC = FileKind("orc", (".orc",), "ORC")
_JSON_NAMES = tuple(f".{name}{packed}" for name in ("jsonl", "ndjson", "json") for packed in ("", ".gz", ".zst"))
JSON = FileKind("json", _JSON_NAMES, "JSON")

EXCEL = FileKind("excel", (".xlsx", ".xlsm"), "a ZIP archive")


def csv_kind(delimiter: str) -> FileKind:
    """Return what DuckDB reads as CSV; with tabs between the fields it has another name too."""
    suffixes = [".csv", ".tsv", ".tab"] if delimiter == "\t" else [".csv"]
    return FileKind("csv", tuple(name + packed for name in suffixes for packed in ("", ".gz", ".zst")), "CSV")


def content(head: bytes) -> str | None:
    """Return what the first bytes of a file look like; None where they are no data."""
    if not head:
        return "empty"
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            return name
    lines = [line for line in head.split(b"\n")[: None if len(head) < HEAD else -1] if line.strip()][:3]
    counts = [{line.count(delimiter) for line in lines} for delimiter in (b",", b";", b"\t", b"|")]
    return "CSV" if len(lines) > 1 and b"\0" not in head and any(c != {0} and len(c) == 1 for c in counts) else None
