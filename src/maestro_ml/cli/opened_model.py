"""A registered model for a command, and the version that its argument names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from maestro_ml.cli.request import Request
from maestro_ml.core.boundary import boundary
from maestro_ml.project import RequestError
from maestro_ml.steps.preflight import check_model

if TYPE_CHECKING:
    from maestro_ml.steps.models import ModelRegistry, VersionSummary

VersionArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL[@VERSION]",
        help="A model of the project and a version, by number or alias (default: the champion, or else the newest).",
    ),
]


@contextmanager
def opened_model(request: Request, model: str) -> "Iterator[ModelRegistry]":
    """Yield the registered model of one of the project's models."""
    from maestro_ml.steps.models import registered_model

    check_model(request.project, model)
    with (
        boundary(f"models of {model}", request.project),
        registered_model(request.project, request.store, model) as found,
    ):
        yield found


def split_argument(text: str) -> tuple[str, str]:
    """Split `late@staging` into the model and the version; raises RequestError if one of the two is empty."""
    model, at, version = text.partition("@")
    if not model or (at and not version):
        raise RequestError(f"expected MODEL or MODEL@VERSION, such as late@staging or late@3; found '{text}'")
    return model, version


def named_version(registry: "ModelRegistry", version: str, champion: str) -> "VersionSummary":
    """Return the version of a number or alias; without one, the champion or else the newest."""
    return registry.version(version) if version else registry.in_use(champion)
