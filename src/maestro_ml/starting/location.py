"""What a person writes for a table, as the source of a dataset: a file, a folder, an address, or a database's table."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from maestro_ml.core.errors import RequestError, SystemFailed
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_passwords
from maestro_ml.starting.csv_format import first_bytes, first_text, format_of
from maestro_ml.starting.sheets import sheet_of

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
_FOLDER_COLUMN = re.compile(r"([^=/]+)=[^/]*")
_TIMEOUT = 60  # seconds
EXAMPLES = (
    "a file (CSV, Parquet, JSON, Arrow, ORC, Excel; book.xlsx#Orders is one sheet of a workbook), a folder of them, "
    "a Delta or Iceberg table's folder, an address, or a table such as sqlite:///shop.db#orders"
)


@dataclass(frozen=True)
class Location:
    """A table's `source` as maestro.yaml has it, with absolute paths, and a name for the dataset.

    Attributes:
        downloaded: the local copy of an address that is read only once.
        guesses: what was taken for granted of how it is written, and can be otherwise.
    """

    source: dict[str, Any]
    name: str
    downloaded: Path | None = None
    guesses: tuple[str, ...] = ()


@contextmanager
def located(text: str, encoding: str | None = None) -> Iterator[Location]:
    """Yield where a table is; what had to be downloaded is there inside the block.

    Args:
        encoding: of a CSV file; by default it is seen.

    Raises:
        RequestError: there is no such table, or it is of no kind that a dataset can be.
        SystemFailed: an address cannot be read.
    """
    scheme = urlsplit(text).scheme
    if scheme in ("http", "https"):
        with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
            file = _download(text, Path(scratch))
            yield replace(_of_path(str(file), encoding, urlsplit(text).fragment), downloaded=file)
    elif "://" in text and _is_database(scheme):
        yield _of_database(text)
    elif "://" in text:
        path, _, sheet = text.partition("#")
        yield _of_path(path, encoding, sheet)
    else:
        yield _of_local(text, encoding)


def name_of(text: str) -> str:
    """Return a dataset's name for the name of a file or table."""
    stem = text.partition(".")[0]
    name = re.sub(r"[^A-Za-z0-9_]+", "_", stem).strip("_").lower()[:50]
    return name if name[:1].isalpha() else f"table_{name}".rstrip("_")


def _of_local(text: str, encoding: str | None) -> Location:
    before, _, table = text.partition("#")
    path = Path(text)
    if table and not path.exists() and Path(before).suffix.lower() == ".xlsx":
        path, text = Path(before), before
    elif table and Path(before).suffix in SQLITE:
        return _of_database(f"sqlite:///{Path(before).resolve()}#{table}")
    if not path.exists() and not any(sign in text for sign in "*?["):
        raise RequestError(f"there is no {text}; give {EXAMPLES}")
    if path.suffix in SQLITE:
        return _of_database(f"sqlite:///{path.resolve()}")
    if path.is_dir() and (path / "metadata").is_dir() and not (path / "metadata" / "version-hint.text").is_file():
        newest = max((path / "metadata").glob("*.metadata.json"), key=lambda each: each.stat().st_mtime, default=None)
        if newest:
            return replace(_of_path(str(newest.resolve()), encoding), name=name_of(path.resolve().name))
    if path.is_dir() and not any(path.iterdir()):
        raise RequestError(f"the folder {text} is empty; give {EXAMPLES}")
    return _of_path(str(path.resolve()), encoding, table if text == before else "")


def _of_path(path: str, encoding: str | None, sheet: str = "") -> Location:
    called = name_of(PurePosixPath(urlsplit(path).path if "://" in path else path).name)
    if (Path(path) / "_delta_log").is_dir():
        return Location({"kind": "delta", "path": path}, called)
    if path.endswith(".metadata.json") or (Path(path) / "metadata" / "version-hint.text").is_file():
        return Location({"kind": "iceberg", "path": path}, called)
    name = first_file(path)
    plain = name.lower()
    for packed in _PACKED:
        plain = plain.removesuffix(packed)
    if plain.endswith(PARQUET) or first_bytes(name)[:4] == b"PAR1":
        return Location({"kind": "parquet", "path": path} | _partitions(path), called)
    if kind := TYPED.get(PurePosixPath(plain).suffix):
        source = {"kind": kind, "path": path}
        if kind != "excel":
            return Location(source, called)
        keys, others = sheet_of(name, sheet)
        return Location(source | keys, name_of(sheet) if sheet else called, guesses=tuple(_about_sheets(keys, others)))
    if plain.endswith(CSV) or "," in first_text(name, encoding):
        keys = format_of(name, encoding)
        guesses = () if encoding else tuple(_about_format(keys))
        return Location({"kind": "csv", "path": path} | _partitions(path) | keys, called, guesses=guesses)
    raise RequestError(f"{without_passwords(name)} is not a table that can be read here; give {EXAMPLES}")


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


def _partitions(path: str) -> dict[str, Any]:
    """Return the columns that the names of folders are, where all files of a folder lie in folders of these names."""
    if "://" in path or not Path(path).is_dir():
        return {}
    files = [p for p in Path(path).rglob("*") if p.is_file() and not p.name.startswith((".", "_"))]
    ways = {tuple(_FOLDER_COLUMN.findall(p.parent.relative_to(path).as_posix())) for p in files}
    names = ways.pop() if len(ways) == 1 else ()
    return {"partitions": list(names)} if names and len({*names}) == len(names) else {}


def _about_format(keys: dict[str, Any]) -> Iterator[str]:
    if encoding := keys.get("encoding"):
        yield f"the file is not in UTF-8; {encoding} is a guess, and --encoding names another"
    if skip := keys.get("skip"):
        yield f"the header is taken to be line {skip + 1}"


def _about_sheets(keys: dict[str, Any], others: Sequence[str]) -> Iterator[str]:
    if skip := keys.get("skip"):
        yield f"the header is taken to be row {skip + 1}"
    if others and "sheet" not in keys:
        known = ", ".join(others)
        yield f"the first sheet is read; #{others[0]} behind the file's name reads another (there are: {known})"


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
