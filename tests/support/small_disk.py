"""A file system of a few kilobytes."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount one at a new folder, or skip the test where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"THE DISK IS NOT FILLED HERE, which needs the right to mount: {mounted.stderr.strip()}")
    yield folder
    # Lazily: a library may still hold a file.
    subprocess.run(["umount", "--lazy", folder], check=True)
