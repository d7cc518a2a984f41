"""What a person writes for a table, as the source of a dataset: a file, a folder, an address, or a database's table."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from maestro_ml.core.errors import RequestError, SystemFailed
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_passwords

PARQUET, CSV = (".parquet", ".parq", ".pq"), (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")
TYPED = {
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".orc": "orc",
    ".xlsx": "excel",
}
SQLITE = (".db", ".sqlite", ".sqlite3")
_PACKED = (".gz", ".zst")
_DELIMITERS = ",;\t|"
_HEAD = 65_536  # characters
_TIMEOUT = 60  # seconds
EXAMPLES = (
    "a file (CSV, Parquet, JSON, Arrow, ORC, Excel), a folder of them, a Delta or Iceberg table's folder, an address, "
    "or a table such as sqlite:///shop.db#orders"
)


@dataclass(frozen=True)
class Location:
    """A table's `source` as maestro.yaml has it, with absolute paths, and a name for the dataset.

    Attributes:
        downloaded: the local copy of an address that is read only once.
    """

    source: dict[str, Any]
    name: str
    downloaded: Path | None = None


@contextmanager
def located(text: str) -> Iterator[Location]:
    """Yield where a table is; what had to be downloaded is there inside the block.

    Raises:
        RequestError: there is no such table, or it is of no kind that a dataset can be.
        SystemFailed: an address cannot be read.
    """
    scheme = urlsplit(text).scheme
    if scheme in ("http", "https"):
        with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
            file = _download(text, Path(scratch))
            yield Location(_of_path(str(file)), name_of(file.name), file)
    elif "://" in text and _is_database(scheme):
        yield _of_database(text)
    elif "://" in text:
        yield Location(_of_path(text), name_of(PurePosixPath(urlsplit(text).path).name))
    else:
        yield _of_local(text)


def name_of(text: str) -> str:
    """Return a dataset's name for the name of a file or table."""
    stem = text.partition(".")[0]
    name = re.sub(r"[^A-Za-z0-9_]+", "_", stem).strip("_").lower()[:50]
    return name if name[:1].isalpha() else f"table_{name}".rstrip("_")


def _of_local(text: str) -> Location:
    before, _, table = text.partition("#")
    path = Path(text)
    if table and Path(before).suffix in SQLITE:
        return _of_database(f"sqlite:///{Path(before).resolve()}#{table}")
    if not path.exists() and not any(sign in text for sign in "*?["):
        raise RequestError(f"there is no {text}; give {EXAMPLES}")
    if path.suffix in SQLITE:
        return _of_database(f"sqlite:///{path.resolve()}")
    if path.is_dir() and (path / "metadata").is_dir() and not (path / "metadata" / "version-hint.text").is_file():
        newest = max((path / "metadata").glob("*.metadata.json"), key=lambda each: each.stat().st_mtime, default=None)
        if newest:
            return Location(_of_path(str(newest.resolve())), name_of(path.resolve().name))
    if path.is_dir() and not any(path.iterdir()):
        raise RequestError(f"the folder {text} is empty; give {EXAMPLES}")
    return Location(_of_path(str(path.resolve())), name_of(path.resolve().name))


def _of_path(path: str) -> dict[str, Any]:
    if (Path(path) / "_delta_log").is_dir():
        return {"kind": "delta", "path": path}
    if path.endswith(".metadata.json") or (Path(path) / "metadata" / "version-hint.text").is_file():
        return {"kind": "iceberg", "path": path}
    name = first_file(path)
    plain = name.lower()
    for packed in _PACKED:
        plain = plain.removesuffix(packed)
    if plain.endswith(PARQUET) or _head(name, "rb")[:4] == b"PAR1":
        return {"kind": "parquet", "path": path}
    if kind := TYPED.get(PurePosixPath(plain).suffix):
        return {"kind": kind, "path": path}
    if plain.endswith(CSV) or "," in name_head(name):
        delimiter = _delimiter(name_head(name))
        return {"kind": "csv", "path": path} | ({} if delimiter == "," else {"delimiter": delimiter})
    raise RequestError(f"{without_passwords(name)} is no table that can be read here; give {EXAMPLES}")


