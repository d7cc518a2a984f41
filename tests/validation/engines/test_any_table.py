"""Any table: an engine counts what pandas does, and finds what DuckDB finds, whatever the check."""

import pytest
from generated_tables import QUIET, ROWS, WINDOW, a_check, first_hours, inside, table
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLES = {"spark": 5, "postgres": 20, "mariadb": 20}
MONOTONIC = {"check": "monotonic", "column": "x", "by": ["s"]}
REFERENCES = {"check": "references", "column": "s", "dataset": "others", "key": "s"}
RECONCILE = [
    {
        "check": "reconcile",
        "dataset": "others",
        "aggregate": aggregate,
        **({} if aggregate == "rows" else {"column": "n"}),
    }
    for aggregate in ("rows", "sum", "min", "max", "distinct")
]
LIMITED = {"where": "at < timestamptz '2024-01-01 03:00:00+00'"}


def every_engine_understands(check):
    """Return whether other engines than DuckDB take the check: patterns with `(?` are refused when the project is
    loaded.
    """
    declared, _ = check
    return "(?" not in declared.get("pattern", "")


@pytest.mark.parametrize("engine", EXAMPLES)
def test_counts_are_those_of_pandas_and_findings_those_of_duckdb(on_engines, engine):
    @settings(QUIET, max_examples=EXAMPLES[engine])
    @given(
        rows=ROWS,
        others=ROWS,
        checks=st.lists(a_check().filter(every_engine_understands), min_size=4, max_size=12),
        limited=st.booleans(),
    )
    def judged(rows, others, checks, limited):
        declared = [declared | (LIMITED if limited else {}) for declared, _ in checks]
        reports = on_engines(
            engine,
            table(rows),
            others={"others": table(others)},
            window=WINDOW,
            checks=[MONOTONIC, REFERENCES, *RECONCILE, *declared],
        )
        message = [[(f.check, f.column, f.violated, f.numbers) for f in report.findings] for report in reports]
        assert message[1] == message[0]
        assert [bool(f.sample) for f in reports[1].findings] == [bool(f.sample) for f in reports[0].findings]
        frame = inside(rows)
        expected = [count(first_hours(frame) if limited else frame) for _, count in checks]
        assert [f.numbers["count"] for f in reports[1].findings[-len(checks) :]] == expected

    judged()
