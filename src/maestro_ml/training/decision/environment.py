"""The environment of a run: every installed distribution, and the machine's figures that can change a result."""

import os
import platform
from importlib.metadata import distributions

from pydantic import BaseModel, ConfigDict

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Environment(BaseModel):
    """What a model was evaluated with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    python: str
    platform: str
    processors: int
    threads: dict[str, str]  # environment variables that limit them
    image: str | None  # of the container; None outside of one whose image is known
    distributions: dict[str, str]  # name -> version: the lock


def environment_of(image: str | None) -> Environment:
    """Return this process's environment."""
    found = {each.metadata["Name"]: each.version for each in distributions() if each.metadata["Name"]}
    return Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        processors=os.cpu_count() or 1,
        threads={name: os.environ[name] for name in _THREADS if name in os.environ},
        image=image,
        distributions=dict(sorted(found.items(), key=lambda item: item[0].lower())),
    )
