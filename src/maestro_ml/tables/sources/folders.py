"""Files below local folders. A file that links lead to twice is found once, and links that lead back end nothing."""

import os
import re
import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

GLOB = re.compile(r"[*?\[]")


def is_hidden(name: str) -> bool:
    """Return whether writers of data hide a file or folder of this name from readers; `_year=2024` is a partition."""
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def split_glob(pattern: str) -> tuple[str, tuple[str, ...]]:
    """Return the folder that a pattern begins with, and its parts from the first with a wildcard on."""
    parts = pattern.split("/")
    first = next((index for index, part in enumerate(parts) if GLOB.search(part)), len(parts))
    return "/".join(parts[:first]), tuple(parts[first:])


class LocalFolders:
    """The file system of this machine; paths are absolute."""

    def is_file(self, path: str) -> bool:
        """Return whether it is there, and is no folder."""
        return os.path.lexists(path) and not Path(path).is_dir()

    def is_folder(self, path: str) -> bool:
        return Path(path).is_dir()

    def head(self, path: str, size: int) -> bytes:
        """Return the first bytes of a file; raises OSError."""
        with Path(path).open("rb") as file:
            return file.read(size)

    def identity(self, path: str) -> str:
        """Return the same for each path that leads to the same file."""
        return os.path.realpath(path)

    def is_endless(self, path: str) -> bool:
        """Return whether reading might never end: a pipe or a device."""
        try:  # pathlib's questions cost ten times as much, of each file
            return not stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116
        except OSError:
            return False

    def below(self, folder: str) -> list[str]:
        """Return every file below the folder that is not hidden, as a path relative to it.

        Raises:
            OSError: a folder below cannot be listed.
        """
        start = os.path.realpath(folder)
        folders, files, links = {start}, dict[str, str](), list[tuple[str, str]]()
        waiting, linked = [("", start)], list[tuple[str, str]]()
        while waiting or linked:
            below, real = waiting.pop() if waiting else linked.pop(0)  # behind links last: own names come first
            for entry in sorted(os.scandir(real), key=lambda entry: entry.name):
                if is_hidden(entry.name):
                    continue
                is_link, name = entry.is_symlink(), f"{below}{entry.name}"
                path = os.path.realpath(entry.path) if is_link else entry.path
                if not entry.is_dir():
                    links.append((path, name)) if is_link else files.setdefault(path, name)
                elif path not in folders:
                    folders.add(path)
                    (linked if is_link else waiting).append((f"{name}/", path))
        for path, name in links:
            files.setdefault(path, name)
        return sorted(files.values())

    def glob(self, pattern: str) -> list[str]:
        """Return what the pattern matches, sorted; a hidden name only where the pattern spells its first letter."""
        base, parts = split_glob(pattern)
        return sorted(_matching(base, parts, set()))


def _matching(folder: str, parts: tuple[str, ...], seen: set[tuple[str, int]]) -> Iterator[str]:
    here = (os.path.realpath(folder or "/"), len(parts))
    if here in seen or not Path(here[0]).is_dir():
        return
    seen.add(here)
    part, rest = parts[0], parts[1:]
    if part == "**" and rest:
        yield from _matching(folder, rest, seen)
    for name in _names(folder, part):
        path = f"{folder}/{name}"
        if not rest:
            yield path
        if rest or part == "**":
            yield from _matching(path, parts if part == "**" else rest, seen)


def _names(folder: str, part: str) -> list[str]:
    if GLOB.search(part):
        shown = (name for name in os.listdir(folder or "/") if not is_hidden(name) or name[0] == part[0])  # noqa: PTH208 - names only
        return sorted(name for name in shown if fnmatchcase(name, part))
    return [part] if os.path.lexists(f"{folder}/{part}") else []
