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


def release() -> None:
    """Give memory back that is no longer used: allocators keep it, and what is needed next comes on top."""
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim:
        trim(0)
