"""The commands that fix what places of data have in common: folders, buckets, and servers."""

import errno
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from maestro_ml.doctor.health import causes

_LOGINS = {
    "s3": "export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET",
    "gs": "export GOOGLE_APPLICATION_CREDENTIALS=KEY_FILE",
    "abfs": "export AZURE_STORAGE_ACCOUNT_NAME=NAME AZURE_STORAGE_ACCOUNT_KEY=KEY",
}
_SCHEMES = {"s3a": "s3", "gcs": "gs", "az": "abfs", "abfss": "abfs"}
_EXTRAS = {"s3": "s3", "gs": "gcs", "abfs": "azure"}
_NO_RIGHT = (errno.EACCES, errno.EPERM)
_FULL = (errno.ENOSPC, errno.EDQUOT)


def place_remedy(uri: str, otherwise: str) -> Callable[[BaseException], str]:
    """Return a function that names the command for the exception that a folder or a bucket gave.

    Args:
        otherwise: what helps where the exception says nothing more.
    """
    of_place = _of_bucket if "://" in uri else _of_folder
    return lambda error: of_place(uri, error) or otherwise


def _of_bucket(uri: str, error: BaseException) -> str:
    given = urlsplit(uri).scheme
    scheme = _SCHEMES.get(given, given)
    if scheme not in _LOGINS:
        return ""
    for cause in causes(error):
        name, text = type(cause).__name__, str(cause)
        if isinstance(cause, ImportError):
            return f"pip install 'maestro-ml[{_EXTRAS[scheme]}]'"
        if isinstance(cause, PermissionError) or "Credentials" in name:
            return _LOGINS[scheme]
        if isinstance(cause, FileNotFoundError) or "NoSuchBucket" in text:
            bucket = urlsplit(uri).netloc
            return f"python -c \"import fsspec; fsspec.filesystem('{scheme}').mkdir('{bucket}')\""
        if name == "EndpointConnectionError":
            return "export AWS_ENDPOINT_URL=http://HOST:PORT"
    return ""


def _of_folder(place: str, error: BaseException) -> str:
    """Return what helps with a folder on this machine."""
    code = next((cause.errno for cause in causes(error) if isinstance(cause, OSError) and cause.errno), None)
    folder = Path(place).absolute()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    name = shlex.quote(str(there))
    if code in _FULL:
        return f"du -xh {name} | sort -h | tail"
    if code in (errno.ENOTDIR, errno.EEXIST) and there.is_file():
        return f"mv {name} {name}.old"
    if code in _NO_RIGHT:
        if there.stat().st_uid == os.getuid():
            return f"chmod u+rwx {name}"
        return f'sudo install -d -o "$(id -un)" {shlex.quote(str(folder))}'
    return ""
