"""SQLite tables, whose columns hold whatever was put into them, held against Python's sqlite3."""

import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from fuzzing.cells import cells
from fuzzing.damage import DAMAGES, Damage
from fuzzing.reading import read

_TYPES = {"INTEGER": "integer", "REAL": "number", "TEXT": "string", "NUMERIC": "number", "BOOLEAN": "boolean"}
_TYPES |= {
    "DATETIME": "timestamp",
    "DATE": "date",
    "VARCHAR(5)": "string",
    "BIGINT": "integer",
    "DECIMAL(38,9)": "number",
}
_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "INTEGER": st.integers(-(2**63), 2**63 - 1),
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "REAL": st.floats(allow_nan=False),
    "TEXT": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    "VARCHAR(5)": st.sampled_from(["a", "longer than five", ""]),
}
_STRANGE = st.sampled_from(
    ["abc", "", "05/01/2024", "2024-13-01", "25:00", b"\x00\xff", 1704067200, 0.5, 2**53 + 1, "007"]
)
_TIMES = st.sampled_from(["2024-01-05 00:00:00", "2024-01-06 12:30:00.123456"])


@st.composite
def _columns(draw: st.DrawFn, rows: int) -> dict[str, tuple[str, list[Any], bool]]:
    """Return for each column its declared type, its values, and whether every value is one the type promises."""
    columns = {}
    for number in range(draw(st.integers(1, 3))):
        declared = draw(st.sampled_from(sorted(_TYPES)))
        plain = declared in _PLAIN and draw(st.booleans())
        values = _PLAIN[declared] if plain else _STRANGE | _PLAIN.get(declared, _STRANGE)
        columns[f"c{number}"] = (declared, draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), plain)
    return columns


@st.composite
def _tables(draw: st.DrawFn) -> tuple[list[Any], dict[str, tuple[str, list[Any], bool]]]:
    rows = draw(st.integers(0, 8))
    times = _TIMES if draw(st.booleans()) else _TIMES | _STRANGE | st.none()
    return draw(st.lists(times, min_size=rows, max_size=rows)), draw(_columns(rows))


EXAMPLES = (_tables(), st.none() | DAMAGES)


def check(table: tuple[list[Any], dict[str, tuple[str, list[Any], bool]]], damage: Damage | None) -> None:
    """Assert that values of the declared type arrive to the last digit, and that others arrive or are named."""
    times, columns = table
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _write(folder / "t.db", times, columns)
        if damage:
            content = (folder / "t.db").read_bytes()
            (folder / "t.db").write_bytes(damage(content))
        contract = {name: {"type": _TYPES[declared]} for name, (declared, _, _) in columns.items()}
        source = {"kind": "sql", "url": "sqlite:///t.db", "table": "t"}
        outcome = read(folder, source, {"ts": {"type": "timestamp"}, **contract}, timezone="UTC")
    if damage is not None or outcome.rows is None:
        return
    assert outcome.rows.num_rows == len(times)
    for name, (_, values, plain) in columns.items():
        if plain:
            assert cells(outcome.rows[name]) == cells(pa.chunked_array([pa.array(values)])), name


def _write(file: Path, times: list[Any], columns: dict[str, tuple[str, list[Any], bool]]) -> None:
    declared = ", ".join(["ts DATETIME", *(f"{name} {kind}" for name, (kind, _, _) in columns.items())])
    marks = ", ".join("?" * (len(columns) + 1))
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(f"CREATE TABLE t ({declared})")
        rows = zip(times, *(values for _, values, _ in columns.values()), strict=True)
        connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
    connection.close()
