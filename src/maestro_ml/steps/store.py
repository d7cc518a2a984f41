"""The run store: a folder or bucket that holds each step's result, report and artifacts."""

import errno
import hashlib
import os
import posixpath
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from maestro_ml.core.filesystems import filesystem_of
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_password
from maestro_ml.project import MaestroError

T = TypeVar("T", bound=BaseModel)
_SCRATCH = ".unfinished-"
_TIME = re.compile(r"T\d\d-\d\d-\d\d(\.\d+)?(\+\d\d-\d\d)?")
_CONDITIONAL = {"memory", "s3", "gs"}  # where fsspec writes a file on the condition that there is none
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)  # of a file system that has none, such as SMB
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
RESULT, TRACEBACK, FAILURE = "result.json", "traceback.txt", "error.json"


class StoreError(MaestroError):
    """The run store lacks a file or cannot be reached."""


def path_segment(name: str) -> str:
    """Return the name as one path segment; different names get different segments."""
    plain = re.sub(r"[^\w.=+-]", "-", name)
    # The colons of the times in Airflow's run ids can be restored from the dashes. Any other change needs a digest.
    changed = _TIME.sub(_with_colons, plain) != name or plain.startswith(".")
    return f"{plain.lstrip('.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}" if changed else plain


def _with_colons(time: "re.Match[str]") -> str:
    return time.group().replace("-", ":")


class Folder:
    """A folder of the run store. A file appears in it under its name complete, or not at all."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def path(self, name: str) -> str:
        """Return the URI of a file in the folder."""
        return f"{self.uri}/{name}"

    def exists(self, name: str) -> bool:
        """Return whether the file is there."""
        with reaching(self.path(name)) as (filesystem, path):
            return bool(filesystem.exists(path))

    def write(self, name: str, content: bytes) -> str:
        """Write bytes and return the URI."""
        with self.writing(name) as local:
            local.write_bytes(content)
        return self.path(name)

    @property
    def creates(self) -> bool:
        """Whether of two processes that create one file at once only one does."""
        with reaching(self.uri) as (filesystem, _):
            return is_local(filesystem) or bool(_CONDITIONAL.intersection(_protocols(filesystem)))

    def create(self, name: str, content: bytes) -> bool:
        """Write a file if there is none of this name, and return whether the file there has this content."""
        with reaching(self.path(name)) as (filesystem, path):
            try:
                if is_local(filesystem):
                    _create_local(Path(path), content)
                else:
                    filesystem.pipe_file(path, content, **({"mode": "create"} if self.creates else {}))
            except OSError:  # buckets have different ones for a file that is there
                filesystem.invalidate_cache()
                if not filesystem.exists(path):
                    raise
                return bool(filesystem.cat_file(path) == content)
        return True

    def write_model(self, name: str, model: BaseModel) -> str:
        """Write a pydantic model as JSON and return the URI."""
        return self.write(name, model.model_dump_json(indent=2).encode())

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Yield a local file to fill; it is put in place when the body ends without an error.

        This also removes the result of an earlier attempt, which belongs to other files.

        Raises:
            StoreError: there is no space left, or the store cannot be written to.
        """
        with ExitStack() as scratch:
            with reaching(self.path(name)) as (filesystem, path):
                place = Path(path).parent if is_local(filesystem) else None
                if place:
                    place.mkdir(parents=True, exist_ok=True)
                folder = scratch.enter_context(tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=place))
            local = Path(folder) / name
            try:
                yield local
            except OSError as error:
                if error.errno in _FULL:
                    where = self.path(name) if place else tempfile.gettempdir()
                    raise StoreError(f"{where} cannot be written: no space left on device") from error
                raise
            with reaching(self.path(name)):
                if name not in (RESULT, TRACEBACK, FAILURE):
                    self.discard(RESULT)
                if place:
                    local.replace(path)
                else:
                    filesystem.put_file(str(local), path)

    def _hint(self) -> str:
        return ""

    def discard(self, name: str) -> None:
        """Remove a file if it is there."""
        with reaching(self.path(name)) as (filesystem, path):
            if filesystem.exists(path):
                filesystem.rm_file(path)

    def sweep(self) -> None:
        """Remove the unfinished files of a killed process."""
        with reaching(self.uri) as (filesystem, path):
            if is_local(filesystem):
                for leftover in Path(path).glob(f"{_SCRATCH}*"):
                    shutil.rmtree(leftover)

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """Yield a local path of a stored file: a copy if the store is remote."""
        if not self.exists(name):
            raise StoreError(f"{self.path(name)} is not there{self._hint()}")
        with ExitStack() as scratch:
            with reaching(self.path(name)) as (filesystem, path):
                local = Path(path)
                if not is_local(filesystem):
                    folder = scratch.enter_context(tempfile.TemporaryDirectory(prefix="maestro-"))
                    local = Path(folder) / name
                    filesystem.get_file(path, str(local))
            yield local

    def names(self, suffix: str) -> list[str]:
        """Return the sorted names of the files with this suffix; none if there is no folder."""
        with reaching(self.uri) as (filesystem, path):
            filesystem.invalidate_cache(path)  # other processes write here too
            found = filesystem.ls(path, detail=False) if filesystem.isdir(path) else []
        names = (posixpath.basename(name.rstrip("/")) for name in found)
        return sorted(name for name in names if name.endswith(suffix) and not name.startswith(_SCRATCH))

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of many files, fetched together if the store can; leave out those that cannot be read."""
        wanted = list(names)
        if not wanted:
            return {}
        with reaching(self.uri) as (filesystem, path):
            found = filesystem.cat([f"{path}/{name}" for name in wanted], on_error="omit")
        return {posixpath.basename(place): content for place, content in found.items()}

    def read_model(self, name: str, model: type[T]) -> T:
        """Read a pydantic model from a JSON file."""
        with self.reading(name) as local:
            return model.model_validate_json(local.read_bytes())


@contextmanager
def reaching(uri: str) -> Iterator[tuple[Any, str]]:
    """Yield the file system of a URI and the path in it; turn every exception of that system into a StoreError."""
    try:
        yield filesystem_of(uri)
    except Exception as error:  # every kind of bucket has errors of its own
        if isinstance(error, StoreError):
            raise
        full = isinstance(error, OSError) and error.errno in _FULL
        reason = "no space left on device" if full else text_of(error)
        text = f"the run store at {uri} cannot be used: {reason}"
        raise StoreError(without_password(text, uri)) from None


def is_local(filesystem: Any) -> bool:
    """Return whether the file system is this machine's."""
    from fsspec.implementations.local import LocalFileSystem

    return isinstance(filesystem, LocalFileSystem)


def _protocols(filesystem: Any) -> tuple[str, ...]:
    return (filesystem.protocol,) if isinstance(filesystem.protocol, str) else tuple(filesystem.protocol)


def _create_local(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=path.parent) as scratch:
        whole = Path(scratch) / path.name
        whole.write_bytes(content)
        try:
            os.link(whole, path)  # unlike a rename, this fails where there is a file
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            with path.open("xb") as file:
                file.write(content)


def write_together(files: Iterable[tuple[Folder, str, bytes]]) -> list[str]:
    """Write several files and return their URIs. No old file is replaced before all new ones are written."""
    uris = []
    with ExitStack() as together:
        for folder, name, content in files:
            together.enter_context(folder.writing(name)).write_bytes(content)
            uris.append(folder.path(name))
    return uris
