"""Tables nobody would think of, checks of them, and what pandas says the checks must find."""

import math
import operator
import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from maestro_ml.project import Window

WINDOW = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))
HOURS = st.sampled_from([-1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 23, 24, 25])
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0, 1e300, math.inf, -math.inf, math.nan]) | st.none()
WHOLE = st.sampled_from([0, 1, 2, -5, 2**63 - 1, -(2**63)]) | st.none()
TEXTS = st.sampled_from(["", "a", "ab", "abc", "null", "äö", "'", "a\nb"]) | st.none()
ROWS = st.lists(st.tuples(HOURS, NUMBERS, WHOLE, TEXTS), max_size=30)
TYPES = {"at": "timestamp", "x": "number", "n": "integer", "s": "string"}
SCHEMA = pa.schema({"at": pa.timestamp("us", tz="UTC"), "x": pa.float64(), "n": pa.int64(), "s": pa.string()})
OPERATORS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt}
QUIET = settings(
    max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def table(rows: list[tuple]) -> pa.Table:
    at = [WINDOW.start + timedelta(hours=hours) for hours, *_ in rows]
    columns = list(zip(*(row[1:] for row in rows), strict=True)) or [(), (), ()]
    arrays = [
        pa.array(values, field.type, from_pandas=False) for values, field in zip([at, *columns], SCHEMA, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def inside(rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["at", "x", "n", "s"], dtype=object)
    return frame[(frame["at"] >= 0) & (frame["at"] < 24)].reset_index(drop=True)


def absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def first_hours(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["at"] < 3]


@st.composite
def a_check(draw) -> tuple[dict, object]:  # noqa: PLR0911
    """Return a declared check, and how many rows of a frame it must find."""
    kind = draw(
        st.sampled_from(["missing", "range", "whole", "allowed", "regex", "length", "compare", "predicate", "keys"])
    )
    column = draw(st.sampled_from(["x", "n", "s"]))
    low, high = sorted(draw(st.tuples(*[st.sampled_from([-3.0, 0.0, 1.5, 2.0])] * 2)))
    match kind:
        case "missing":
            return {"check": "missing", "column": column}, lambda f: f[column].map(absent).sum()
        case "range":
            return (
                {"check": "range", "column": "x", "min": low, "max": high},
                lambda f: sum(not absent(x) and not low <= x <= high for x in f["x"]),
            )
        case "whole":
            edge = draw(st.sampled_from([2**63 - 1, 2**63 - 2, 1, -5, 0.5]))
            return {"check": "range", "column": "n", "max": edge}, lambda f: sum(
                n is not None and n > edge for n in f["n"]
            )
        case "allowed":
            values = draw(st.lists(st.sampled_from(["", "a", "'", "null"]), min_size=1, unique=True))
            return {"check": "allowed", "column": "s", "values": values}, lambda f: sum(
                s is not None and s not in values for s in f["s"]
            )
        case "regex":
            pattern = draw(st.sampled_from(["a.*", "", "(?s).*", "[a-z]+", "a|b", "ab?"]))
            return {"check": "regex", "column": "s", "pattern": pattern}, lambda f: sum(
                s is not None and not re.fullmatch(pattern, s) for s in f["s"]
            )
        case "length":
            least, most = sorted(draw(st.tuples(*[st.integers(0, 4)] * 2)))
            return {"check": "length", "column": "s", "min": least, "max": most}, lambda f: sum(
                s is not None and not least <= len(s) <= most for s in f["s"]
            )
        case "compare":
            sign = draw(st.sampled_from(sorted(OPERATORS)))
            return {"check": "compare", "left": "x", "operator": sign, "right": "n"}, lambda f: sum(
                not absent(x) and n is not None and not OPERATORS[sign](x, float(n))
                for x, n in zip(f["x"], f["n"], strict=True)
            )
        case "predicate":
            return {"check": "predicate", "sql": "s <> 'a' OR n >= 0"}, lambda f: sum(
                s == "a" and n is not None and n < 0 for s, n in zip(f["s"], f["n"], strict=True)
            )
        case _:
            keys = draw(st.sampled_from([["n"], ["s"], ["n", "s"], ["at", "n", "s"]]))
            return {"check": "unique", "columns": keys}, lambda f: f.duplicated(keys).sum() if len(f) else 0
