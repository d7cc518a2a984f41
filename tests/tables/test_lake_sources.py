"""Delta Lake and Iceberg: tables written here, and read back."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from written_tables import (
    TABLE,
    iceberg_table,
    write_delta,
)

from maestro_ml.project import ProjectError, Window
from maestro_ml.tables import DataError

NOON = datetime(2024, 1, 2, 12)  # noqa: DTZ001 - a workbook has no zones


class TestDelta:
    def test_a_version(self, tmp_path, table_of):
        from deltalake import write_deltalake

        source = write_delta(tmp_path)
        write_deltalake(str(tmp_path / "delta"), TABLE, mode="append")
        for version, rows in ((None, 6), (1, 6), (0, 3)):
            with table_of(source | ({} if version is None else {"version": version})) as table:
                assert len(table.relation) == rows

    def test_a_version_that_is_not_there_is_named(self, tmp_path, table_of):
        source = write_delta(tmp_path) | {"version": 7}
        with pytest.raises(DataError, match="there is no version 7; the newest is 0") as caught, table_of(source):
            pass
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize(
        ("protocol", "configuration", "named"),
        [
            ({"minReaderVersion": 2, "minWriterVersion": 5}, {"delta.columnMapping.mode": "name"}, "columnMapping"),
            (
                {"minReaderVersion": 3, "minWriterVersion": 7}
                | {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]},
                {"delta.enableDeletionVectors": "true"},
                "deletionVectors",
            ),
        ],
    )
    def test_what_deltalake_would_read_wrongly_is_refused(self, tmp_path, table_of, protocol, configuration, named):
        source = write_delta(tmp_path)
        [log] = (tmp_path / "delta" / "_delta_log").glob("*.json")
        actions = [json.loads(line) for line in log.read_text().splitlines()]
        for action in actions:
            if "metaData" in action:
                action["metaData"]["configuration"] |= configuration
                schema = json.loads(action["metaData"]["schemaString"])
                for number, column in enumerate(schema["fields"], 1):
                    names = {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": f"col-{number}"}
                    column["metadata"] |= names
                action["metaData"]["schemaString"] = json.dumps(schema)
        actions = [{"protocol": protocol} if "protocol" in action else action for action in actions]
        log.write_text("\n".join(map(json.dumps, actions)))
        refused = rf"delta cannot be read: .*{named}.*; a copy that is written without it .* can be read"
        with pytest.raises(DataError, match=refused), table_of(source):
            pass


class TestIceberg:
    def test_a_catalog_and_a_snapshot(self, tmp_path, table_of, monkeypatch):
        from pyiceberg.utils.config import Config

        made = iceberg_table(tmp_path)
        first = made.current_snapshot().snapshot_id
        made.append(TABLE)
        monkeypatch.setenv("PYICEBERG_CATALOG__SHOP__TYPE", "sql")
        monkeypatch.setenv("PYICEBERG_CATALOG__SHOP__URI", f"sqlite:///{tmp_path}/catalog.db")
        monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())  # read once a process
        source = {"kind": "iceberg", "catalog": "shop", "table": "sales.orders"}
        with table_of(source) as table:
            assert len(table.relation) == 6
        with table_of(source | {"snapshot": first}) as table:
            assert len(table.relation) == 3
        with pytest.raises(DataError, match="there is no such table"), table_of(source | {"table": "sales.nothing"}):
            pass

    @pytest.mark.parametrize("place", [{}, {"path": "x", "table": "a.b", "catalog": "c"}, {"table": "a.b"}])
    def test_it_is_in_one_place(self, dataset_project, place):
        with pytest.raises(ProjectError, match="by its path, or by catalog and table"):
            dataset_project(source={"kind": "iceberg", **place}, columns={"n": {"type": "integer"}})


def test_of_a_delta_table_only_the_files_of_the_window_are_read(tmp_path, table_of):
    """The files of the other months are gone."""
    import pyarrow.parquet as pq
    from deltalake import write_deltalake

    for month in range(1, 7):
        times = pa.array([datetime(2024, month, day, tzinfo=UTC) for day in range(1, 28)], pa.timestamp("us", "UTC"))
        rows = pa.table({"at": times, "n": pa.array(range(27)), "wide": pa.array(["x" * 99] * 27)})
        write_deltalake(str(tmp_path / "delta"), rows, mode="append")
    for file in (tmp_path / "delta").glob("*.parquet"):
        if pq.read_table(file)["at"][0].as_py().month != 4:
            file.unlink()
    with table_of({"kind": "delta", "path": "delta"}, {"at": "timestamp", "n": "integer"}) as table:
        april = Window(datetime(2024, 4, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC))
        assert table.rows(april, ["n"]).fetchall() == [(n,) for n in range(27)]
