"""The memory of this process."""

import ctypes
import resource
import sys
from pathlib import Path


def peak_memory() -> int:
    """Return the most bytes that were resident at once since this program started."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    # not ru_maxrss: in Linux it includes what the program that started this one held
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(kilobytes) * 1024


# limit, use, and what of it is pages of files that are given up on demand: of the two versions of control groups
_GROUPS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)
_NO_LIMIT = 2**60  # version 1 says so by a number near 2**63


def container_memory(groups: Path = Path("/sys/fs/cgroup")) -> tuple[int, int] | None:
    """Return how many bytes the container may have, and how many of them are free; None where there is no limit."""
    for limit, used, statistics, pages in _GROUPS:
        try:
            most, now = (int((groups / name).read_text(encoding="ascii")) for name in (limit, used))
            counts = dict(line.split() for line in (groups / statistics).read_text(encoding="ascii").splitlines())
        except (OSError, ValueError):  # such as the word max
            continue
        if most < _NO_LIMIT:
            return most, max(0, most - now + int(counts.get(pages, 0)))
    return None


def release() -> None:
    """Give memory back that is no longer used: allocators keep it, and what is needed next comes on top."""
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim:
        trim(0)
