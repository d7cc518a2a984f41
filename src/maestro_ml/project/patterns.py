"""Keys of a contract that stand for many columns, such as `gene_*`."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def is_pattern(name: str) -> bool:
    """Return whether a name is one for many columns; a column that is really called so is only itself."""
    return any(sign in name for sign in "*?[")


def longest_pattern(name: str, keys: Iterable[str]) -> str | None:
    """Return the pattern that covers a name: the longest one, and of two as long the first; None if none does."""
    return max((key for key in keys if is_pattern(key) and fnmatchcase(name, key)), key=len, default=None)
