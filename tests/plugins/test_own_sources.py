"""A source of a project's own: that of docs/extending.md, as it stands there."""

import textwrap
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from jsonschema import Draft202012Validator

from maestro_ml.cli.app import run
from maestro_ml.project import Project, ProjectError, Window, load_project
from maestro_ml.tables import DataError, open_dataset
from maestro_ml.validation import validate_dataset

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
HERE = Path(__file__).parent
NOW = datetime(2024, 3, 1, tzinfo=UTC)
LAST_WEEK = Window(NOW - timedelta(days=7), NOW)
SOURCE = {"kind": "meters.Meters", "folder": "readings"}
COLUMNS = {"at": {"type": "timestamp"}, "kwh": {"type": "number"}}


@pytest.fixture
def write(tmp_path):
    """Provide `write(source, code=...)`: a project with the page's class and sixty days of readings."""
    section = PAGE.read_text().partition("## A source\n")[2].partition("## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("    ") or not line]
    page = textwrap.dedent("\n".join(lines))
    (tmp_path / "readings").mkdir()
    for day in range(60):
        name = date(2024, 1, 1) + timedelta(days=day)
        (tmp_path / "readings" / f"{name}.txt").write_text(" ".join(str(day + hour / 24) for hour in range(24)))

    def written(source=SOURCE, before="", after="", **dataset):
        assert before in page
        (tmp_path / "meters.py").write_text(page.replace(before, after) if before else page)
        given = {"timestamp": "at", "window": "7d", "columns": COLUMNS, **dataset}
        given = {key: value for key, value in given.items() if value is not None}
        text = yaml.safe_dump({"name": "power", "datasets": {"power": {"source": source, **given}}}, sort_keys=False)
        (tmp_path / "maestro.yaml").write_text(text)
        return tmp_path

    return written


def test_the_example_is_twenty_lines_or_so(write):
    code = [line for line in (write() / "meters.py").read_text().splitlines() if line.strip()]
    assert len(code) <= 22


def test_its_rows_are_validated_with_drift_and_the_times_of_all_rows_are_known(write):
    folder = write(
        reference={"kind": "previous"},
        drift={"columns": ["kwh"]},
        checks=[{"check": "range", "column": "kwh", "min": 54}],
        freshness={"max_age": "2h"},
    )
    report = validate_dataset(load_project(folder, {}), "power", LAST_WEEK, now=NOW)
    found = {finding.check: finding for finding in report.findings}
    assert (report.rows, report.newest) == (7 * 24, NOW - timedelta(hours=1))
    assert found["range"].numbers["count"] == 24
    assert found["kolmogorov_smirnov"].violated
    assert not found["freshness"].violated
    assert not found["untimed"].violated


def test_only_what_overlaps_the_windows_is_asked_for(write):
    before = "readings = [float(reading) for reading in file.read_text().split()]"
    after = 'readings = (print("read", file.stem), [float(reading) for reading in file.read_text().split()])[1]'
    project = load_project(write(before=before, after=after), {})
    with pytest.MonkeyPatch.context() as patch:
        seen = []
        patch.setattr("builtins.print", lambda *words: seen.append(words[1]))
        with open_dataset(project, "power", [LAST_WEEK]) as table:
            assert len(table.rows(LAST_WEEK)) == 7 * 24
            assert seen == [f"2024-02-{day}" for day in range(21, 30)]
            assert table.time_counter.count(NOW, NOW).rows == 60 * 24


def test_a_table_without_a_time_is_read_whole(write):
    folder = write(timestamp=None, window=None, columns={"kwh": {"type": "number"}})
    assert validate_dataset(load_project(folder, {}), "power", LAST_WEEK, now=NOW).rows == 60 * 24


@pytest.mark.parametrize("timestamp", ["at", None])
def test_its_rows_are_compared_with_an_earlier_export_as_parquet(write, timestamp):
    more = {} if timestamp else {"window": None}
    folder = write(reference={"kind": "snapshot", "path": "old"}, drift={}, timestamp=timestamp, **more)
    (folder / "old").mkdir()
    for day in (1, 2):
        moments = [datetime(2023, 12, day, hour, tzinfo=UTC) for hour in range(24)]
        readings = pa.table({"at": moments, "kwh": [float(hour) for hour in range(24)]})
        pq.write_table(readings, folder / "old" / f"{day}.parquet")
    report = validate_dataset(load_project(folder, {}), "power", LAST_WEEK, now=NOW)
    [drift] = report.drift_tests
    assert (drift.check, drift.violated) == ("kolmogorov_smirnov", True)
    assert "against 48" in drift.message
    assert report.snapshot == "old"


def test_an_empty_window_says_where_the_rows_are(write):
    early = Window(datetime(2023, 1, 1, tzinfo=UTC), datetime(2023, 1, 8, tzinfo=UTC))
    project = load_project(write(), {})
    [found] = [f for f in validate_dataset(project, "power", early, now=NOW).findings if f.check == "rows"]
    assert "the data run from 2024-01-01 00:00 to 2024-02-29 23:00 UTC" in found.message


def test_it_works_on_the_command_line(write, capfd):
    folder = write(checks=[{"check": "range", "column": "kwh", "min": 100}])
    code = run(["validate", "power", "--project", str(folder), "--at", "latest"])
    assert code == 1
    assert "168 of 168 (100.00 %) outside 100 to any" in capfd.readouterr().err


MISTAKES = {
    "a key too many": (SOURCE | {"foldr": "x"}, "source.foldr", "did you mean 'folder'?"),
    "a key too few": ({"kind": "meters.Meters"}, "source.folder", "required, but missing"),
    "a wrong value": (SOURCE | {"folder": 7}, "source.folder", "expected text"),
    "no such class": (SOURCE | {"kind": "meters.Metres"}, "source.kind", "has no 'Metres'; did you mean 'Meters'?"),
    "no such module": (SOURCE | {"kind": "metres.Meters"}, "source.kind", "a file beside maestro.yaml"),
    "no source": (SOURCE | {"kind": "meters.SCHEMA"}, "source.kind", "is not a source: it is not a subclass of"),
    "a source that opens nothing": (
        {"kind": "maestro_ml.project.table_source.TableSource"},
        "source.kind",
        "does not implement open",
    ),
    "a kind nobody offers": ({"kind": "metres"}, "source.kind", "no kind 'metres'"),
    "another engine": (SOURCE, "engine", "engine: spark reads Parquet, and the source is meters.Meters"),
    "a snapshot": (SOURCE, "reference.table", "a snapshot of it has a path, not a table"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_has_its_line_and_key(write, name):
    source, key, words = MISTAKES[name]
    more = {"another engine": {"engine": "spark"}, "a snapshot": {"reference": {"kind": "snapshot", "table": "x"}}}
    folder = write(source, **more.get(name, {}))
    with pytest.raises(ProjectError) as caught:
        load_project(folder, {})
    [problem] = [problem for problem in caught.value.problems if problem.key == f"datasets.power.{key}"]
    assert words in problem.message
    assert problem.line > 0


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("return pa.Rec", "raise OSError('the meter is gone')\n        return pa.Rec", "OSError: the meter is gone"),
        ("float(reading)", "float('x')", "could not convert string to float"),
        ("return pa.RecordBatchReader", "return [1]\n        return pa.RecordBatchReader", "and there is list"),
        ("pa.float64()", "pa.decimal256(60, 2)", "column kwh is decimal256(60, 2), which has no type here"),
        ('"kwh": pa', '"AT": pa', "two columns are named at and AT"),
    ],
)
def test_what_goes_wrong_in_it_is_one_error_that_names_it(write, before, after, words):
    project = load_project(write(before=before, after=after), {})
    with pytest.raises(DataError) as caught, open_dataset(project, "power"):
        pass
    assert words in str(caught.value)
    assert str(caught.value).startswith("meters.Meters")


def test_an_installed_package_offers_it_by_name(write, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    project = load_project(
        write({"kind": "counted", "rows": 3}, columns={"n": {"type": "integer"}}, timestamp=None, window=None), {}
    )
    with open_dataset(project, "power") as table:
        assert table.relation.fetchall() == [(0,), (1,), (2,)]


def test_editors_know_it(write):
    folder = write()
    load_project(folder, {})
    schema = Draft202012Validator(Project.model_json_schema(by_alias=True))
    data = yaml.safe_load((folder / "maestro.yaml").read_text())
    assert list(schema.iter_errors(data)) == []
    data["datasets"]["power"]["source"] = {"kind": "metres"}
    assert list(schema.iter_errors(data))