def first_file(path: str) -> str:
    """Return the path itself, or of a folder or pattern one of the files that most of them are like."""
    if "://" in path:
        return path
    if Path(path).is_dir():
        found = sorted(str(p) for p in Path(path).rglob("*") if p.is_file() and not p.name.startswith((".", "_")))
    elif Path(path).is_file():
        return path
    else:
        pattern = Path(path)
        found = sorted(str(p) for p in pattern.parent.glob(pattern.name))
    if not found:
        raise RequestError(f"there is no file in {path}")
    suffix = Counter(Path(p).suffix for p in found).most_common(1)[0][0]
    return next(p for p in found if Path(p).suffix == suffix)


def _head(name: str, mode: str = "rt") -> Any:
    import fsspec

    text = {"encoding": "utf-8-sig", "errors": "replace"} if mode == "rt" else {}
    try:
        with fsspec.open(name, mode, compression="infer", **text) as file:
            return file.read(_HEAD)
    except (OSError, ValueError, ImportError) as error:
        raise RequestError(f"{without_passwords(name)} cannot be read: {text_of(error)}") from error


def name_head(name: str) -> str:
    """Return the beginning of a text file."""
    return str(_head(name))


def header_of(source: dict[str, Any]) -> list[str]:
    """Return the names in the first line of a CSV source; those that are empty are left out."""
    import csv

    head = name_head(first_file(source["path"]))
    [names] = list(csv.reader(head.splitlines()[:1], delimiter=source.get("delimiter", ","))) or [[]]
    return list(dict.fromkeys(name for name in names if name))


def _delimiter(head: str) -> str:
    """Return the sign that parts the first lines into the same number of fields, of several the one that makes most."""
    import csv

    lines = head.splitlines()[:50]
    counts = {}
    for sign in _DELIMITERS:
        try:
            widths = {
                len(row) for row in csv.reader(lines[: -1 if len(head) >= _HEAD else None], delimiter=sign) if row
            }
        except csv.Error:
            continue
        if len(widths) == 1:
            counts[sign] = widths.pop()
    return max(counts, key=lambda sign: counts[sign], default=",") if counts else ","


def _is_database(scheme: str) -> bool:
    from sqlalchemy.dialects import registry
    from sqlalchemy.exc import NoSuchModuleError

    try:
        registry.load(scheme.replace("+", "."))
    except NoSuchModuleError:
        return False
    return True


def _of_database(text: str) -> Location:
    url, _, table = text.partition("#")
    if not table:
        names = _tables(url)
        if len(names) != 1:
            known = ", ".join(names[:20]) or "none"
            example = f"{without_passwords(url)}#{names[0] if names else 'orders'}"
            raise RequestError(f"name the table, as in {example}; there are: {known}")
        [table] = names
    schema, _, plain = table.rpartition(".")
    source = {"kind": "sql", "url": url, "table": plain} | ({"schema": schema} if schema else {})
    return Location(source, name_of(plain))


def _tables(url: str) -> list[str]:
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.exc import SQLAlchemyError

    try:
        engine = create_engine(url)
        found = inspect(engine)
        names = sorted([*found.get_table_names(), *found.get_view_names()])
        engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        raise SystemFailed(f"{without_passwords(url)} cannot be reached: {text_of(error)}") from error
    return names


def _download(url: str, folder: Path) -> Path:
    import httpx

    name = PurePosixPath(urlsplit(url).path).name or "table.csv"
    file = folder / name
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=_TIMEOUT) as response, file.open("wb") as out:
            response.raise_for_status()
            for part in response.iter_bytes():
                out.write(part)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SystemFailed(f"{without_passwords(url)} cannot be read: {text_of(error)}") from error
    return file
