"""Trends and histograms of a report: where lines have gaps, bars and ends."""

from datetime import UTC, datetime, timedelta

import pytest
from profile_sides import side

from maestro_ml.validation.history.runs import History, RunMetrics
from maestro_ml.validation.profile.model import ColumnProfile
from maestro_ml.validation.report.charts import ends_of, histogram_svg, line_svg
from maestro_ml.validation.report.trends import Series, trends

START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)


def metrics(days: int, **values: dict[str, float]) -> RunMetrics:
    shift = timedelta(days=days)
    return RunMetrics(
        run=str(days),
        start=START + shift,
        end=END + shift,
        created=END,
        verdict="warn" if days else "pass",
        values=values,
    )


def test_trends_hold_what_this_run_measured_and_gaps_where_another_did_not() -> None:
    columns = {"missing_share": {"x": 0.5, "hidden": 1}, "drift": {"x": 0.2}, "mean": {"x": 3}, "median": {"y": 4}}
    current = metrics(0, rows={"": 10}, errors={"": 1}, **columns)
    earlier = (metrics(-1, rows={"": 9}, drift={"x": 0.1}), metrics(-2, errors={"": 0}, old={"": 1}))
    drawn = trends(History(earlier, ("a broken run",)), current, ["x", "y"])
    assert drawn is not None
    assert drawn.ends == tuple(END + timedelta(days=days) for days in (-2, -1, 0))
    assert (drawn.verdicts, drawn.left_out) == (("warn", "warn", "pass"), ("a broken run",))
    assert drawn.series == (
        Series(metric="rows", column=None, values=(None, 9, 10)),
        Series(metric="errors", column=None, values=(0, None, 1)),
        Series(metric="missing_share", column="x", values=(None, None, 0.5)),
        Series(metric="drift", column="x", values=(None, 0.1, 0.2)),
        Series(metric="median", column="y", values=(None, None, 4)),
    )


def test_trends_show_thirty_runs_and_need_an_earlier_one() -> None:
    drawn = trends(History(tuple(metrics(-day, rows={"": day}) for day in range(1, 40))), metrics(0, rows={"": 0}), ())
    assert drawn is not None
    assert drawn.series[0].values == tuple(range(29, -1, -1))
    assert trends(History((metrics(1, rows={"": 1}),)), metrics(0, rows={"": 0}), ()) is None


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([1, 3, 2], 'd="M3 25L60 3L117 14"'),
        ([1, None, 3], 'd="M3 25M117 3"'),
        ([5], 'd="M3 14"'),
        ([None], 'd=""'),
    ],
)
def test_a_line_has_a_gap_where_nothing_was_measured_and_ends_in_a_dot(values: list[float | None], path: str) -> None:
    drawn = line_svg(values, "rows")
    assert path in drawn
    assert drawn.count("<circle") == (values[-1] is not None)
    assert drawn.startswith('<svg class="line" role="img" aria-label="rows" viewBox="0 0 120 28">')


def profile(kind: str = "number", edges: tuple[float, ...] = (0, 1, 2), **other: object) -> ColumnProfile:
    now = side(counts=(1, 3), quantiles={"0.25": 0.5, "0.75": 1.5}, low=0, high=2)
    return ColumnProfile(**{"column": "x", "kind": kind, "edges": edges, "current": now} | other)


@pytest.mark.parametrize(
    ("kind", "edges", "ends"),
    [
        ("number", (0.25, 1, 2), ("0.25", "2")),
        ("timestamp", (0, 3600, 7200), ("1970-01-01 00:00:00", "1970-01-01 02:00:00")),
        ("date", (0, 86_400, 172_800), ("1970-01-01", "1970-01-02")),  # the end is the day after
    ],
)
def test_where_a_histogram_begins_and_ends(kind: str, edges: tuple[float, ...], ends: tuple[str, str]) -> None:
    assert ends_of(profile(kind, edges)) == ends


def test_a_histogram_says_in_words_what_it_shows() -> None:
    compared = profile(reference=side(counts=(2, 2), quantiles={"0.25": 0.1, "0.75": 0.9}))
    days = profile("date", current=side(counts=(1, 3), low="2024-01-01", high="2024-01-31"), reference=side())
    alone = "Histogram of x: now half of the values between 0.5 and 1.5"
    assert f'aria-label="{alone}"' in histogram_svg(profile())
    assert f'aria-label="{alone}; in the reference half of the values between 0.1 and 0.9"' in histogram_svg(compared)
    assert "now from 2024-01-01 to 2024-01-31; in the reference no value" in histogram_svg(days)


@pytest.mark.parametrize(
    ("fields", "bars"),
    [
        ({"counts": (1, 3)}, "M0 72v-24h112.8V72M120 72v-72h112.8V72"),
        ({"counts": (0, 3)}, "M120 72v-72h112.8V72"),
        ({"counts": (2, 2), "below": 4}, "M0 72v-72h75.2V72M80 72v-36h75.2V72M160 72v-36h75.2V72"),
        ({"counts": (2, 2), "above": 4}, "M0 72v-36h75.2V72M80 72v-36h75.2V72M160 72v-72h75.2V72"),
    ],
)
def test_bars_are_shares_of_the_highest(fields: dict[str, object], bars: str) -> None:
    assert f'<path class="now" d="{bars}"/>' in histogram_svg(profile(current=side(**fields)))


def test_nothing_is_drawn_of_no_value() -> None:
    assert histogram_svg(profile(current=side(counts=(0, 0)))) is None
    assert histogram_svg(profile(edges=())) is None
