"""The files behind a source and their digests, by which a later run tells whether they are still the same."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from maestro_ml.core.errors import DataError
from maestro_ml.core.filesystems import filesystem_of
from maestro_ml.core.library_errors import text_of
from maestro_ml.project import Project
from maestro_ml.project.sources import CsvSource, DeltaSource, IcebergSource, SqlSource
from maestro_ml.project.table_source import TableSource
from maestro_ml.tables.sources.file_kinds import ARROW, EXCEL, JSON, ORC, PARQUET, FileKind, csv_kind
from maestro_ml.tables.sources.file_names import plain
from maestro_ml.tables.sources.files import RemoteFolders, listing
from maestro_ml.tables.sources.folders import LocalFolders

_KINDS = {"parquet": PARQUET, "json": JSON, "arrow": ARROW, "orc": ORC, "excel": EXCEL}
_COMMIT = FileKind("commit", (".json",), "JSON")  # of a Delta table, whose log names all its other files
_MOST_BYTES = 2_000_000_000  # to read of one source; beyond it, files are compared by their sizes
_MOST_FILES = 1_000


@dataclass(frozen=True)
class FileDigest:
    """A file: its name from the source's path on, its size, and a digest.

    Attributes:
        digest: `sha256:` of its content, or `etag:` of a bucket; empty where the source is too large to be read whole.
    """

    name: str
    bytes: int
    digest: str


def dataset_files(project: Project, name: str) -> list[FileDigest]:
    """Return the files of a dataset, at most a thousand; none where a source is no files.

    Raises:
        DataError: they cannot be reached.
    """
    source = project.datasets[name].source
    if isinstance(source, SqlSource | TableSource) or not source.path:
        return []
    uri = project.locate_data(source.path)
    if isinstance(source, IcebergSource):
        return file_digests(uri, source.path, _COMMIT)
    if isinstance(source, DeltaSource):
        return file_digests(f"{uri}/_delta_log", f"{source.path}/_delta_log", _COMMIT)
    kind = csv_kind(source.delimiter) if isinstance(source, CsvSource) else _KINDS[source.kind]
    return file_digests(uri, source.path, kind)


def file_digests(
    uri: str, path: str, kind: FileKind = PARQUET, storage_options: dict[str, Any] | None = None
) -> list[FileDigest]:
    """Return the files behind a URI, of which `path` is the part that a project writes.

    Raises:
        DataError: they cannot be reached.
    """
    base = uri.removesuffix(path) if uri.endswith(path) else f"{uri.rstrip('/').rpartition('/')[0]}/"
    try:
        if not urlsplit(uri).scheme:
            return list(_local(listing(LocalFolders(), uri, kind).files, base))
        return list(_remote(uri, base, kind, storage_options or {}))
    except DataError:
        raise
    except Exception as error:  # each filesystem has errors of its own
        raise DataError(f"{uri} cannot be reached: {text_of(error)}") from error


def _local(files: tuple[str, ...], base: str) -> Iterator[FileDigest]:
    left = _MOST_BYTES
    for file in files[:_MOST_FILES]:
        place = Path(file)
        size = place.stat().st_size
        left -= size
        digest = ""
        if left >= 0:
            with place.open("rb") as content:
                digest = f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"
        yield FileDigest(plain(file).removeprefix(base), size, digest)


def _remote(uri: str, base: str, kind: FileKind, options: dict[str, Any]) -> Iterator[FileDigest]:
    filesystem, path = filesystem_of(uri, **options)
    filesystem.invalidate_cache()
    is_web = urlsplit(uri).scheme in ("http", "https")
    files = (path,) if is_web else listing(RemoteFolders(filesystem), path, kind).files
    inside = path.removesuffix(uri.removeprefix(base))
    for file in files[:_MOST_FILES]:
        facts = filesystem.info(file)
        mark = facts.get("ETag") or facts.get("etag") or facts.get("md5Hash") or ""
        name = file.removeprefix(inside)
        yield FileDigest(name, int(facts.get("size") or 0), f"etag:{mark.strip(chr(34))}" if mark else "")
