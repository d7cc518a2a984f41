"""What the machine has for a project: packages, memory, a port, and the right time."""

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version

from maestro_ml.core.memory import container_memory
from maestro_ml.core.ports import UI_PORT
from maestro_ml.doctor.health import Health

_GIB = 2**30
_MEMORY = 1.5  # GiB
_CLOCK = 60  # seconds
_EXTRA = re.compile(r"extra == ['\"]([\w-]+)['\"]")


def machine_health() -> Iterator[Health]:
    """Look at the packages, the memory and the port of the pages."""
    yield package_health(requires("maestro-ml") or ())
    yield _memory()
    yield _port()


def package_health(needed: "list[str] | tuple[str, ...]") -> Health:
    """Compare the versions that are installed with those that Maestro works with.

    Args:
        needed: requirements, as a package's metadata list them; those of an extra count where they are installed.
    """
    from packaging.requirements import Requirement

    wrong: dict[str, str] = {}
    for text in needed:
        requirement = Requirement(text)
        extra = _EXTRA.search(str(requirement.marker))
        if requirement.marker and not requirement.marker.evaluate({"extra": extra[1] if extra else ""}):
            continue
        fixed = f"{requirement.name}{requirement.specifier}"
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            if not extra:
                wrong[fixed] = f"{requirement.name} is missing"
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            wrong[fixed] = f"{requirement.name} is {found}, not {requirement.specifier}"
    if wrong:
        return Health("packages", "fail", "; ".join(wrong.values()), f"pip install {' '.join(map(repr, wrong))}")
    return Health("packages", "pass", f"maestro-ml {version('maestro-ml')}, and what it needs")


def _memory() -> Health:
    import psutil

    free, found, remedy = psutil.virtual_memory().available, "", "ps aux --sort -rss | head, and end other programs"
    if (container := container_memory()) and container[1] < free:
        limit, free = container
        found, remedy = f" of the container's {limit / _GIB:.1f} GiB", "raise the memory limit of the container"
    found = f"{free / _GIB:.1f} GiB are free{found}"
    if free < _MEMORY * _GIB:
        return Health("memory", "warn", found, f"{remedy}: a training wants {_MEMORY} GiB")
    return Health("memory", "pass", found)


def _port() -> Health:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does
        try:
            listener.bind(("127.0.0.1", UI_PORT))
        except OSError:
            return Health("port", "warn", f"{UI_PORT}, that of maestro ui, is taken", "maestro ui --port 0")
    return Health("port", "pass", f"{UI_PORT}, that of maestro ui, is free")


def clock_health(there: datetime, whose: str) -> Health:
    """Compare this machine's clock with that of a server."""
    there = there if there.tzinfo else there.replace(tzinfo=UTC)
    off = abs((datetime.now(UTC) - there).total_seconds())
    if off > _CLOCK:
        return Health("clock", "warn", f"{off:.0f} s off that of {whose}", "sudo timedatectl set-ntp true")
    return Health("clock", "pass", f"that of {whose}")
