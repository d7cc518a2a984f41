"""What a check against earlier runs finds: at its limits and beyond, and every number."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from maestro_ml.checks.history import NullRateHistoryCheck, RowCountHistoryCheck
from maestro_ml.core.findings import Finding
from maestro_ml.core.window import Window
from maestro_ml.validation.history.runs import History, RunMetrics, Usual
from maestro_ml.validation.history_checks import against_history

START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
JANUARY = Window(START, START + timedelta(days=31))
ROWS = RowCountHistoryCheck(check="row_count_history", min_runs=3, runs=5)
NULLS = NullRateHistoryCheck(check="null_rate_history", column="x", min_runs=3, runs=5)


def context(values: list[float], metric: str = "rows", column: str = "", **spec: Any) -> Any:
    """Return runs of these values, the last of them a day before January's."""
    runs = [
        RunMetrics(
            run=str(ago),
            start=JANUARY.start - timedelta(days=ago),
            end=JANUARY.end - timedelta(days=ago),
            created=START,
            verdict="pass",
            values={metric: {column: value}},
        )
        for ago, value in zip(range(len(values), 0, -1), values, strict=True)
    ]
    dataset = SimpleNamespace(types={"x": "DOUBLE"}, can_be_nan=lambda _: False)
    columns = {"y": SimpleNamespace(required=False), "z": SimpleNamespace(required=True)}
    spec = SimpleNamespace(columns=columns)
    return SimpleNamespace(history=History(tuple(runs)), window=JANUARY, dataset=dataset, spec=spec)


def rows_found(count: int, values: list[float], **check: Any) -> Finding:
    return against_history(ROWS.model_copy(update=check), context(values)).judge(count)  # type: ignore[union-attr]


def nulls_found(rows: int, missing: int, values: list[float], **check: Any) -> Finding:
    checked = NULLS.model_copy(update=check)
    probe = against_history(checked, context(values, "missing_share", "x"))
    return probe.judge(rows, rows - missing)  # type: ignore[union-attr]


@pytest.mark.parametrize(("count", "violated"), [(94, True), (95, False), (105, False), (106, True)])
def test_the_number_of_rows_may_be_at_its_limits(count: int, violated: bool) -> None:
    found = rows_found(count, [1, 2, 100, 100, 100, 100, 100])  # the last five are constant: 5 % of 100
    assert found.model_dump(mode="json") == {
        "stage": "quality",
        "check": "row_count_history",
        "column": None,
        "outcome": "violated" if violated else "ok",
        "severity": "warn",
        "message": f"{count} rows; the last 5 runs say 95 to 105 (median 100 +- 4 MAD)",
        "numbers": {"low": 95.0, "high": 105.0, "median": 100.0, "runs": 5, "rows": count},
        "sample": None,
    }


def test_the_limits_follow_from_the_median_deviation() -> None:
    found = rows_found(100, [90, 95, 100, 105, 110], factor=2.0)
    reach = 2 * 1.4826 * 5
    assert found.numbers == {"low": 100 - reach, "high": 100 + reach, "median": 100, "runs": 5, "rows": 100}
    assert rows_found(100, [1, 1, 10], factor=50.0).numbers["low"] == 0.95  # two of three are alike
    assert Usual(10, 5, 3).limits(4, 1) == (0.0, 30)
    assert Usual(10, 0.1, 3).limits(4, 1) == (9, 11)


@pytest.mark.parametrize(("runs", "compared"), [(2, False), (3, True)])
def test_so_many_runs_are_needed(runs: int, compared: bool) -> None:
    found = rows_found(1, [100.0] * runs)
    assert found.violated is compared
    if not compared:
        assert found.message == "1 rows; not compared: 2 earlier runs, 3 are needed (min_runs)"
        assert found.numbers == {"runs": 2, "rows": 1}
    assert rows_found(1, []).message == "1 rows; not compared: 0 earlier runs, 3 are needed (min_runs)"


