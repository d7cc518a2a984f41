"""What every node of the project tree shares: frozen, unknown keys refused."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from maestro_ml.core.json_schema import or_environment
from maestro_ml.core.numbers import without_booleans
from maestro_ml.core.schedules import check_schedule

Severity = Literal["warn", "error"]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what NumPy and scikit-learn take

FIELDS_ONLY = {"mistakes": "later"}  # a validation context
Path = tuple[str | int, ...]


class Mistake(NamedTuple):
    """What is wrong at a path below a node; it says nothing new where one of the paths `because` is wrong already."""

    path: Path
    message: str
    because: tuple[Path, ...] = ()


_DIGITS = 9  # of a part of a duration
_LONGEST = timedelta(days=365_000)
_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")


class Node(BaseModel):
    """A mapping in maestro.yaml.

    Attributes:
        may_repeat: the lists in which a text may stand twice.
    """

    may_repeat: ClassVar[tuple[str, ...]] = ()

    # built when first used: a process uses few of the models, and imports are most of a small one's time
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    def mistakes(self) -> Iterator[Mistake]:
        """Yield what is wrong with this node though each of its fields is right, with the place below it."""
        yield from ()

    @model_validator(mode="after")
    def _has_no_mistakes(self, info: ValidationInfo) -> Self:
        # Loading a file asks for them itself, to report all of them with their lines.
        if info.context != FIELDS_ONLY:
            for mistake in self.mistakes():
                raise ValueError(mistake.message)
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return without_booleans(handler(source))

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
    if any(len(part or "") > _DIGITS for part in match.groups()):
        raise ValueError(f"a duration is at most {_LONGEST.days}d")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if duration > _LONGEST:
        raise ValueError(f"a duration is at most {_LONGEST.days}d")
    if not duration:
        raise ValueError("a duration must be longer than zero")
    return duration


def format_duration(value: timedelta) -> str:
    """Return a duration as the project file writes it, such as `1d 6h`; the reverse of `parse_duration`."""
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number)


def _utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is outside the calendar, which runs from year 1 to 9999 in UTC") from None


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(\d+d)?\s*(\d+h)?\s*(\d+m)?\s*(\d+s)?$", "examples": ["7d", "30m"]}
    ),
]
# What a text must look like, for people; pydantic itself would show the pattern.
_NAME, _CRON, IMPORT_PATH = r"^[A-Za-z][A-Za-z0-9_-]{0,62}$", r"^(@\w+|\S+( \S+){4})$", r"^\w+(\.\w+)+$"
PATTERNS = {
    _NAME: "a name starts with a letter and has at most 63 letters, digits, _ and -",
    _CRON: "a schedule is five cron fields like '0 2 * * *', or a preset like @daily",
    IMPORT_PATH: "an import path is written like sklearn.ensemble.RandomForestClassifier",
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
Cron = Annotated[str, StringConstraints(pattern=_CRON), AfterValidator(check_schedule)]
ImportPath = Annotated[str, StringConstraints(pattern=IMPORT_PATH)]
# Names become folder names, metric labels and task targets.
Name = Annotated[str, StringConstraints(pattern=_NAME)]


def _empty_to_none(value: Any) -> Any:
    return None if value == "" else value


def split(value: Any) -> Any:
    """Return a list as it is, or a text at its commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


# `${env:NAME:}` leaves an empty text where the variable is not set.
OptionalText = Annotated[str | None, BeforeValidator(_empty_to_none)]
_LIST_OR_TEXT = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
TextList = Annotated[tuple[str, ...], BeforeValidator(split), WithJsonSchema(_LIST_OR_TEXT)]
SecretList = Annotated[tuple[SecretStr, ...], BeforeValidator(split), WithJsonSchema(_LIST_OR_TEXT)]
