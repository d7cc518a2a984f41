"""CSV files, well-formed and not, held against Python's csv module."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from fuzzing.cells import cells
from fuzzing.damage import DAMAGES, Damage
from fuzzing.reading import read

_TIMES = st.integers(0, 30).map(lambda day: f"2024-01-{day % 28 + 1:02d} 00:00:00")
_CHARACTERS = st.sampled_from("ab0'\",;|\n\r\t #%éß€\\") | st.characters(codec="utf-8", exclude_characters="\0")
_TEXTS = st.text(_CHARACTERS, max_size=8) | st.sampled_from(["'x", "x'", '"', "007", "NULL", "NA", "1e5", "a\r\nb"])
_ROWS = st.lists(st.tuples(_TIMES, _TEXTS, _TEXTS), min_size=1, max_size=25)
_DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)


EXAMPLES = (_ROWS, _DIALECTS, st.booleans(), st.none() | DAMAGES)


def check(rows: list[tuple[str, str, str]], dialect: dict, marked: bool, damage: Damage | None) -> None:
    """Assert that texts are read as they are, and that what is damaged is read as Python reads it, or named."""
    written = io.StringIO(newline="")
    csv.writer(written, **dialect).writerows([("ts", "a", "b"), *rows])
    content = (b"\xef\xbb\xbf" if marked else b"") + written.getvalue().encode()
    if damage:
        content = damage(content)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "t.csv").write_bytes(content)
        columns = {"ts": {"type": "timestamp"}, "a": {"type": "string"}, "b": {"type": "string"}}
        source = {"kind": "csv", "path": "t.csv", "delimiter": dialect["delimiter"]}
        outcome = read(folder, source, columns, timezone="UTC", extra_columns="error")
    expected = _as_python_reads(content, dialect["delimiter"])
    if damage is None and expected == rows:
        assert outcome.refusal is None, outcome.refusal
    if outcome.silent:
        assert expected is not None, "nothing says that this file is no table of three columns"
        assert outcome.rows is not None
        assert outcome.rows.num_rows == len(expected), f"{outcome.rows.num_rows} rows of {len(expected)}"
        for index, name in ((1, "a"), (2, "b")):
            # An empty field is a missing value, whether it is quoted or not.
            found = [value or "" for value in cells(outcome.rows[name])]
            assert found == [row[index] for row in expected], name


def _as_python_reads(content: bytes, delimiter: str) -> list[tuple[str, ...]] | None:
    """Return the rows below the header ts, a, b; None where it is not a table of these three columns."""
    try:
        text = content.decode("utf-8-sig")
        found = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except (UnicodeDecodeError, csv.Error):
        return None
    rows = [row for row in found if row]  # a blank line is no row
    if not rows or rows[0] != ("ts", "a", "b") or any(len(row) != 3 for row in rows):
        return None
    return rows[1:]
