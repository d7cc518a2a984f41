"""What every node of the project tree shares: frozen, unknown keys refused."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

Severity = Literal["warn", "error"]

_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")


class Node(BaseModel):
    """A mapping in maestro.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def parse_duration(value: Any) -> Any:
    """Read `7d`, `12h`, `30m`, `90s` or a sum such as `1d 6h`; a timedelta passes unchanged.

    Raises:
        ValueError: the text is no such duration, or it is zero.
    """
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(str(value).strip())
    if not match or not any(match.groups()):
        raise ValueError("a duration is written like 7d, 12h, 30m or '1d 6h'")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not duration:
        raise ValueError("a duration must be longer than zero")
    return duration


def format_duration(value: timedelta) -> str:
    """A duration as the project file writes it, such as `1d 6h`; the reverse of `parse_duration`."""
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number)


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(\d+d)?\s*(\d+h)?\s*(\d+m)?\s*(\d+s)?$", "examples": ["7d", "30m"]}
    ),
]
Time = Annotated[datetime, AfterValidator(_utc)]
Cron = Annotated[str, StringConstraints(pattern=r"^(@\w+|\S+( \S+){4})$")]
# Names become folder names, metric labels and task targets.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,62}$")]


def _empty_to_none(value: Any) -> Any:
    return None if value == "" else value


def split(value: Any) -> Any:
    """A list as it is, or a text at its commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


# `${env:NAME:}` leaves an empty text where the variable is not set.
OptionalText = Annotated[str | None, BeforeValidator(_empty_to_none)]
TextList = Annotated[tuple[str, ...], BeforeValidator(split)]
