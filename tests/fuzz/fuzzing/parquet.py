"""Parquet files, whole and damaged, held against pyarrow."""

import tempfile
from collections.abc import Hashable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from fuzzing.cells import cells
from fuzzing.damage import DAMAGES, Damage
from fuzzing.reading import Outcome, read

_START = datetime(2024, 1, 1, tzinfo=UTC)
_WHOLE = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, 1, 2**53 + 1, -(2**53) - 1])
_REAL = st.floats() | st.sampled_from([0.0, -0.0, 1e300])
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_MOMENTS = st.timedeltas(timedelta(days=-40), timedelta(days=40)).map(lambda away: _START + away)

# column -> its Arrow type, the contract's word for it, its values
_COLUMNS: dict[str, tuple[pa.DataType, str, st.SearchStrategy[Any]]] = {
    "i": (pa.int64(), "integer", _WHOLE),
    "u": (pa.uint64(), "integer", st.integers(0, 2**64 - 1)),
    "small": (pa.int16(), "integer", st.integers(-(2**15), 2**15 - 1)),
    "x": (pa.float64(), "number", _REAL),
    "f": (pa.float32(), "number", st.floats(width=32)),
    "d": (pa.decimal128(38, 9), "number", st.integers(-(10**29), 10**29).map(lambda n: Decimal(n).scaleb(-9))),
    "s": (pa.string(), "string", _TEXT),
    "c": (pa.dictionary(pa.int32(), pa.string()), "string", st.sampled_from(["a", "b", ""])),
    "b": (pa.bool_(), "boolean", st.booleans()),
    "day": (pa.date32(), "date", st.dates(date(1900, 1, 1), date(2200, 1, 1))),
    "at": (pa.timestamp("us", "UTC"), "timestamp", _MOMENTS),
}
_TIMES = st.integers(-2 * 86_400 * 10**9, 33 * 86_400 * 10**9).map(lambda n: int(_START.timestamp()) * 10**9 + n)


@st.composite
def _tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(1, 30))
    unit = draw(st.sampled_from(["ms", "us", "ns"]))
    times = draw(st.lists(st.none() | _TIMES, min_size=rows, max_size=rows))
    step = {"ms": 1_000_000, "us": 1_000, "ns": 1}[unit]
    whole = pa.array([t if t is None else t // step for t in times], pa.int64())
    columns = {"ts": whole.cast(pa.timestamp(unit, "UTC"))}
    for name in draw(st.lists(st.sampled_from(sorted(_COLUMNS)), unique=True, max_size=5)):
        kind, _, values = _COLUMNS[name]
        column = draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        columns[name] = pa.array(column, kind, from_pandas=False)
    return pa.table(columns)


_OPTIONS = st.fixed_dictionaries(
    {
        "compression": st.sampled_from(["snappy", "zstd", "gzip", "none"]),
        "row_group_size": st.sampled_from([1, 3, 100]),
        "use_dictionary": st.booleans(),
        "data_page_version": st.sampled_from(["1.0", "2.0"]),
        "write_statistics": st.booleans(),
        "write_page_index": st.booleans(),
    }
)


EXAMPLES = (_tables(), _OPTIONS, st.none() | DAMAGES)


def check(table: pa.Table, options: dict[str, Any], damage: Damage | None) -> None:
    """Assert that a whole file's rows are all there, to the last digit, and that a damaged one loses none silently."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = folder / "t.parquet"
        pq.write_table(table, file, version="2.6", **options)
        if damage:
            file.write_bytes(damage(file.read_bytes()))
        contract = {name: {"type": _COLUMNS[name][1]} for name in table.column_names if name != "ts"}
        source = {"kind": "parquet", "path": file.name}
        outcome = read(folder, source, {"ts": {"type": "timestamp"}, **contract})
        expected = _as_arrow_reads(file)
        if damage is None:
            assert expected is not None
            assert outcome.refusal is None, outcome.refusal
        if expected is not None and (damage is None or outcome.silent):
            _compare(outcome, expected, whole=damage is None)


def _compare(outcome: Outcome, expected: dict[str, list[Hashable]], *, whole: bool) -> None:
    assert outcome.rows is not None
    count = max(map(len, expected.values()), default=0)
    assert outcome.rows.num_rows == count, f"{outcome.rows.num_rows} rows of {count}"
    if whole:  # what stands in place of damaged bytes is nobody's to say
        for name, values in expected.items():
            assert cells(outcome.rows[name]) == values, name


def _as_arrow_reads(file: Path) -> dict[str, list[Hashable]] | None:
    """Return the columns, or None where pyarrow refuses the file."""
    try:
        table = pq.ParquetFile(file).read()
        return {name: cells(table[name]) for name in table.column_names}
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        return None
