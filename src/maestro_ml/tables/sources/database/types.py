"""The types of SQL in the few words that matter for reading their values."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

WIDEST_DECIMAL = 38  # digits; DuckDB has no wider one


def kind_of_type(type_: "TypeEngine[Any]") -> str:
    """Return what a column is declared to be; `unknown` where only its values show it."""
    from sqlalchemy import types

    type_ = getattr(type_, "data_type", type_)  # of a domain
    kinds: tuple[tuple[Any, str], ...] = (
        (types.Boolean, "boolean"),
        (types.Integer, "integer"),
        (types.Float, "float"),
        (types.Numeric, "decimal"),
        (types.DateTime, "instant" if getattr(type_, "timezone", False) else "time"),
        (types.Date, "date"),
        (types.Time, "other" if getattr(type_, "timezone", False) else "time of day"),
        (types.LargeBinary, "binary"),
        (types.Uuid, "other"),
        (types.Interval, "other"),
        (types.JSON, "other"),
        (types.ARRAY, "other"),
        (types.NullType, "unknown"),
        (types.String, "text"),
    )
    return next((kind for class_, kind in kinds if isinstance(type_, class_)), "other")


def decimal_of(type_: "TypeEngine[Any]") -> tuple[int, int] | None:
    """Return the precision and scale of a decimal type; None where they are not declared, or wider than DuckDB's."""
    precision, scale = (getattr(type_, name, None) for name in ("precision", "scale"))
    if kind_of_type(type_) != "decimal" or precision is None:
        return None
    return (precision, scale or 0) if 0 <= (scale or 0) <= precision <= WIDEST_DECIMAL else None
