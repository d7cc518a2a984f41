"""The run store: a folder or bucket where each step leaves its result, report and artifacts."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from maestro_ml.project import MaestroError

T = TypeVar("T", bound=BaseModel)
_SCRATCH = ".unfinished-"


class StoreError(MaestroError):
    """The run store lacks something or cannot be reached."""


def _safe(name: str) -> str:
    """A name as one path segment; different names stay different."""
    plain = re.sub(r"[^\w.=+-]", "-", name)
    changed = re.sub(r":", "-", name) != plain
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}" if changed else plain


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

    def of(self, step: str) -> "Folder":
        """The folder of another step of the same run about the same target."""
        return Folder(self.run_uri, step, self.target)

    def path(self, name: str) -> str:
        return f"{self.uri}/{name}"

    def exists(self, name: str) -> bool:
        filesystem, path = _open(self.path(name))
        return bool(filesystem.exists(path))

    def write(self, name: str, content: bytes) -> str:
        """Write bytes; returns the URI."""
        with self.writing(name) as local:
            local.write_bytes(content)
        return self.path(name)

    def write_model(self, name: str, model: BaseModel) -> str:
        return self.write(name, model.model_dump_json(indent=2).encode())

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A local file to fill (or folder, if the body makes one); in place once the body ends without an error."""
        filesystem, path = _open(self.path(name))
        is_local = "file" in _protocols(filesystem)
        parent = Path(path).parent
        if is_local:
            parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=parent if is_local else None) as scratch:
            local = Path(scratch) / name
            yield local
            if is_local:
                if local.is_dir() and Path(path).exists():
                    shutil.rmtree(path)
                local.replace(path)
            else:
                filesystem.put(str(local), path, recursive=local.is_dir())

    def sweep(self) -> None:
        """Remove what a killed process left unfinished here."""
        filesystem, path = _open(self.uri)
        if "file" in _protocols(filesystem):
            for leftover in Path(path).glob(f"{_SCRATCH}*"):
                shutil.rmtree(leftover)

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """A local path of a stored file or folder; a copy if the store is remote."""
        filesystem, path = _open(self.path(name))
        if not filesystem.exists(path):
            raise StoreError(f"{self.path(name)} is not there: has the step '{self.step}' of this run succeeded?")
        if "file" in _protocols(filesystem):
            yield Path(path)
            return
        with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
            local = Path(scratch) / name
            filesystem.get(path, str(local), recursive=bool(filesystem.isdir(path)))
            yield local

    def read_model(self, name: str, model: type[T]) -> T:
        with self.reading(name) as local:
            return model.model_validate_json(local.read_bytes())


def _open(uri: str) -> tuple[Any, str]:
    import fsspec

    filesystem, path = fsspec.core.url_to_fs(uri)
    return filesystem, path


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
