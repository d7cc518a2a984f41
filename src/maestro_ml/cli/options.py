"""The options that commands share."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.models import ArgumentInfo

from maestro_ml.cli.latest import LATEST
from maestro_ml.cli.request import Request
from maestro_ml.project.platform import PROJECT_VARIABLE

_FINE = re.compile(r"[.,]\d{6}0*[1-9]")  # Python would drop these digits


def parse_end(text: str) -> datetime | Literal["latest"]:
    """Parse the end of a window: a time, or `latest`."""
    return LATEST if text == LATEST else parse_time(text)


def parse_time(text: str) -> datetime:
    """Parse an ISO 8601 time; without an offset it is UTC."""
    if _FINE.search(text):
        raise typer.BadParameter(f"'{text}' is more precise than microseconds, and windows are not")
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"'{text}' is not a time such as 2013-12-01 or 2013-12-01T04:00+00:00") from None


DatasetArgument = Annotated[str, typer.Argument(help="A dataset of the project.")]
ProjectOption = Annotated[
    Path, typer.Option("--project", envvar=PROJECT_VARIABLE, help="The folder that holds maestro.yaml.")
]
StartOption = Annotated[
    datetime | None, typer.Option("--start", parser=parse_time, help="Start of the window (default: the project's).")
]
EndOption = Annotated[
    datetime | None,  # or LATEST, which typer cannot say
    typer.Option(
        "--end",
        "--at",
        parser=parse_end,
        help="End of the window, exclusive (default: now); `latest`: just after the newest row.",
    ),
]
StoreOption = Annotated[str | None, typer.Option("--store", help="Run store URI (default: the project's).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, everything else on stderr.")]


def _of_window(
    project: ProjectOption = Path(),
    start: StartOption = None,
    end: EndOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
    target: str | None = "",
) -> Request:
    return Request.of(project, start, end, store, json, target)


def _of_store(project: ProjectOption = Path(), store: StoreOption = None, json: JsonOption = False) -> Request:
    return Request.of(project, store=store, as_json=json)


def with_request(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command about a window the shared options, and pass the request they make as its first argument."""

    def make(values: dict[str, Any], own: dict[str, Any]) -> Request:
        every = "dataset" in own and own["dataset"] is None
        return _of_window(**values, target=None if every else own.get("dataset") or own.get("model") or "")

    return _sharing(command, _of_window, make)


def with_store(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command about no window the shared options but its ends, and pass the request as its first argument."""
    return _sharing(command, _of_store, lambda values, _: _of_store(**values))


def _is_argument(parameter: inspect.Parameter) -> bool:
    return any(isinstance(each, ArgumentInfo) for each in getattr(parameter.annotation, "__metadata__", ()))


def _sharing(
    command: Callable[..., None],
    options: Callable[..., Request],
    make: Callable[[dict[str, Any], dict[str, Any]], Request],
) -> Callable[..., None]:
    shared = [option for option in inspect.signature(options).parameters.values() if option.name != "target"]
    own = list(inspect.signature(command).parameters.values())[1:]
    names = {parameter.name for parameter in shared}

    @wraps(command)
    def call(**values: Any) -> None:
        command(make({name: values.pop(name) for name in names}, values), **values)

    # typer reads the signature, and the help lists arguments and options in its order. What has no default is first.
    needed = [parameter for parameter in own if parameter.default is parameter.empty]
    arguments = [parameter for parameter in own if parameter not in needed and _is_argument(parameter)]
    others = [parameter for parameter in own if parameter not in (*needed, *arguments)]
    parameters = [*needed, *arguments, *shared, *others]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call