def test_of_a_season_only_the_same_weekday_counts() -> None:
    values = [float(n) for n in range(22, 0, -1)]  # 22 days ago: 22, ...
    found = rows_found(14, values, season="weekday")
    assert (found.numbers["median"], found.numbers["runs"]) == (14, 3)  # 21, 14 and 7 days ago
    assert found.message == "14 rows; the last 3 runs on a Thursday say 0 to 55.5128 (median 14 +- 4 MAD)"
    message = "14 rows; not compared: 3 earlier runs on a Thursday, 4 are needed (min_runs)"
    assert rows_found(14, values, season="weekday", min_runs=4).message == message
    assert rows_found(14, values).numbers["median"] == 3


@pytest.mark.parametrize(("missing", "violated"), [(24, True), (25, False), (75, False), (76, True)])
def test_the_share_of_missing_values_may_be_at_its_limits(missing: int, violated: bool) -> None:
    found = nulls_found(100, missing, [0.5] * 5, min_change=0.25)
    assert found.violated is violated
    assert (found.column, found.check) == ("x", "null_rate_history")
    assert found.message == (
        f"{missing} of 100 ({missing} %) missing; the last 5 runs say 25 % to 75 % (median 50 % +- 4 MAD)"
    )
    assert found.numbers == {"low": 0.25, "high": 0.75, "median": 0.5, "runs": 5, "count": missing, "rows": 100}


def test_nothing_missing_and_no_rows_have_their_words() -> None:
    assert nulls_found(100, 0, [0.1] * 5).message.startswith("0 of 100 missing; the last 5 runs say ")
    empty = nulls_found(0, 0, [0.1] * 5)
    assert (empty.violated, empty.message) == (False, "0 of 0 missing; not compared: the window is empty")
    assert empty.numbers == {"runs": 5, "count": 0, "rows": 0}


@pytest.mark.parametrize(
    ("column", "violated", "message"),
    [
        ("y", False, "the column is optional, and not there"),
        ("z", True, "cannot be checked: the column is missing"),
        ("undeclared", True, "cannot be checked: the column is missing"),
    ],
)
def test_a_column_that_is_not_there(column: str, violated: bool, message: str) -> None:
    check = NULLS.model_copy(update={"column": column})
    found = against_history(check, context([]))
    assert (found.violated, found.message, found.column) == (violated, message, column)  # type: ignore[union-attr]


@pytest.mark.parametrize(("check", "column"), [(ROWS, None), (NULLS, "x")])
def test_an_error_of_the_database_is_a_finding(check: Any, column: str | None) -> None:
    found = against_history(check, context([])).failed(ZeroDivisionError())  # type: ignore[union-attr]
    assert (found.violated, found.column, found.severity) == (True, column, "warn")
    assert found.message == "could not be checked: ZeroDivisionError"


def test_only_windows_of_the_same_length_that_ended_before_are_compared() -> None:
    def run(name: str, start: int, end: int, created: int, **values: float) -> RunMetrics:
        day = timedelta(days=1)
        return RunMetrics(
            run=name,
            start=JANUARY.start + start * day,
            end=JANUARY.end + end * day,
            created=START + created * day,
            verdict="pass",
            values={metric: {"": value} for metric, value in values.items()},
        )

    history = History(
        (
            run("again", -2, -2, 3, rows=3.0),
            run("older", -1, -1, 1, rows=1.0),
            run("first", -2, -2, 0, rows=9.0, other=5.0),
            run("same window", 0, 0, 0, rows=7.0),
            run("longer", -3, -1, 0, rows=8.0),
        )
    )
    found = history.before(JANUARY)
    assert [(each.run, each.values) for each in found] == [
        ("again", {"other": {"": 5.0}, "rows": {"": 3.0}}),  # what the second try did not measure stays
        ("older", {"rows": {"": 1.0}}),
    ]
    assert found[0].value("rows") == 3.0
    assert found[0].value("rows", "x") is found[0].value("never") is None
