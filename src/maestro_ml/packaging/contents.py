"""Which files of a project go along, and which of them hold a secret."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from maestro_ml.core.errors import RequestError

# What a run leaves, what tools leave, and data, which a cluster has in a bucket or a database.
_LEFT_OUT = frozenset(
    {"data", "runs", "mlruns", "mlartifacts", "node_modules", "venv", "dist", "build", "__pycache__", "tests"}
)
_ENDINGS = (".pyc", ".db", ".sqlite", ".sqlite3", ".log")
_TEXTS = (".yaml", ".yml", ".toml", ".ini", ".cfg", ".json", ".properties", ".conf", ".txt", ".env", ".sh")
_LARGEST = 50 * 2**20  # bytes
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_TOKEN = re.compile(
    rb"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10,})\b"
)
_URL = re.compile(rb"\w+://[^\s:@/'\"${<]+:(?!\$|\{|<|\*)[^\s'\"@/]+@")
_NAMED = rb"""(?i)\w*(password|passwd|secret|token|api_?key|access_?key)"""
_SETTING = re.compile(_NAMED + rb"""["']?\s*[:=]\s*["']?(?![${<*"'])[^\s"'#,}\]]{4,}""")
_LITERAL = re.compile(_NAMED + rb"""\s*=\s*["'](?![${<*])[^"']{6,}["']""")


@dataclass(frozen=True)
class Contents:
    """The files of a project that go along, by their paths in it."""

    root: Path
    files: tuple[Path, ...]
    left_out: tuple[str, ...]

    @property
    def digest(self) -> str:
        """A short digest of names and contents: the same files give the same one."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{file.as_posix()}\0".encode() + hashlib.sha256((self.root / file).read_bytes()).digest())
        return digest.hexdigest()[:12]

    def has(self, name: str) -> bool:
        """Return whether there is a file of the name, or one in a folder of the name."""
        return any(file.parts[0] == name for file in self.files)


def contents_of(root: Path) -> Contents:
    """Return what of a project's folder goes along.

    Raises:
        RequestError: a file holds a secret, is too large, or is a link that leads out of the folder.
    """
    files: list[Path] = []
    left_out: list[str] = []
    for folder, names, found in os.walk(root):
        here = Path(folder).relative_to(root)
        left_out += [f"{(here / name).as_posix()}/" for name in sorted(names) if _is_left_out(name)]
        names[:] = sorted(name for name in names if not _is_left_out(name))
        for name in sorted(found):
            if name.startswith(".") or name.endswith(_ENDINGS):
                left_out.append((here / name).as_posix())
            else:
                files.append(here / name)
    if problems := [text for file in files for text in _problems(root, file)]:
        raise RequestError("the project cannot be packed:\n" + "\n".join(problems))
    return Contents(root, tuple(files), tuple(left_out))


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in _LEFT_OUT or name.endswith(".egg-info")


def _problems(root: Path, file: Path) -> Iterator[str]:
    path = root / file
    if not path.resolve().is_relative_to(root.resolve()):
        yield f"{file}: a link that leads out of the project"
    elif path.stat().st_size > _LARGEST:
        yield f"{file}: larger than 50 MB; data belongs in a bucket, a database, or the folder data"
    else:
        yield from (
            f"{file}:{line}: {what}; it belongs in a Secret" for line, what in secrets_in(file, path.read_bytes())
        )


def secrets_in(file: Path, content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that hold a secret, with what kind it is; never the secret."""
    settings = _SETTING if file.suffix in _TEXTS else _LITERAL if file.suffix == ".py" else None
    for number, line in enumerate(content.split(b"\n"), 1):
        if _KEY.search(line):
            yield number, "a private key"
        elif _TOKEN.search(line):
            yield number, "an access token"
        elif _URL.search(line):
            yield number, "a URL with a password"
        elif settings and settings.search(line.partition(b"#")[0]):
            yield number, "a setting that names a password, token or key"
