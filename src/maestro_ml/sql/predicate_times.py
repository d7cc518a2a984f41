"""Times in a predicate of the project file: exact instants, and clocks in the dataset's timezone.

A predicate means what it means to a database session in that timezone: a time without an offset, in a column, a literal
or a cast, is one of the zone's clock, and functions such as `hour` say what that clock shows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from maestro_ml.sql.identifiers import literal
from maestro_ml.sql.instants import TimeSql, comparable
from maestro_ml.sql.predicates import OFFSET, PredicateError, parsed

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_TIME = "time"  # a node's meta: what time it is
_FINE = re.compile(r"\.\d{7,}")  # digits that microseconds do not have
_DAY = re.compile(r"\s*\d+-\d+-\d+\s*")
_CLOCK = ["Extract", "Year", "Month", "Day", "Hour", "Minute", "Second", "DayOfWeek"]
_COMPARISONS = ["EQ", "NEQ", "GT", "GTE", "LT", "LTE", "NullSafeEQ", "NullSafeNEQ", "In", "Between"]
_CHOICES = ["Coalesce", "Greatest", "Least", "Nullif", "If", "Case"]
_TO_TIME = {"DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "TIMESTAMPNTZ": "TIMESTAMP", "TIMESTAMPTZ": "TIMESTAMPTZ"}
_OF_INSTANTS = re.compile(r"(MINUTE|SECOND|MILLISECOND|MICROSECOND)S?")  # the same in all zones
_ELAPSED = re.compile(r"(HOUR|MINUTE|SECOND|MILLISECOND|MICROSECOND)S?")  # of the same length on every day


@lru_cache(maxsize=4096)
def predicate_sql(text: str, times: tuple[tuple[str, TimeSql], ...], zone: str) -> str:
    """Return the predicate as DuckDB's SQL, with names quoted.

    Args:
        times: the columns that hold times, by their names.

    Raises:
        PredicateError: a time in it has more than one meaning.
    """
    from sqlglot import expressions

    tree = expressions.Paren(this=parsed(text).copy())
    if times:
        _Times(dict(times), zone).rewrite(tree)
    return str(tree.this.sql(dialect="duckdb", identify=True, comments=False))


@dataclass(frozen=True)
class _Times:
    columns: dict[str, TimeSql]
    zone: str

    def rewrite(self, node: "Expr") -> None:
        """Rewrite the node's children, then the node; the `meta` of a node that is a time holds it."""
        from sqlglot import expressions as e

        for child in [*node.iter_expressions()]:
            self.rewrite(child)
        name = type(node).__name__
        if isinstance(node, e.Column):
            node.meta[_TIME] = self.columns.get(node.name)
        elif isinstance(node, e.Cast):
            self._cast(node)
        elif isinstance(node, e.Paren):
            node.meta[_TIME] = _time(node.this)
        elif name in _COMPARISONS:
            self._make_comparable([*node.iter_expressions()])
        elif name in _CHOICES:
            self._choice(node)
        elif name in ("Add", "Sub"):
            self._arithmetic(node)
        elif name in (*_CLOCK, "DateTrunc", "TimestampTrunc", "DateDiff", "TimeToUnix"):
            self._function(node)

    def _clock(self, time: TimeSql) -> str:
        """Return the local time of the zone, in microseconds."""
        return time.microsecond if time.is_local else f"({time.microsecond} AT TIME ZONE '{self.zone}')"

    def _literal(self, text: str) -> TimeSql:
        """Read a text as a time: local time of the zone, unless it has an offset."""
        stored = ("TIMESTAMPTZ" if OFFSET.search(text) else "TIMESTAMP") + ("_NS" if _FINE.search(text) else "")
        return TimeSql(f"({literal(text)}::{stored})", stored, self.zone)

    def _cast(self, node: "Expr") -> None:
        from sqlglot import expressions as e

        child, target = node.this, node.args["to"].this.name
        time, stored = _time(child), _TO_TIME.get(target)
        if time and target == "TIME":
            _put(child, self._clock(time))
        elif stored is None:
            return
        elif _is_text(child) and stored != "DATE":
            found = self._literal(child.name)
            aware = stored == "TIMESTAMPTZ" and not found.in_nanoseconds
            _put(node, TimeSql(found.floor, stored, self.zone) if aware else found)
        elif time:
            sql = time.floor if stored == "TIMESTAMPTZ" else f"{self._clock(time)}::{stored}"
            _put(node, TimeSql(f"({sql})", stored, self.zone))
        elif stored == "TIMESTAMPTZ" and self.zone != "UTC" and not isinstance(child, e.Null):
            raise PredicateError(f"{_sql(node)} may have no timezone of its own; cast it to TIMESTAMP")
        else:
            node.meta[_TIME] = TimeSql(f"({_sql(node)})", stored, self.zone)

    def _make_comparable(self, nodes: "Sequence[Expr]") -> list[TimeSql]:
        """Rewrite nodes, one of which is a time, so that they can be compared; return the times they were."""
        from sqlglot import expressions as e

        times = [time for node in nodes if (time := _time(node))]
        texts = [node for node in nodes if _is_text(node)]
        if not times or (all(t.stored == "DATE" for t in times) and all(_DAY.fullmatch(t.name) for t in texts)):
            return times
        known = [self._known(node) for node in nodes]
        found = [(node, time) for node, time in zip(nodes, known, strict=True) if time]
        strange = [n for n, time in zip(nodes, known, strict=True) if time is None and not isinstance(n, e.Null)]
        if strange and (self.zone != "UTC" or any(time.in_nanoseconds for time in times)):
            raise PredicateError(f"{_sql(strange[0])} is compared with a time and is not one; cast it to TIMESTAMP")
        if not strange:
            for (node, _), sql in zip(found, comparable(*(time for _, time in found)), strict=True):
                _put(node, sql)
        return [time for _, time in found]

    def _choice(self, node: "Expr") -> None:
        """Rewrite an expression that chooses one of several values, so that they have one type."""
        from sqlglot import expressions as e

        if isinstance(node, e.If) and isinstance(node.parent, e.Case):
            return
        if isinstance(node, e.Case):
            if node.this:
                self._make_comparable([node.this, *(branch.this for branch in node.args["ifs"])])
            nodes = [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
        elif isinstance(node, e.If):
            nodes = [node.args["true"], node.args.get("false")]
        else:
            nodes = [*node.iter_expressions()]
        nodes = [child for child in nodes if child is not None]
        if not any(map(_time, nodes)):
            return
        known = [(child, time) for child in nodes if (time := self._known(child))]
        stored, local = {time.stored for _, time in known}, all(time.is_local for _, time in known)
        if len(stored) > 1 and any(time.in_nanoseconds for _, time in known):
            target = "TIMESTAMP_NS" if local else "TIMESTAMPTZ_NS"
            for child, time in known:
                whole = time.microsecond if local else time.floor
                exact = time.sql if local or not time.is_local else f"({time.sql} AT TIME ZONE '{self.zone}')"
                _put(child, f"({exact if time.in_nanoseconds else whole}::{target})")
        else:
            self._make_comparable(nodes)
            target = stored.pop() if len(stored) == 1 else "TIMESTAMP" if local else "TIMESTAMPTZ"
        node.meta[_TIME] = TimeSql(f"({_sql(node)})", target, self.zone)

    def _known(self, node: "Expr") -> TimeSql | None:
        return _time(node) or (self._literal(node.name) if _is_text(node) else None)

    def _arithmetic(self, node: "Expr") -> None:
        from sqlglot import expressions as e

        times = [(child, time) for child in (node.this, node.expression) if (time := _time(child))]
        if len(times) > 1:
            self._difference(node, *(time for _, time in times))
            return
        if not times:
            return
        [(child, time)] = times
        other = node.expression if child is node.this else node.this
        if not isinstance(other, e.Interval):
            if time.stored == "DATE":  # a number of days
                node.meta[_TIME] = TimeSql(f"({_sql(node)})", "DATE", self.zone)
            return
        elapsed = _ELAPSED.fullmatch(_unit(other))
        on_clock = time.is_local or not (elapsed or self.zone == "UTC")
        _put(child, self._clock(time) if on_clock else time.microsecond)
        moved, stored = f"({_sql(node)})", "TIMESTAMP" if on_clock else "TIMESTAMPTZ"
        if time.in_nanoseconds:
            moved = f"make_timestamp_ns(epoch_us({moved}) * 1000 + {time.beyond_microseconds})"
            moved, stored = moved if on_clock else f"({moved} AT TIME ZONE 'UTC')", f"{stored}_NS"
        _put(node, TimeSql(moved, stored, self.zone))

    def _difference(self, node: "Expr", left: TimeSql, right: TimeSql) -> None:
        """Subtract one time from another; of intervals, DuckDB has whole microseconds."""
        if not (left.in_nanoseconds or right.in_nanoseconds):
            self._make_comparable([node.this, node.expression])
            return
        local = left.is_local and right.is_local
        difference = f"({left.nanoseconds(local=local)} - {right.nanoseconds(local=local)})"
        _put(node, f"to_microseconds((({difference} - ({difference} % 1000 + 1000) % 1000) // 1000)::BIGINT)")

    def _function(self, node: "Expr") -> None:
        from sqlglot import expressions as e

        times = [(child, time) for child in node.iter_expressions() if (time := _time(child))]
        if not times:
            return
        if isinstance(node, e.DateDiff):
            ends = [(child, _time(child) or self._literal(child.name)) for child in (node.this, node.expression)]
            on_clock = all(time.is_local for _, time in ends) or not _ELAPSED.fullmatch(_unit(node))
            for child, time in ends:
                _put(child, self._clock(time) if on_clock else time.floor)
            return
        [(child, time)] = times
        if isinstance(node, e.TimeToUnix) or (isinstance(node, e.Extract) and node.name.upper() == "EPOCH"):
            _put(child, time.floor)
        elif isinstance(node, e.DateTrunc | e.TimestampTrunc):
            on_clock = time.is_local or not _OF_INSTANTS.fullmatch(_unit(node))
            _put(child, self._clock(time) if on_clock else time.floor)
            node.meta[_TIME] = TimeSql(f"({_sql(node)})", "TIMESTAMP" if on_clock else "TIMESTAMPTZ", self.zone)
        else:
            _put(child, self._clock(time))


def _put(node: "Expr", value: str | TimeSql) -> None:
    """Let SQL stand in the node's place."""
    from sqlglot import expressions

    made = expressions.Var(this=value if isinstance(value, str) else value.sql)
    made.meta[_TIME] = None if isinstance(value, str) else value
    node.replace(made)


def _unit(node: "Expr") -> str:
    return str(node.args.get("unit") or "").upper()


def _time(node: "Expr | None") -> TimeSql | None:
    return node.meta.get(_TIME) if node is not None else None


def _is_text(node: "Expr") -> bool:
    from sqlglot import expressions

    return isinstance(node, expressions.Literal) and bool(node.is_string)


def _sql(node: "Expr") -> str:
    return str(node.sql(dialect="duckdb", identify=True, comments=False))
