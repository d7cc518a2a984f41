"""A project's own Python: the modules beside its maestro.yaml, importable by name once the project is loaded."""

import ast
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from importlib import invalidate_caches
from importlib.metadata import packages_distributions
from pathlib import Path

# Folders of a project that hold no code for its steps, and programs that are run by name.
_OTHERS = frozenset({"dags", "tests", "feature_repo", "data", "runs", "mlartifacts", "mlruns", "node_modules", "venv"})
_PROGRAMS = frozenset({"setup", "conftest", "noxfile"})
_roots: list[str] = []


def make_importable(root: Path) -> None:
    """Let the modules of a project's folder be imported, after those that are installed.

    Modules of another project that this process had loaded are forgotten, because they may have the same names.
    """
    folder = str(root)
    for other in [each for each in _roots if each != folder]:
        _roots.remove(other)
        if other in sys.path:
            sys.path.remove(other)
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and _is_below(file, other):
                del sys.modules[name]
    if folder not in sys.path:
        sys.path.append(folder)
        _roots.append(folder)
        invalidate_caches()


def _is_below(file: str, folder: str) -> bool:
    return file.startswith(folder + os.sep) and "site-packages" not in file


def is_own(module: str) -> bool:
    """Return whether a module, such as `my_models.trees`, is one of the loaded project's."""
    top = module.partition(".")[0]
    return any(path.stem == top for root in _roots for path in modules_in(Path(root)))


def modules_in(root: Path) -> list[Path]:
    """Return the top-level modules and packages of a project's folder."""
    try:
        found = sorted(root.iterdir())
    except OSError:
        return []
    files = [p for p in found if p.suffix == ".py" and p.stem.isidentifier() and p.stem not in _PROGRAMS]
    folders = [
        p for p in found if p.is_dir() and p.name.isidentifier() and p.name not in _OTHERS and any(p.glob("*.py"))
    ]
    return [*files, *(folder for folder in folders if not (folder / "feature_store.yaml").exists())]


def used_code(root: Path, names: Iterable[str]) -> list[Path]:
    """Return the modules of a project if one of the import paths leads into them: any may import the others."""
    tops = {name.partition(".")[0] for name in names}
    found = modules_in(root)
    return found if any(path.stem in tops for path in found) else []


def digest_of(paths: Iterable[Path]) -> str:
    """Return a short digest of the modules' text."""
    digest = hashlib.sha256()
    for path in _python_files(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def distributions_of(paths: Iterable[Path]) -> set[str]:
    """Return the installed packages, as pip names them, that the modules import."""
    names = set()
    for path in _python_files(paths):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    names -= {*sys.stdlib_module_names, "maestro_ml"}
    if not names:  # a look through every installed package costs a second
        return set()
    known = packages_distributions()
    return {package for name in names for package in known.get(name, ())}


def _python_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))
