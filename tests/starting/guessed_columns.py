"""Columns as guesses see them: a name, a type and counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from maestro_ml.starting.columns import Column, Described

UNIQUE = {"distinct": 100}


def column(name: str = "x", kind: Any = "integer", **other: Any) -> Column:
    return Column(name, kind, **{"rows": 100, "distinct": 10, "low": 1, "high": 90} | other)


def table(*columns: Column, source: dict[str, Any] | None = None) -> Described:
    return Described(source or {}, 100, columns)


def at(days: float = 0) -> datetime:
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=days)


def moment(name: str, kind: Any = "timestamp", **other: Any) -> Column:
    return column(name, kind, **{"low": at(), "high": at(9)} | other)


A, B = column("a"), column("b")
