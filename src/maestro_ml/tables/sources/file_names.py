"""Names of files: as DuckDB must be given them, as they are, and for a person."""

import re
from pathlib import PurePosixPath

_SPECIAL, _BRACKETED = re.compile(r"[*?\[]"), re.compile(r"\[([*?\[])\]")


def unpatterned(name: str) -> str:
    """Return a name that DuckDB does not take for a pattern."""
    return _SPECIAL.sub(r"[\g<0>]", name)


def plain(file: str) -> str:
    """Return the name itself, from one that DuckDB does not take for a pattern."""
    return _BRACKETED.sub(r"\1", file)


def short(file: str) -> str:
    """Return a file's name for a person."""
    return PurePosixPath(plain(file)).name
