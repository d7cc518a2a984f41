"""A file of Soda: SodaCL or a contract, by its keys."""

from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.importers.soda import contract, sodacl
from maestro_ml.importers.suite import Suite


def read(document: Any) -> list[Suite]:
    """Return what the file says of its tables.

    Raises:
        RequestError: it has neither checks nor a dataset.
    """
    if isinstance(document, dict) and isinstance(document.get("dataset"), str):
        return contract.suites(document)
    if isinstance(document, dict) and (found := sodacl.suites({str(key): value for key, value in document.items()})):
        return found
    raise RequestError("no checks of Soda: there is neither `checks for TABLE` nor `dataset`")
