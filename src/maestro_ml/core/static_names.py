"""What an import path leads to, read from files: importing a machine-learning library takes seconds."""

import ast
from importlib.util import find_spec
from pathlib import Path

from maestro_ml.core.near_names import did_you_mean

_MAKING_NAMES = {"globals", "exec", "vars", "setattr", "lazy_import"}


def misspelling(path: str) -> str | None:
    """Return what is wrong with an import path into an installed package; None if nothing is, as far as files show.

    A package that is not installed here is no mistake: a step may run where it is.
    """
    module, _, name = path.rpartition(".")
    file, trouble = _file_of(module)
    if trouble or file is None:
        return trouble
    names = _names_in(file)
    if names is None or name in names:
        return None
    return f"the module {module} has no '{name}'{did_you_mean(name, names, otherwise='')}"


def _file_of(module: str) -> tuple[Path | None, str | None]:
    """Return the file of a module without importing anything, or what is wrong with its name."""
    top, *rest = module.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return None, None
    folders = [Path(each) for each in spec.submodule_search_locations or ()]
    if not rest and not folders:
        return (Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None), None
    if len(folders) != 1:  # spread over several places
        return None, None
    folder, known = folders[0], top
    for part in rest:
        there = {each.name.partition(".")[0] for each in folder.iterdir()} if folder.is_dir() else set()
        if part not in there:
            if not there:
                break
            return None, f"{known} has no module '{part}'{did_you_mean(part, there, otherwise='')}"
        folder, known = folder / part, f"{known}.{part}"
    files = (folder / "__init__.py", folder.with_suffix(".py"))
    return next((file for file in files if file.is_file()), None), None


def _names_in(file: Path) -> set[str] | None:
    """Return every name that the module binds anywhere, and its submodules; None if it may make others when it runs."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    names = {each.name.partition(".")[0] for each in file.parent.iterdir()} if file.name == "__init__.py" else set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {(alias.asname or alias.name).partition(".")[0] for alias in aliases}
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.Call(func=ast.Name(id=name)) if name in _MAKING_NAMES:
                return None
            case _:
                continue
    return None if names & {"*", "__getattr__"} else names
