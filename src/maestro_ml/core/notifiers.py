"""Ways to notify people that are written in Python: a function of a title and a text."""

from collections.abc import Callable

from maestro_ml.core.plugins import PluginError, imported, installed, is_import_path

Notifier = Callable[[str, str], object]


def own_notifier(address: str) -> Notifier | None:
    """Return the function that an import path or an entry point of `maestro.notifiers` names; None for other addresses.

    Raises:
        PluginError: it cannot be imported, or cannot be called.
    """
    if "://" in address:
        return None
    found = imported(address) if is_import_path(address) else installed("maestro.notifiers", address)
    if found is not None and not callable(found):
        raise PluginError(f"{address} is not a function of a title and a text")
    return found  # type: ignore[no-any-return]
