"""The type of a dataset's `source`: of a kind that is built in, that a package offers, or that is found by its path."""

from typing import Annotated, Any, Literal, get_args

from maestro_ml.core.declared import Declared
from maestro_ml.core.plugins import PluginError, is_import_path
from maestro_ml.core.registry import Registry, kinds_in
from maestro_ml.project import sources
from maestro_ml.project.sources import BaseSource, FileSource, SqlSource
from maestro_ml.project.table_source import TableSource


def usable_source(kind: Any, name: str) -> type[TableSource]:
    """Return the class as the project file names it; raises PluginError if it is no source, or is incomplete."""
    if not (isinstance(kind, type) and issubclass(kind, TableSource)):
        raise PluginError(
            f"{name} is not a source: it is not a subclass of maestro_ml.project.table_source.TableSource"
        )
    where = f"{kind.__module__}.{kind.__qualname__}"
    if missing := getattr(kind, "__abstractmethods__", None):
        raise PluginError(f"{where} does not implement {', '.join(sorted(missing))}")
    if is_import_path(name):
        body = {"__module__": kind.__module__, "__doc__": kind.__doc__, "__annotations__": {"kind": Literal[name]}}
        alias: type[TableSource] = type(kind)(kind.__name__, (kind,), body)  # type: ignore[misc]
        return alias
    if get_args(kind.model_fields["kind"].annotation) != (name,):
        raise PluginError(f"{where} does not state the name it goes by: `kind: Literal['{name}']`")
    return kind


SOURCES: Registry[type[BaseSource]] = Registry(sources, "maestro.sources", kinds_in(BaseSource, "kind"), usable_source)

Source = Annotated[FileSource | SqlSource | TableSource, Declared("kind", BaseSource, SOURCES)]
