"""Checks as aggregates: however many there are, they are measured in one scan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_ml.validation.findings import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


@dataclass(frozen=True)
class Probe:
    """SQL aggregates over some rows, and what to make of their values.

    `judge` is given the number of rows and then the value of each expression; `parameters` fill the expressions' `?`
    in order, so that no value of the project file becomes SQL text.
    """

    expressions: tuple[str, ...]
    judge: Callable[..., Finding]
    parameters: tuple[Any, ...] = ()


def measure(
    connection: "DuckDBPyConnection", rows: "DuckDBPyRelation", probes: Sequence[Probe | Finding]
) -> list[Finding]:
    """The finding of every probe, in their order; what is a finding already stays as it is."""
    pending = [probe for probe in probes if isinstance(probe, Probe)]
    if not pending:
        return [probe for probe in probes if isinstance(probe, Finding)]
    expressions = ["count(*)", *(expression for probe in pending for expression in probe.expressions)]
    parameters = [parameter for probe in pending for parameter in probe.parameters]
    rows.create_view("measured", replace=True)
    query = f"SELECT {', '.join(expressions)} FROM measured"  # noqa: S608
    [(total, *values)] = connection.execute(query, parameters).fetchall()
    remaining = iter(values)
    return [
        probe.judge(total, *(next(remaining) for _ in probe.expressions)) if isinstance(probe, Probe) else probe
        for probe in probes
    ]
