"""From a path, folder, glob or fsspec URI to names DuckDB can open."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from maestro_ml.core.errors import DataError
from maestro_ml.core.filesystems import filesystem_of
from maestro_ml.core.library_errors import text_of
from maestro_ml.tables.duckdb import read_ahead
from maestro_ml.tables.errors import MissingSource
from maestro_ml.tables.sources.file_kinds import HEAD, FileKind, content
from maestro_ml.tables.sources.file_names import unpatterned
from maestro_ml.tables.sources.folders import GLOB, LocalFolders, is_hidden, split_glob

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_GONE = (404, 410)  # statuses of HTTP


@dataclass(frozen=True)
class Listing:
    """The files of a dataset as DuckDB names them, and why others beside them, which look like data, are not."""

    files: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)


class Folders(Protocol):
    """A file system."""

    def is_file(self, path: str) -> bool: ...

    def is_folder(self, path: str) -> bool: ...

    def identity(self, path: str) -> str: ...

    def is_endless(self, path: str) -> bool: ...

    def head(self, path: str, size: int) -> bytes: ...

    def below(self, folder: str) -> list[str]: ...

    def glob(self, pattern: str) -> list[str]: ...


def find_files(
    connection: "DuckDBPyConnection", uri: str, kind: FileKind, storage_options: Mapping[str, Any] | None = None
) -> Listing:
    """Find the files behind a file, a folder (every one of this kind below it) or a glob, sorted.

    The connection reads remote ones through fsspec.

    Raises:
        MissingSource: there is none.
        DataError: the place cannot be reached.
    """
    scheme = urlsplit(uri).scheme
    filesystem = None
    try:
        if not scheme:  # the standard library: the import of fsspec costs a tenth of a second
            found = listing(LocalFolders(), str(Path(uri).expanduser().absolute()), kind)
        else:
            from fsspec.implementations.local import LocalFileSystem

            filesystem, path = filesystem_of(uri, **(storage_options or {}))
            filesystem.invalidate_cache()  # of listings: files may have come since
            is_local = isinstance(filesystem, LocalFileSystem)
            web = WebServer(filesystem) if scheme in ("http", "https") else RemoteFolders(filesystem)
            found = listing(LocalFolders() if is_local else web, path, kind)
            filesystem = None if is_local else filesystem
    except DataError:
        raise
    except Exception as error:  # each filesystem has errors of its own
        raise DataError(f"{uri} cannot be reached: {text_of(error)}") from error
    if not found.files:
        beside = f"; there are {' and '.join(f'{n} ({why})' for n, why in [*found.left_out.items()][:3])}"
        raise MissingSource(f"no {kind.name} file at {uri}{beside if found.left_out else ''}")
    names = tuple(map(unpatterned, found.files))
    if filesystem is None:
        return Listing(names, found.left_out)
    if not connection.filesystem_is_registered(scheme):
        connection.register_filesystem(filesystem)
        read_ahead(connection, wanted=True)
    # HTTP's filesystem names files by their whole address
    return Listing(tuple(n if n.startswith(f"{scheme}://") else f"{scheme}://{n}" for n in names), found.left_out)


def listing(folders: Folders, path: str, kind: FileKind) -> Listing:
    """Choose the files of a path: a file itself, those below a folder, or those a glob matches."""
    if folders.is_file(path):
        return Listing((path,))
    if folders.is_folder(path):
        return _chosen(folders, path.rstrip("/"), [(name, False) for name in folders.below(path)], kind)
    base, parts = split_glob(path)
    if not parts:
        return Listing(())
    matched = {folders.identity(f"{base}/{name}"): (name, named) for name, named in _matched(folders, path, base)}
    return _chosen(folders, base, matched.values(), kind, accepted=kind.content)


def _matched(folders: Folders, pattern: str, base: str) -> Iterator[tuple[str, bool]]:
    """Yield each file below `base` that a pattern or a folder it matches leads to, and if the pattern has its end."""
    end = pattern.rpartition("/")[2].rpartition(".")
    named = bool(end[1]) and not GLOB.search(end[2])
    for match in folders.glob(pattern):
        if folders.is_folder(match):
            yield from ((f"{match}/{name}".removeprefix(f"{base}/"), False) for name in folders.below(match))
        else:
            yield match.removeprefix(f"{base}/"), named


def _chosen(
    folders: Folders, base: str, names: Iterable[tuple[str, bool]], kind: FileKind, accepted: str | None = None
) -> Listing:
    """Return the files of the kind, and others that look like data; `accepted` is content of the kind."""
    files, left_out = list[str](), dict[str, str]()
    for name, named in names:
        path = f"{base}/{name}"
        head = partial(folders.head, path, HEAD)
        if folders.is_endless(path):
            left_out[name] = "it is a pipe or a device"
        elif named or kind.fits(name):
            files.append(path)
        elif why := kind.left_out(name, head):
            if accepted and content(head()) == accepted:
                files.append(path)
            else:
                left_out[name] = why
    return Listing(tuple(sorted(files)), left_out)


class WebServer(LocalFolders):
    """Files of a web server, which has no folders."""

    def __init__(self, filesystem: Any) -> None:
        self.filesystem = filesystem

    def is_file(self, path: str) -> bool:
        try:
            self.filesystem.info(path)
        except FileNotFoundError as error:  # fsspec's word for everything that goes wrong
            why = error.__cause__
            if why is None or isinstance(why, FileNotFoundError) or getattr(why, "status", None) in _GONE:
                return False
            raise DataError(f"{path} cannot be reached: {text_of(why)}") from error
        if len(self.head(path, 1)) > 1:
            raise DataError(f"{path}: the server does not send parts of a file (range requests); download it first")
        return True

    def is_folder(self, path: str) -> bool:  # noqa: ARG002
        return False

    def head(self, path: str, size: int) -> bytes:
        return bytes(self.filesystem.cat_file(path, 0, size))

    def glob(self, pattern: str) -> list[str]:  # noqa: ARG002
        return []


class RemoteFolders:
    """A filesystem of fsspec; paths are as it spells them."""

    def __init__(self, filesystem: Any) -> None:
        self.filesystem = filesystem

    def is_file(self, path: str) -> bool:
        return bool(self.filesystem.exists(path)) and not self.is_folder(path)

    def is_folder(self, path: str) -> bool:
        return bool(self.filesystem.isdir(path))

    def identity(self, path: str) -> str:
        return path

    def is_endless(self, path: str) -> bool:  # noqa: ARG002 - objects end
        return False

    def head(self, path: str, size: int) -> bytes:
        return bytes(self.filesystem.cat_file(path, 0, size))

    def below(self, folder: str) -> list[str]:
        base = folder.rstrip("/")
        names = [name.removeprefix(f"{base}/") for name in self.filesystem.find(folder) if not name.endswith("/")]
        return sorted(name for name in names if not any(map(is_hidden, name.split("/"))))

    def glob(self, pattern: str) -> list[str]:
        base, parts = split_glob(pattern)
        spelled = [part for part in parts if is_hidden(part)]

        def is_meant(path: str) -> bool:
            names = path.removeprefix(f"{base}/").split("/")
            return all(not is_hidden(name) or any(fnmatchcase(name, part) for part in spelled) for name in names)

        return sorted(path for path in self.filesystem.glob(pattern) if is_meant(path))
