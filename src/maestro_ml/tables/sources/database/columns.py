"""From a database's own values to Arrow: exactly as its driver gives them, in the declared type, or refused by name.

SQLite keeps any value in any column, and drivers round what Python cannot hold: so nothing is guessed or converted
that the declared type does not hold without a loss.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from maestro_ml.core.errors import DataError
from maestro_ml.tables.sources.database.types import WIDEST_DECIMAL

_LONGEST_SHOWN = 60
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?")
_WORDS = {str: "text", bytes: "bytes", memoryview: "bytes", bool: "a boolean", date: "a date", datetime: "a time"}
_WORDS |= {time: "a time of day", timedelta: "a duration"}
_MANY = {"the number": "numbers", "a boolean": "booleans", "a date": "dates", "a time": "times"}
_MANY |= {"a time of day": "times of day", "a duration": "durations"}
_NUMBERS: tuple[type, ...] = (int, float, Decimal)


@dataclass
class SqlColumn:
    """One column, read a part at a time.

    Attributes:
        kind: what it is declared to be, in the words of `kind_of_type`.
        declared: the declared type as the database writes it, for messages.
        hidden: whether no value of it may be shown.
        decimal: precision and scale of a decimal, where they are declared.
        remedy: what a person can do about values of several types.
    """

    name: str
    kind: str
    declared: str
    hidden: bool
    decimal: tuple[int, int] | None = None
    remedy: str = "cast it in a view"
    parts: list[Any] = field(default_factory=list)

    def add(self, values: Sequence[Any]) -> None:
        """Keep the next values.

        Raises:
            DataError: one of them is none of the declared type.
        """
        import pyarrow as pa

        found = {type(value) for value in values} - {type(None)}
        accepted = _ACCEPTED.get(self.kind)
        if accepted and (strange := found - accepted):
            raise self._refused(values, lambda value: type(value) in strange)
        if self.kind == "boolean" and int in found and not {*values} <= {0, 1, None}:
            raise self._refused(values, lambda value: value not in (0, 1, None))
        try:
            self.parts.append(self._array(values, found))
        except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError) as error:
            raise self._first_mismatch(values, error) from None

    def _array(self, values: Sequence[Any], found: set[type]) -> Any:
        """Return the values as Arrow has them before all parts are known."""
        import pyarrow as pa

        if not found:
            return pa.nulls(len(values))
        if found & {int} and found & {float, Decimal}:  # some databases have one type for all numbers
            return self._mixed(values)
        if found == {memoryview}:
            values = [None if value is None else bytes(value) for value in values]
        if self.kind == "boolean":
            values, found = [None if value is None else bool(value) for value in values], {bool}
        if len({"number" if type_ in _NUMBERS else _word_of(type_) for type_ in found}) > 1:
            raise TypeError("Arrow would take one for the other: a number beside times for microseconds since 1970")
        type_ = _ARROW[self.kind]() if self.kind in _ARROW and str not in found else None
        if self.kind == "integer" and max(v for v in values if v is not None) > _LARGEST:
            type_ = pa.uint64()
        zoned = {value.tzinfo is not None for value in values if isinstance(value, datetime)}
        if True in zoned:
            type_ = pa.timestamp("us", "UTC")
            if False in zoned:
                raise ValueError("times with and without a timezone")
        return pa.array(values, type_)

    def _mixed(self, values: Sequence[Any]) -> Any:
        import pyarrow as pa

        if any(isinstance(value, Decimal) for value in values):
            return pa.array([Decimal(value) if isinstance(value, int) else value for value in values])
        # Raises where a whole number has no exact equal among the doubles.
        whole = pa.array([value if isinstance(value, int) else None for value in values], pa.int64())
        whole.cast(pa.float64())
        return pa.array([None if value is None else float(value) for value in values], pa.float64())

    def array(self) -> Any:
        """Return all values in one type.

        Raises:
            DataError: there is none that holds them all exactly.
        """
        import pyarrow as pa

        present = [part for part in self.parts if not pa.types.is_null(part.type)]
        types = {part.type for part in present}
        if not types:
            type_ = _ARROW[self.kind]() if self.kind in _ARROW else pa.null()
            return pa.chunked_array([pa.nulls(sum(map(len, self.parts)), type_)])
        type_ = self._common(types) if len(types) > 1 else next(iter(types))
        if self.decimal and pa.types.is_decimal(type_):
            type_ = pa.decimal128(*self.decimal)
        try:
            whole = pa.chunked_array([part.cast(type_) for part in self.parts], type_)
        except pa.ArrowException:
            raise DataError(
                f"the column {self.name} mixes whole numbers of more than 53 bits with fractions, and no type holds "
                "both exactly; cast it in a view"
            ) from None
        if self.kind in _TEXT_OF_TIME and pa.types.is_string(type_):
            return _TEXT_OF_TIME[self.kind](self, whole)
        if pa.types.is_decimal(type_) and type_.precision > WIDEST_DECIMAL:
            raise DataError(
                f"the column {self.name} holds numbers of {type_.precision} digits; {WIDEST_DECIMAL} can be read: "
                f"{self.remedy}"
            )
        return whole

    def _common(self, types: set[Any]) -> Any:
        import pyarrow as pa

        if all(pa.types.is_decimal(type_) or pa.types.is_integer(type_) for type_ in types):
            scale = max((type_.scale for type_ in types if pa.types.is_decimal(type_)), default=0)
            whole = max(type_.precision - type_.scale if pa.types.is_decimal(type_) else 20 for type_ in types)
            made = pa.decimal128 if whole + scale <= WIDEST_DECIMAL else pa.decimal256
            return made(whole + scale, scale)
        if types <= {pa.int64(), pa.float64()}:
            return pa.float64()
        words = " and ".join(sorted(str(type_).replace("string", "text") for type_ in types))
        raise DataError(f"the column {self.name} mixes {words}, which have no common type; {self.remedy}")

    def times(self, texts: Any) -> Any:
        """Return times that the database keeps as ISO 8601 text; with an offset they are instants."""
        import pyarrow as pa

        for type_ in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
            try:
                return texts.cast(type_)
            except pa.ArrowInvalid:
                continue
        naive, aware = (_first_unreadable(texts, type_) for type_ in (pa.timestamp("us"), pa.timestamp("us", "UTC")))
        for value in dict.fromkeys((naive, aware)):
            if all(_unreadable(value, type_) for type_ in (pa.timestamp("us"), pa.timestamp("us", "UTC"))):
                raise self._mismatch(value, "no time to the microsecond such as 2024-01-31 12:00:00")
        shown = "" if self.hidden else f", such as {naive!r} and {aware!r}"
        raise DataError(f"the column {self.name} mixes times with and without an offset{shown}; cast it in a view")

    def dates(self, texts: Any) -> Any:
        """Return dates that the database keeps as ISO 8601 text."""
        import pyarrow as pa

        try:
            return texts.cast(pa.date32())
        except pa.ArrowInvalid:
            value = _first_unreadable(texts, pa.date32())
            raise self._mismatch(value, "no date such as 2024-01-31") from None

    def times_of_day(self, texts: Any) -> Any:
        """Return times of a day that the database keeps as text."""
        import pyarrow as pa

        values = texts.to_pylist()
        for value in values:
            if value is not None and not _TIME_OF_DAY.fullmatch(value):
                raise self._mismatch(value, "no time of day such as 23:59:00")
        return pa.chunked_array([pa.array([v and time.fromisoformat(v) for v in values], pa.time64("us"))])

    def _refused(self, values: Sequence[Any], strange: Callable[[Any], bool]) -> DataError:
        value = next(value for value in values if value is not None and strange(value))
        counted = self.kind in _TEXT_OF_TIME and type(value) in _NUMBERS
        hint = "; if it counts seconds or days, say so with `unit` of the column" if counted else ""
        return self._mismatch(value, f"no {_CALLED[self.kind]}{hint}")

    def _first_mismatch(self, values: Sequence[Any], error: Exception) -> DataError:
        """Find the value that could not be stored."""
        import pyarrow as pa

        if "timezone" in str(error):
            return DataError(f"the column {self.name} mixes times with and without a timezone; cast it in a view")
        for value in values:
            try:
                self._array([value], {type(value)} - {type(None)})
            except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
                return self._mismatch(value, f"which cannot be read; {self.remedy}")
        kinds = " and ".join(sorted({_MANY.get(_word(value), _word(value)) for value in values if value is not None}))
        return DataError(f"the column {self.name} mixes {kinds}, which no type holds exactly; {self.remedy}")

    def _mismatch(self, value: Any, wanted: str) -> DataError:
        shown = "" if self.hidden else f" {_shown(value)}"
        declared = f"is declared {self.declared} and " if self.declared else ""
        return DataError(f"the column {self.name} {declared}holds {_word(value)}{shown}, {wanted}")


def _first_unreadable(texts: Any, type_: Any) -> Any:
    return next(
        (value for value in texts.unique().to_pylist() if value is not None and _unreadable(value, type_)), None
    )


def _unreadable(text: str, type_: Any) -> bool:
    import pyarrow as pa

    try:
        pa.scalar(text).cast(type_)
    except pa.ArrowInvalid:
        return True
    return False


def _word(value: Any) -> str:
    return "the number" if type(value) in _NUMBERS else _word_of(type(value))


def _word_of(type_: type) -> str:
    return _WORDS.get(type_, type_.__name__)


def _shown(value: Any) -> str:
    text = str(value) if type(value) in _NUMBERS else repr(bytes(value) if isinstance(value, memoryview) else value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


_LARGEST = 2**63 - 1
_ACCEPTED: dict[str, set[type]] = {
    "boolean": {bool, int},
    "integer": {int},
    "float": {float, int},
    "decimal": {Decimal, int, float},
    "time": {datetime, str},
    "instant": {datetime, str},
    "date": {date, str},
    "time of day": {time, str},
    "text": {str},
    "binary": {bytes, memoryview},
}
_CALLED = {
    "boolean": "boolean (0 or 1)",
    "integer": "whole number",
    "float": "number",
    "decimal": "number",
    "instant": "time such as 2024-01-31 12:00:00+00:00",
    "time": "time such as 2024-01-31 12:00:00",
    "date": "date such as 2024-01-31",
    "time of day": "time of day such as 23:59:00",
    "text": "text",
    "binary": "bytes",
}
_TEXT_OF_TIME: dict[str, Callable[[SqlColumn, Any], Any]] = {
    "time": SqlColumn.times,
    "instant": SqlColumn.times,
    "date": SqlColumn.dates,
    "time of day": SqlColumn.times_of_day,
}


def _arrow(name: str, *arguments: str) -> Callable[[], Any]:
    def made() -> Any:
        import pyarrow as pa

        return getattr(pa, name)(*arguments)

    return made


_ARROW: dict[str, Callable[[], Any]] = {
    "boolean": _arrow("bool_"),
    "integer": _arrow("int64"),
    "float": _arrow("float64"),
    "time": _arrow("timestamp", "us"),
    "instant": _arrow("timestamp", "us", "UTC"),
    "date": _arrow("date32"),
    "time of day": _arrow("time64", "us"),
    "text": _arrow("string"),
    "binary": _arrow("binary"),
}
