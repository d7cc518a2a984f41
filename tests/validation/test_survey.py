"""One pass over window and reference: what it counts and samples is what each side has by itself."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import Window
from maestro_ml.sql.aggregates import Aggregate
from maestro_ml.tables import open_dataset
from maestro_ml.validation.column_counts import column_counts
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.numeric_rows import random_rows, texts
from maestro_ml.validation.prefetch import prefetch_samples
from maestro_ml.validation.rows import LocalRows
from maestro_ml.validation.sides import SIDE, scans_of
from maestro_ml.validation.survey import Survey

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = {"at": {"type": "timestamp"}, "x": {"type": "number"}, "name": {"type": "string"}}


@pytest.fixture
def table(tmp_path, dataset_project):
    """Open a table of several files, each with rows of all four days in no order; x counts the rows."""

    @contextmanager
    def opened(kind: str = "parquet", **columns: object):
        random = np.random.default_rng(5)
        for number in range(4):
            rows = np.arange(600 * number, 600 * (number + 1))
            at = pd.Timestamp(START) + pd.to_timedelta(random.integers(0, 4 * 86_400, 600), unit="s")
            names = [f"n{row}" for row in rows]
            frame = pd.DataFrame({"at": at, "x": rows.astype(float), "name": names, **columns})
            frame.loc[random.random(600) < 0.1, "x"] = None
            if kind == "csv":
                frame.to_csv(tmp_path / f"{number}.csv", index=False)
            else:
                frame.to_parquet(tmp_path / f"{number}.parquet", row_group_size=100)
        source = {"kind": kind, "path": f"*.{kind}"}
        declared = COLUMNS | {name: {"type": "integer"} for name in columns}
        project = dataset_project(
            source=source, timestamp="at", timezone="UTC", columns=declared, reference={"kind": "previous"}, window="1d"
        )
        with open_dataset(project, "events") as dataset:
            yield dataset

    return opened


def days(dataset, *numbers: int) -> list[LocalRows]:
    return [LocalRows(dataset, Window(START + DAY * number, START + DAY * (number + 1))) for number in numbers]


@pytest.mark.parametrize(("numbers", "scans"), [((1, 2), 1), ((0, 2), 2), ((2, 1), 2), ((2, 2), 2), ((3,), 1)])
def test_both_sides_have_what_each_has_alone(table, numbers, scans):
    with table() as dataset:
        together, alone = days(dataset, *numbers), days(dataset, *numbers)
        assert len(scans_of(together)) == scans
        Survey(("x", "name"), 200, 7, ("at", "x", "name")).take(together)
        for side, by_itself in zip(together, alone, strict=True):
            assert side.column_counts == column_counts(by_itself, ("at", "x", "name"))
            shared, own = random_rows(side, ["x"], 200, 7), random_rows(by_itself, ["x"], 200, 7)
            assert len(shared.places) == 200
            assert shared.places.tolist() == own.places.tolist()
            assert np.array_equal(shared.numbers, own.numbers, equal_nan=True)


@pytest.mark.parametrize("numbers", [(1, 2), (0, 2), (2,)])
def test_aggregates_that_checks_wait_for_are_those_of_the_window(table, numbers):
    wanted = [
        Aggregate("present", "x"),
        Aggregate("largest", "x"),
        Aggregate("rows", condition="name LIKE '%7'"),
        Aggregate("nan_sign", "x"),
    ]
    with table() as dataset:
        sides, [alone] = days(dataset, *numbers), days(dataset, 2)
        Survey(("x",), 50, 0, ("x",), wanted).take(sides)
        assert all(aggregate in sides[-1].known for aggregate in wanted)
        assert sides[-1].values(wanted) == alone.values(wanted)


def test_a_large_reference_is_not_asked_what_only_the_window_is(table):
    wanted = Aggregate("largest", "x")
    with table() as dataset:
        window = Window(START + DAY * 3.9, START + DAY * 4)
        long, short = LocalRows(dataset, Window(START, window.start)), LocalRows(dataset, window)
        Survey(("x",), 50, 0, ("x",), [wanted]).take([long, short])
        assert wanted not in short.known


def test_a_check_that_cannot_be_measured_leaves_the_others_their_scan(table):
    with table() as dataset:
        context = ValidationContext(dataset, Window(START + DAY * 2, START + DAY * 3), START)
        wrong = Aggregate("rows", condition="name::INTEGER > 0")
        assert not prefetch_samples(context, [wrong])
        assert not context.current.samples
        assert prefetch_samples(context)
        assert context.current.samples
        assert wrong not in context.current.known


def test_a_scan_of_both_sides_holds_each_row_once(table):
    with table() as dataset:
        sides = days(dataset, 1, 2)
        [scan] = scans_of(sides)
        counts = dict(scan.rows.aggregate(f'"{SIDE}", count(*)', f'"{SIDE}"').fetchall())
        assert counts == {0: sides[0].count, 1: sides[1].count}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize("columns", [{}, {"file_row_number": 1}])
def test_a_place_leads_back_to_its_row_among_all_files(table, kind, columns):
    with table(kind, **columns) as dataset:
        [side] = days(dataset, 2)
        rows = random_rows(side, ["x"], 100, 0)
        assert len(set(rows.places)) == 100
        for (found,), (name, x) in zip(rows.numbers, texts(side, ["name", "x"], rows.places), strict=True):
            assert np.isnan(found) if x is None else name == f"n{found:.0f}"


def test_times_kept_as_numbers_are_read_where_rows_are_sampled_too(tmp_path, dataset_project):
    frame = pd.DataFrame({"at": START.timestamp() + 60.0 * np.arange(1_000), "x": np.arange(1_000.0)})
    frame.to_parquet(tmp_path / "events.parquet")
    declared = {"at": {"type": "timestamp", "unit": "s"}, "x": {"type": "number"}}
    source = {"kind": "parquet", "path": "events.parquet"}
    with open_dataset(dataset_project(source=source, timestamp="at", columns=declared), "events") as dataset:
        [side] = days(dataset, 0)
        assert side.count == 1_000
        assert len(random_rows(side, ["x"], 100, 0).places) == 100


def test_a_column_without_a_value_is_missing_in_every_row(tmp_path, dataset_project):
    at = pd.date_range(START, periods=50, freq="h")
    pd.DataFrame({"at": at, "x": np.arange(50.0), "name": [None] * 50}).to_parquet(tmp_path / "events.parquet")
    source = {"kind": "parquet", "path": "events.parquet"}
    with open_dataset(dataset_project(source=source, timestamp="at", columns=COLUMNS), "events") as dataset:
        rows = random_rows(days(dataset, 0)[0], ["x", "name"], 10, 0)
        assert np.isnan(rows.numbers[:, 1]).all()
        assert not np.isnan(rows.numbers[:, 0]).any()


def test_a_smaller_sample_is_part_of_a_larger_one(table):
    with table() as dataset:
        [side] = days(dataset, 1)
        Survey(("x",), 300, 0).take([side])
        large, small = (set(random_rows(side, ["x"], size, 0).places) for size in (300, 50))
        assert small < large


def test_an_empty_side_has_an_empty_sample(table):
    with table() as dataset:
        empty, side = days(dataset, -1, 0)
        Survey(("x",), 50, 0, ("x",)).take([empty, side])
        assert len(empty.samples[0].places) == 0
        assert empty.column_counts["x"] == {"missing": 0, "low": None, "high": None}
        assert len(side.samples[0].places) == 50


def test_stages_share_the_rows_that_were_looked_at_before_them(table, monkeypatch):
    with table() as dataset:
        context = ValidationContext(dataset, Window(START + 2 * DAY, START + 3 * DAY), START + 4 * DAY)
        prefetch_samples(context)
        assert context.current.extract.column_counts.keys() == COLUMNS.keys()
        monkeypatch.setattr("maestro_ml.validation.survey.Survey.take", None)
        from maestro_ml.validation.profile.build import profiles

        assert [profile.column for profile in profiles(context, [*COLUMNS])] == [*COLUMNS]


def test_the_rows_of_the_reference_are_counted_with_the_times_of_all_rows(table, monkeypatch):
    with table() as dataset:
        window = Window(START + 2 * DAY, START + 3 * DAY)
        [alone] = days(dataset, 1)
        context = ValidationContext(dataset, window, START + 4 * DAY)
        context.measure_times()
        monkeypatch.setattr("maestro_ml.validation.rows.aggregates", None)
        assert context.reference.count == alone.rows.count("*").fetchall()[0][0] > 0
        assert context.staleness is not None
