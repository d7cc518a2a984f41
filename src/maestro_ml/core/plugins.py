"""Objects from outside the package: found by an import path, or by the entry points that installed packages declare."""

import sys
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.near_names import did_you_mean


class PluginError(ValueError):
    """What a name leads to cannot be imported."""


def is_import_path(name: str) -> bool:
    """Return whether a name is written like `package.module.Thing`."""
    return "." in name and all(part.isidentifier() for part in name.split("."))


def imported(path: str) -> Any:
    """Return the object at an import path.

    Raises:
        PluginError: there is no such module or object, or importing it fails.
    """
    module_name, _, attribute = path.rpartition(".")
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise PluginError(
            f"{path} cannot be imported: {error}; a module is a file beside maestro.yaml, or in an installed package"
        ) from error
    except Exception as error:  # whatever the module does when it is imported
        raise PluginError(f"{path} cannot be imported: {type(error).__name__}: {text_of(error)}") from error
    if not hasattr(module, attribute):
        hint = did_you_mean(attribute, dir(module), otherwise="")
        raise PluginError(f"{path}: the module {module_name} has no '{attribute}'{hint}")
    return getattr(module, attribute)


def installed(group: str, name: str) -> Any:
    """Return the object an installed package offers under a name; None if no package does.

    Raises:
        PluginError: it cannot be imported.
    """
    found = [entry for entry in _entries(group, tuple(sys.path)) if entry.name == name]
    return _loaded(found[0]) if found else None


def all_installed(group: str) -> Iterator[tuple[str, Any]]:
    """Return the objects that installed packages offer, by name; leave out, with a warning, what cannot be imported."""
    for entry in _entries(group, tuple(sys.path)):
        try:
            yield entry.name, _loaded(entry)
        except PluginError as error:
            warnings.warn(f"entry point {entry.name} of {group}: {error}", stacklevel=2)


@cache
def _entries(group: str, path: tuple[str, ...]) -> list[EntryPoint]:  # noqa: ARG001 - other folders, other packages
    """Return the entry points of a group by name: reading those of all installed packages takes a while."""
    return sorted(entry_points(group=group), key=lambda entry: entry.name)


def _loaded(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise PluginError(f"{entry.value} cannot be imported: {type(error).__name__}: {error}") from error
