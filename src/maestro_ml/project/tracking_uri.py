"""The addresses that MLflow knows."""

from importlib.metadata import entry_points

_SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql", "file", "databricks", "databricks-uc", "uc")
_BARE = ("databricks", "databricks-uc")  # of the profile that Databricks' own settings name
_PLUGINS = "mlflow.tracking_store"


def is_tracking_uri(uri: str) -> bool:
    """Return whether a URI has a scheme of MLflow, or of a plugin that is installed, and is whole."""
    scheme, separator, place = uri.partition(":")
    if uri in _BARE:
        return True
    if scheme == "sqlite":
        return place.startswith("///")
    if not (separator and place.startswith("//") and place != "//"):
        return scheme == "uc" and bool(place)
    kind = scheme.partition("+")[0]
    return kind in _SCHEMES or bool(entry_points(group=_PLUGINS, name=scheme))
