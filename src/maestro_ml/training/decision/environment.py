"""The environment of a run: every installed distribution, and the machine's figures that can change a result."""

import os
import platform
import re
from importlib.metadata import Distribution, distributions

from pydantic import BaseModel, ConfigDict

_NAME, _VERSION = (re.compile(rf"^{field}:\s*(\S+)\s*$", re.MULTILINE) for field in ("Name", "Version"))
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Environment(BaseModel):
    """What a model was evaluated with."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    python: str
    platform: str
    processors: int
    threads: dict[str, str]  # environment variables that limit them
    image: str | None  # of the container; None outside of one whose image is known
    distributions: dict[str, str]  # name -> version: the lock


def environment_of(image: str | None) -> Environment:
    """Return this process's environment."""
    found = dict(filter(None, map(_name_and_version, distributions())))
    return Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        processors=os.cpu_count() or 1,
        threads={name: os.environ[name] for name in _THREADS if name in os.environ},
        image=image,
        distributions=dict(sorted(found.items(), key=lambda item: item[0].lower())),
    )


def _name_and_version(distribution: Distribution) -> tuple[str, str] | None:
    """Read the two fields only: parsing the whole metadata of some hundred packages takes a second."""
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    name, version = _NAME.search(text), _VERSION.search(text)
    return (name[1], version[1]) if name and version else None
