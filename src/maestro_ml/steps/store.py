"""The run store: a folder or bucket where each step leaves its result, report and artifacts."""

import errno
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_password
from maestro_ml.project import MaestroError
from maestro_ml.steps.locks import alone_in

T = TypeVar("T", bound=BaseModel)
_SCRATCH = ".unfinished-"


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
RESULT, TRACEBACK, FAILURE = "result.json", "traceback.txt", "error.json"


class StoreError(MaestroError):
    """The run store lacks something or cannot be reached."""


def _safe(name: str) -> str:
    """A name as one path segment; different names stay different, `:` and `-` apart."""
    plain = re.sub(r"[^\w.=+-]", "-", name)
    # The colons of the times in Airflow's run ids are let off; `..` is not.
    changed = name.replace(":", "-") != plain or plain.startswith(".")
    return f"{plain.lstrip('.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}" if changed else plain


@dataclass(frozen=True)
class Folder:
    """A step's folder. What is written appears whole under its name, or not at all."""

    run_uri: str
    step: str
    target: str = ""

    @classmethod
    def of_run(cls, store: str, dag: str, run: str, step: str, target: str = "") -> "Folder":
        return cls(f"{store.rstrip('/')}/{_safe(dag)}/{_safe(run)}", step, target)

    @property
    def uri(self) -> str:
        return "/".join(part for part in (self.run_uri, self.step, _safe(self.target)) if part)

    @property
    def store(self) -> str:
        """The run store the run's folder lies in, two levels up."""
        return self.run_uri.rsplit("/", 2)[0]

    def of(self, step: str) -> "Folder":
        """The folder of another step of the same run about the same target."""
        return Folder(self.run_uri, step, self.target)

    def path(self, name: str) -> str:
        return f"{self.uri}/{name}"

    def exists(self, name: str) -> bool:
        with _reaching(self.path(name)) as (filesystem, path):
            return bool(filesystem.exists(path))

    def write(self, name: str, content: bytes) -> str:
        """Write bytes; returns the URI."""
        with self.writing(name) as local:
            local.write_bytes(content)
        return self.path(name)

    def write_model(self, name: str, model: BaseModel) -> str:
        return self.write(name, model.model_dump_json(indent=2).encode())

    @contextmanager
    def alone(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Keep other processes from the same target of the same run inside the block; in a local store only.

        Raises:
            StoreError: the run's folder cannot be written to.
        """
        with _reaching(self.run_uri) as (filesystem, path):
            is_local = _is_local(filesystem)
        with ExitStack() as held:
            if is_local:
                with _reaching(self.run_uri):
                    held.enter_context(alone_in(Path(path), f".{_safe(self.target)}.lock", waiting))
            yield

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A local file to fill; it is put in place once the body ends without an error.

        With it goes the result of an earlier attempt: that is of other files than this one.

        Raises:
            StoreError: there is no space left, or the store cannot be written to.
        """
        with ExitStack() as scratch:
            with _reaching(self.path(name)) as (filesystem, path):
                place = Path(path).parent if _is_local(filesystem) else None
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
            with _reaching(self.path(name)):
                if name not in (RESULT, TRACEBACK, FAILURE):
                    self.discard(RESULT)
                if place:
                    local.replace(path)
                else:
                    filesystem.put_file(str(local), path)

    def discard(self, name: str) -> None:
        """Remove a file if it is there."""
        with _reaching(self.path(name)) as (filesystem, path):
            if filesystem.exists(path):
                filesystem.rm_file(path)

    def sweep(self) -> None:
        """Remove what a killed process left unfinished here."""
        with _reaching(self.uri) as (filesystem, path):
            if _is_local(filesystem):
                for leftover in Path(path).glob(f"{_SCRATCH}*"):
                    shutil.rmtree(leftover)

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """A local path of a stored file; a copy if the store is remote."""
        if not self.exists(name):
            raise StoreError(f"{self.path(name)} is not there: has the step '{self.step}' of this run succeeded?")
        with ExitStack() as scratch:
            with _reaching(self.path(name)) as (filesystem, path):
                local = Path(path)
                if not _is_local(filesystem):
                    folder = scratch.enter_context(tempfile.TemporaryDirectory(prefix="maestro-"))
                    local = Path(folder) / name
                    filesystem.get_file(path, str(local))
            yield local

    def names(self, suffix: str) -> list[str]:
        """The files of this folder that end so, sorted; none if there is no folder."""
        with _reaching(self.uri) as (filesystem, path):
            filesystem.invalidate_cache(path)  # other processes write here too
            found = filesystem.ls(path, detail=False) if filesystem.isdir(path) else []
        names = (name.rstrip("/").rsplit("/", 1)[-1] for name in found)
        return sorted(name for name in names if name.endswith(suffix) and not name.startswith(_SCRATCH))

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """The content of many files, fetched together where the store can; what cannot be read is not among them."""
        wanted = list(names)
        if not wanted:
            return {}
        with _reaching(self.uri) as (filesystem, path):
            found = filesystem.cat([f"{path}/{name}" for name in wanted], on_error="omit")
        return {place.rsplit("/", 1)[-1]: content for place, content in found.items()}

    def read_model(self, name: str, model: type[T]) -> T:
        with self.reading(name) as local:
            return model.model_validate_json(local.read_bytes())


@contextmanager
def _reaching(uri: str) -> Iterator[tuple[Any, str]]:
    """The file system of a URI and the path in it; whatever that system raises becomes a StoreError."""
    import fsspec

    try:
        yield fsspec.core.url_to_fs(uri)
    except Exception as error:  # every kind of bucket has errors of its own
        if isinstance(error, StoreError):
            raise
        full = isinstance(error, OSError) and error.errno in _FULL
        told = "no space left on device" if full else text_of(error)
        text = f"the run store at {uri} cannot be used: {told}"
        raise StoreError(without_password(text, uri)) from None


def _is_local(filesystem: Any) -> bool:
    from fsspec.implementations.local import LocalFileSystem

    return isinstance(filesystem, LocalFileSystem)


def write_together(files: Iterable[tuple[Folder, str, bytes]]) -> list[str]:
    """Write several files, none of which is replaced before all of them are written; returns their URIs."""
    uris = []
    with ExitStack() as together:
        for folder, name, content in files:
            together.enter_context(folder.writing(name)).write_bytes(content)
            uris.append(folder.path(name))
    return uris
