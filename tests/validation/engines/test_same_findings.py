"""One table, every engine: the same findings."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from same_findings import LARGEST, ODD, ROWS, SMALLEST, alike, at, awkward, engines, engines_with_timezones, violated

from maestro_ml.project import Window

CHECKS = [
    {"check": "missing", "column": "x"},
    {"check": "missing", "column": ODD},
    {"check": "missing", "column": "n", "where": "n > 0 or n is null"},
    {"check": "range", "column": "x", "min": -3, "max": 3},
    {"check": "range", "column": "x", "min": -3, "max": 3, "where": f"\"{ODD.replace(chr(34), chr(34) * 2)}\" <> ''"},
    {"check": "range", "column": "n", "min": -5, "max": LARGEST - 1},
    {"check": "range", "column": "d", "max": 10.5},
    {"check": "sum_between", "column": "n", "min": 0},
    {"check": "sum_between", "column": "d", "max": 10.5},
    {"check": "allowed", "column": ODD, "values": ["a", "it's", "\\", "x' OR '1'='1"]},
    {"check": "allowed", "column": "n", "values": [1, LARGEST]},
    {"check": "allowed", "column": "b", "values": [True]},
    {"check": "regex", "column": ODD, "pattern": "[a-zäö']*"},
    {"check": "regex", "column": ODD, "pattern": r"\w{0,3}|.*\\.*"},
    {"check": "length", "column": ODD, "min": 1, "max": 3},
    {"check": "unique", "columns": ["x"]},
    {"check": "unique", "columns": [ODD, "n"]},
    {"check": "unique", "columns": ["d"], "where": "b"},
    {"check": "duplicate_rows", "max_share": 0.2},
    {"check": "rows", "min": 3},
    {"check": "compare", "left": "x", "operator": "<=", "right": "n"},
    {"check": "compare", "left": "d", "operator": "!=", "right": "n"},
    {"check": "predicate", "sql": "x * 2 + 1 > -3 and not (b is null)", "where": "x < 1000"},
    {"check": "predicate", "sql": "x between -1 and 2.5 or isnan(x) or d in (1.5, 2.25)"},
    {"check": "predicate", "sql": "at >= timestamptz '2024-01-01 02:00:00+00' or day < date '2024-01-02'"},
    {"check": "monotonic", "column": "x"},
    {"check": "monotonic", "column": "n", "direction": "decreasing", "by": [ODD], "strict": True},
    {"check": "range", "column": "x", "above": -0.0, "below": 2.5},
    {"check": "range", "column": "n", "above": 1, "max": LARGEST, "ignore_nulls": True},
    {"check": "range", "column": "day", "min": "2024-01-02", "below": "2024-01-03"},
    {"check": "range", "column": "at", "above": "2024-01-01T01:00:00Z", "max": "2024-01-01 05:00+01:00"},
    {"check": "unique", "columns": ["n", ODD], "ignore_nulls": True, "max_share": 0.1},
    {"check": "missing", "column": ODD, "values": ["", "it's"]},
    {"check": "missing", "column": "x", "values": [-1, 2.5]},
    {"check": "forbidden", "column": ODD, "values": ["", "\\", "x' OR '1'='1"]},
    {"check": "not_regex", "column": ODD, "pattern": ".*[a-c].*"},
    {"check": "date_format", "column": ODD, "format": "%Y-%m-%d"},
    {"check": "json", "column": ODD},
    {"check": "distinct", "column": "x", "max": 6},
    {"check": "distinct", "column": ODD, "min_share": 0.99},
    {"check": "value_set", "column": "n", "contains": [1, 2, 77]},
    {"check": "value_set", "column": ODD, "equals": ["a", "", "it's"]},
    {"check": "most_common", "column": "d", "values": [1.5, 7]},
    {"check": "most_common", "column": "b", "values": [False]},
    {"check": "most_common", "column": ODD, "values": ["a"], "where": "n > 0"},
    {"check": "deviations", "column": "d", "max": 2},
    {"check": "deviations", "column": "x", "max": 0.5, "where": "x between -10 and 10"},
    {"check": "column_count", "min": 7, "max": 7},
    {"check": "column_order"},
    {"check": "has_columns", "columns": ["d", "nowhere"], "absent": ["x*"]},
    *(
        {"check": "aggregate", "column": column, "aggregate": aggregate, "above": 2, **share, **where}
        for column, where in (("n", {}), ("d", {}), ("x", {"where": "x between -10 and 10"}))
        for aggregate, share in (
            ("mean", {}),
            ("median", {}),
            ("stddev", {}),
            ("min", {}),
            ("max", {}),
            ("quantile", {"quantile": 0.75}),
        )
    ),
]


SHAPES = {"many": ROWS, "none": [], "one": ROWS[:1], "nothing in it": [(None,) * 5] * 2}


@engines
@pytest.mark.parametrize("shape", SHAPES)
def test_every_check_finds_the_same(on_engines, engine, shape):
    reports = on_engines(engine, awkward(SHAPES[shape]), checks=CHECKS)
    alike(reports)
    if shape == "many":
        assert all(violated(reports[1], check) for check in ("range", "allowed", "regex", "unique", "monotonic"))


@engines
def test_other_datasets_are_held_against_alike(on_engines, engine):
    others = awkward(
        [(1.5, 2, "1.50", True, "a"), (None, None, None, None, None), (2.5, LARGEST, "7", None, "x' OR '1'='1")]
    )
    checks = [
        {"check": "references", "column": column, "dataset": "others", "key": column}
        for column in (ODD, "n", "d", "day")
    ]
    checks += [
        {"check": "reconcile", "dataset": "others", "aggregate": aggregate, "column": column, "tolerance": 1e-9}
        for column in ("n", "d", "x")
        for aggregate in ("sum", "min", "max", "mean", "distinct")
    ]
    table = awkward([row for row in ROWS if row[1] != SMALLEST])
    alike(on_engines(engine, table, "quality", others={"others": others}, checks=checks))


@engines
def test_naive_times_of_utc(on_engines, engine):
    expect_the_same_hours(on_engines, engine, None)


@engines_with_timezones
def test_clocks_that_go_forth_and_back(on_engines, engine):
    expect_the_same_hours(on_engines, engine, "Europe/Berlin")


def expect_the_same_hours(on_engines, engine, zone):
    """Compare naive times around both changes of 2024: the hour that comes twice, and the one that does not."""
    spring, autumn = datetime(2024, 3, 31), datetime(2024, 10, 27)  # noqa: DTZ001 - naive is the point
    times = [day + timedelta(minutes=30 * i) for day in (spring, autumn) for i in range(8)]
    table = pa.table(
        {"at": pa.array(times, pa.timestamp("us")), "n": range(16), "day": pa.array([t.date() for t in times])}
    )
    checks = [
        {"check": "monotonic", "column": "n"},
        {"check": "compare", "left": "at", "operator": ">=", "right": "day"},
    ]
    for day, hour in ((spring, 1), (autumn, 0), (autumn, 1)):
        start = day.replace(tzinfo=UTC) + timedelta(hours=hour)
        window = Window(start, start + timedelta(hours=1))
        alike(on_engines(engine, table, "quality", window=window, checks=checks, timezone=zone))


@engines_with_timezones
def test_naive_times_are_read_in_the_declared_zone(on_engines, engine):
    """Seen at seven in New York, loaded at noon in UTC: the same instant, and rows around it."""
    seven = datetime(2024, 1, 2, 7)  # noqa: DTZ001 - naive is the point
    shifts = [timedelta(minutes=minutes) for minutes in (-300, -1, 0, 1, 300)]
    noon = seven.replace(tzinfo=UTC) + timedelta(hours=5)
    table = pa.table(
        {
            "at": pa.array([noon] * 5, pa.timestamp("us", tz="UTC")),
            "seen": pa.array([seven + shift for shift in shifts], pa.timestamp("us")),
            "day": pa.array([date(2024, 1, 1 + i) for i in range(5)], pa.date32()),
        }
    )
    comparisons = [
        {"check": "compare", "left": left, "operator": operator, "right": right}
        for left, right in (("seen", "at"), ("at", "day"), ("seen", "day"))
        for operator in ("<", "<=", "==")
    ]
    predicates = [
        "seen >= at",
        "at >= '2024-01-02 07:00'",
        "seen >= timestamp '2024-01-02 07:00:00' or at < date '2024-01-03'",
        "seen < timestamptz '2024-01-02 12:00:00+00'",
        "seen between '2024-01-02 06:59' and at",
        "day = '2024-01-02' or day in (date '2024-01-03', '2024-01-04')",
        "coalesce(seen, at) > '2024-01-02 07:00'",
        "case when day > '2024-01-03' then seen else at end <= at",
    ]
    checks = [
        *comparisons,
        *({"check": "predicate", "sql": sql} for sql in predicates),
        *({"check": "rows", "min": 0, "where": sql} for sql in predicates),
        {"check": "references", "column": "seen", "dataset": "others", "key": "at"},
        {"check": "references", "column": "at", "dataset": "others", "key": "seen"},
    ]
    reports = on_engines(
        engine, table, "quality", others={"others": table.slice(2)}, checks=checks, timezone="America/New_York"
    )
    alike(reports)
    found = {(f.check, f.message.partition(" do not have ")[2]): f for f in reports[1].findings if f.check == "compare"}
    assert found["compare", "seen <= at"].numbers["count"] == 2
    assert found["compare", "seen == at"].numbers["count"] == 4


@engines
def test_columns_that_break_the_contract(on_engines, engine):
    table = awkward(ROWS, extra=pa.array(["1"] * len(ROWS)))
    columns = {
        "at": {"type": "timestamp"},
        "x": {"type": "integer", "nullable": False},
        "n": {"type": "number"},
        "b": {"type": "string"},
        "day": {"type": "timestamp"},
        "gone": {"type": "string"},
        "optional": {"type": "string", "required": False},
    }
    checks = [
        {"check": "range", "column": "n", "max": 3, "where": "gone = 'x'"},
        {"check": "missing", "column": "optional"},
        {"check": "unique", "columns": ["n", "gone"]},
    ]
    alike(on_engines(engine, table, columns=columns, checks=checks, extra_columns="error"))


@engines
def test_texts_where_numbers_should_be_are_reported_without_their_count(on_engines, engine):
    columns = {"at": {"type": "timestamp"}, ODD: {"type": "integer"}}
    duckdb, other = on_engines(engine, awkward(ROWS).select(["at", ODD]), "schema", columns=columns)
    [here], [there] = ([f for f in r.findings if f.check == "type" and f.violated] for r in (duckdb, other))
    assert here.numbers["foreign"] == 11
    assert there.message == "string (VARCHAR); the contract says integer"


@engines
def test_without_an_event_time(on_engines, engine):
    table = pa.table({"at": ["2024-01-01", None], "n": [1, 2]})
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    duckdb, other = on_engines(engine, table, columns=columns)
    messages = [[f.message.partition(":")[0] for f in report.findings] for report in (duckdb, other)]
    assert messages[0] == messages[1]
    assert other.verdict == duckdb.verdict == "fail"


@engines
def test_a_check_the_engine_cannot_make_leaves_the_others(on_engines, engine):
    checks = [
        {"check": "predicate", "sql": "n + 1 > 0"},  # the largest integer has no next
        {"check": "missing", "column": "x"},
    ]
    _, other = on_engines(engine, awkward(ROWS), "quality", checks=checks)
    broken, missing = other.findings[-2:]
    assert broken.violated
    assert "could not be checked" in broken.message
    assert (missing.numbers["count"], missing.numbers["rows"]) == (3, 12)


PATTERNS = [
    *("", r"a.*", r"[a-zé]+", r"a|b|", r"^ab?$", r"\w+", r"\W*", r"\s.\S?", r"\d{1,3}", r"[^a\d]*", r"[\]\-a^&&\\]+"),
    *(r"(?:ab)*?", r"(a|b)+", r"x{2,}", r"x{", r"é.", r"a\nb", r".", r"..", r"\$\^\.", "'\"`", r"%s|:x", r"A"),
    *(r"\w\w", r"[\w&&a]+", r"\.*", r"a\/b", r"(?:|a)", r"#.*", r"~", r"[a-b-]", r"[%-&]+", r"[^ -~]+"),
]
TEXTS = [
    *("", "a", "ab", "abab", "b", "A", "é", "éx", "𝄞", "𝄞é", "a\nb", "a\n", "\n", "\r", "\x0b", "\x85", "\u2028"),
    *(" a", "\ta", "1", "123", "1234", "٣", "_", "x{", "xx", "xxx", "$^.", "'\"`", "]-a^&\\", "&", "%s", ":x", "ä"),
    None,
    *("#a", "~", "a/b", "-", "%", "ß", "SS"),
]


@engines
def test_patterns_match_the_same_texts(on_engines, engine):
    table = pa.table({"at": at(*range(len(TEXTS))), "s": TEXTS})
    checks = [{"check": "regex", "column": "s", "pattern": pattern} for pattern in PATTERNS]
    duckdb, other = on_engines(engine, table, "quality", checks=checks)
    alike((duckdb, other))
    assert len({f.numbers["count"] for f in other.findings if f.check == "regex"}) > 5


@engines
def test_forms_of_texts_are_the_same(on_engines, engine):
    texts = [
        '{"a": [1, {"b": null}]}',
        "[1,2,]",
        "NaN",
        '"\\u00e9"',
        '"a\tb"',
        "01",
        " [] ",
        "2024-02-29",
        "2023-02-29",
        None,
    ]
    texts += ["[" * 16 + "]" * 16, "31.04.24", "30.04.24", '"x\\"y"', '{"a":1}{"a":1}', "-0.5e3", "tru"]
    table = pa.table({"at": at(*range(len(texts))), "s": pa.array(texts)})
    checks = [
        {"check": "json", "column": "s"},
        {"check": "date_format", "column": "s", "format": "%Y-%m-%d"},
        {"check": "date_format", "column": "s", "format": "%d.%m.%y"},
    ]
    reports = on_engines(engine, table, "quality", checks=checks)
    alike(reports)
    found = [f.numbers["count"] for f in reports[1].findings if f.check in ("json", "date_format")]
    assert found == [10, 15, 15]


@engines
@pytest.mark.parametrize(
    "given",
    [
        {"columns": {"at": {"type": "timestamp"}, "[xnd]": {"type": "number"}, "gone_*": {"type": "date"}}},
        {"columns": {}},
        {"columns": {"at": {"type": "timestamp"}}, "extra_columns": "allow"},
    ],
)
def test_contracts_that_do_not_name_every_column(on_engines, engine, given):
    checks = [{"check": "range", "column": "n", "max": 3}, {"check": "missing", "column": "x"}]
    alike(on_engines(engine, awkward(ROWS), checks=checks, **given))
