"""File systems of fsspec, by an address such as `s3://lake/orders`."""

import logging
from typing import Any

from maestro_ml.core.errors import DataError
from maestro_ml.core.secrets import without_passwords

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "abfs": "azure", "abfss": "azure"}


def filesystem_of(uri: str, **options: Any) -> tuple[Any, str]:
    """Return the file system of an address, and the path there.

    Raises:
        DataError: the library that it needs is not installed.
    """
    import fsspec

    logging.getLogger("gcsfs").setLevel(logging.CRITICAL)  # what it logs it raises, too
    try:
        return fsspec.core.url_to_fs(uri, **options)  # type: ignore[no-any-return]
    except ImportError as error:
        scheme = uri.partition("://")[0]
        if scheme not in _EXTRAS:
            raise
        needed = f"pip install 'maestro-ml[{_EXTRAS[scheme]}]'"
        raise DataError(f"{without_passwords(uri)} cannot be reached: {scheme}:// needs {needed}") from error
