"""What every node of the project tree shares: frozen, unknown keys refused."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from maestro_ml.project.json_schema import or_environment

Severity = Literal["warn", "error"]

_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")


class Node(BaseModel):
    """A mapping in maestro.yaml."""

    # built when first used: a process uses few of the models, and imports are most of a small one's time
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, value in properties.items():
            properties[name] = or_environment(value)
        return schema


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
# What a text must look like, for people; pydantic itself would show the pattern.
_NAME, _CRON, _IMPORT_PATH = r"^[A-Za-z][A-Za-z0-9_-]{0,62}$", r"^(@\w+|\S+( \S+){4})$", r"^\w+(\.\w+)+$"
PATTERNS = {
    _NAME: "a name starts with a letter and has at most 63 letters, digits, _ and -",
    _CRON: "a schedule is five cron fields like '0 2 * * *', or a preset like @daily",
    _IMPORT_PATH: "an import path is written like sklearn.ensemble.RandomForestClassifier",
}
Time = Annotated[
    datetime,
    AfterValidator(_utc),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$",
            "examples": ["2024-01-31", "2024-01-31T06:00:00Z"],
        }
    ),
]
Cron = Annotated[str, StringConstraints(pattern=_CRON)]
ImportPath = Annotated[str, StringConstraints(pattern=_IMPORT_PATH)]
# Names become folder names, metric labels and task targets.
Name = Annotated[str, StringConstraints(pattern=_NAME)]


def _empty_to_none(value: Any) -> Any:
    return None if value == "" else value


def split(value: Any) -> Any:
    """A list as it is, or a text at its commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


# `${env:NAME:}` leaves an empty text where the variable is not set.
OptionalText = Annotated[str | None, BeforeValidator(_empty_to_none)]
_LIST_OR_TEXT = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
TextList = Annotated[tuple[str, ...], BeforeValidator(split), WithJsonSchema(_LIST_OR_TEXT)]
SecretList = Annotated[tuple[SecretStr, ...], BeforeValidator(split), WithJsonSchema(_LIST_OR_TEXT)]
