"""A project as a layer on Maestro's images."""

import os
import shutil
import subprocess
from pathlib import Path

from maestro_ml.core.errors import RequestError, SystemFailed
from maestro_ml.core.library_errors import reason_of
from maestro_ml.packaging.contents import Contents
from maestro_ml.project.platform import PROJECT_VARIABLE

BUILDERS = ("docker", "podman", "buildah")
_TIMEOUT = 20  # seconds for a builder to answer
_DOCKERFILE = """\
ARG BASE={base}
FROM ${{BASE}}
{requirements}COPY project /opt/{name}
ENV {variable}=/opt/{name}
"""
_REQUIREMENTS = """\
COPY project/requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir -r /tmp/requirements.txt
"""


def write_context(contents: Contents, name: str, base: str, folder: Path) -> None:
    """Write what a builder needs into a folder: the Dockerfile and the project's files.

    Raises:
        RequestError: there is something in the folder.
        SystemFailed: it cannot be written.
    """
    requirements = _REQUIREMENTS if contents.has("requirements.txt") else ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RequestError(f"{folder} is not empty, and nothing was written")
        for file in contents.files:
            place = folder / "project" / file
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(contents.root / file, place)
            place.chmod(0o644)
        text = _DOCKERFILE.format(base=base, name=name, requirements=requirements, variable=PROJECT_VARIABLE)
        (folder / "Dockerfile").write_text(text, encoding="utf-8")
    except OSError as error:
        raise SystemFailed(f"{folder} cannot be written to: {reason_of(error)}") from error


def chosen_builder(wanted: str | None = None) -> str:
    """Return the builder that was named, else the first that answers: one on PATH may have no daemon or machine.

    Raises:
        RequestError: it is not there, or none is.
    """
    found = [builder for builder in ([wanted] if wanted else BUILDERS) if shutil.which(builder)]
    for builder in found:
        if wanted or builder == "buildah" or _answers(builder):
            return builder
    if found:
        raise RequestError(f"of {', '.join(found)} none answers: start its daemon or machine, or install buildah")
    raise RequestError(f"there is no {wanted or 'docker, podman or buildah'} on PATH: install one, or use --context")


def _answers(builder: str) -> bool:
    command = [builder, "info", "--format", "{{json .}}"]
    try:
        return not subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT).returncode  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def build_command(builder: str, tag: str, base: str, folder: Path) -> list[str]:
    """Return the command that builds an image from a context."""
    isolation = os.environ.get("BUILDAH_ISOLATION", "chroot")  # the others need rights that a CI job lacks
    words = ["bud", "--layers", "--isolation", isolation] if builder == "buildah" else ["build"]
    return [builder, *words, "--build-arg", f"BASE={base}", "--tag", tag, str(folder)]


def build(command: list[str]) -> None:
    """Run a builder, with its output on stderr; raises SystemFailed if it fails."""
    done = subprocess.run(command, stdout=2, check=False)  # noqa: S603 - the builder that a person chose
    if done.returncode:
        raise SystemFailed(f"{' '.join(command[:2])} failed with exit code {done.returncode}")
