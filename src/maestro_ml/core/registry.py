"""What a project file can name: things of one kind, built in, offered by installed packages, or imported by path."""

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel

from maestro_ml.core.plugins import all_installed, imported, installed, is_import_path

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Registry(Generic[T]):
    """Find things of one kind, such as checks, by the names that project files use.

    Args:
        package: its modules hold what is built in; or a module that holds all of it.
        group: the entry points with which other packages offer theirs.
        built_into: yields the things that a module of the package defines, with their names.
        usable: returns an object from outside if it is such a thing, or raises PluginError; it gets the object's name.
    """

    def __init__(
        self,
        package: ModuleType,
        group: str,
        built_into: Callable[[ModuleType], Iterable[tuple[str, T]]],
        usable: Callable[[Any, str], T],
    ) -> None:
        self._package, self._group = package, group
        self._built_into, self._usable = built_into, usable
        self._by_path: dict[str, T] = {}
        self._imported: dict[str, Any] = {}

    @cached_property
    def built_in(self) -> dict[str, T]:
        """The things of this package by name, in the order of their modules."""
        if not hasattr(self._package, "__path__"):
            return dict(self._built_into(self._package))
        return {name: thing for module in self._modules for name, thing in self._in_module(module)}

    @cached_property
    def _modules(self) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(getattr(self._package, "__path__", ())))

    def _in_module(self, module: str) -> Iterable[tuple[str, T]]:
        return self._built_into(import_module(f"{self._package.__name__}.{module}"))

    def own(self, name: str) -> T | None:
        """Return the thing of this package that has the name; None if there is none."""
        # Most modules are called like the one thing in them: a project that names few things imports few modules.
        if name in self._modules and (thing := dict(self._in_module(name)).get(name)) is not None:
            return thing
        return self.built_in.get(name)

    def known(self) -> dict[str, T]:
        """Return all things by name: built in, installed, and imported so far."""
        offered = {name: self._usable(thing, name) for name, thing in all_installed(self._group)}
        return {**offered, **self._by_path, **self.built_in}

    def find(self, name: str) -> T | None:
        """Return the thing of a name or an import path; None if there is none.

        Raises:
            PluginError: a package offers it, and it cannot be used.
        """
        if (thing := self.own(name)) is not None:
            return thing
        if not is_import_path(name):
            offered = installed(self._group, name)
            return None if offered is None else self._usable(offered, name)
        found = imported(name)
        if self._imported.get(name) is not found:  # the code of another project may have the same name
            self._imported[name], self._by_path[name] = found, self._usable(found, name)
        return self._by_path[name]


def kinds_in(base: type[M], key: str) -> Callable[[ModuleType], Iterator[tuple[str, type[M]]]]:
    """Return what finds the classes that a module derives from `base`, by the value their field `key` takes."""

    def found(module: ModuleType) -> Iterator[tuple[str, type[M]]]:
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, base) and kind.__module__ == module.__name__:
                yield from ((str(name), kind) for name in get_args(kind.model_fields[key].annotation))

    return found
