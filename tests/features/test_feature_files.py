"""Files of feature sources: which are read, and what of them is believed."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_lies import exchanged, whole, write

from maestro_ml.features.feature_rows import FeatureRows
from maestro_ml.tables import DataError
from maestro_ml.tables.duckdb import connect

T0 = datetime(2024, 1, 1, tzinfo=UTC)


def table(start: datetime = T0) -> pa.Table:
    times = pa.array([start + timedelta(hours=hour) for hour in range(3)], pa.timestamp("us", "UTC"))
    return pa.table({"driver": ["a", "b", "a"], "at": times, "rating": [1.0, 2.0, 3.0]})


def ratings(path: object) -> list[float]:
    with connect() as connection:
        rows = FeatureRows(str(path), ("driver",), "at").between(connection, ["rating"], T0, T0 + timedelta(days=1))
        return sorted(row[0] for row in rows.project("feature_0").fetchall())


def test_a_folder_s_name_is_no_column(tmp_path):
    (tmp_path / "rating=9" / "driver=z").mkdir(parents=True)
    pq.write_table(table(), tmp_path / "rating=9" / "driver=z" / "a.parquet")
    assert ratings(tmp_path) == [1.0, 2.0, 3.0]


def test_hidden_files_are_no_features_and_what_would_be_left_out_is_an_error(tmp_path):
    pq.write_table(table(), tmp_path / "a.parquet")
    pq.write_table(table(), tmp_path / "_b.parquet")
    assert ratings(tmp_path) == [1.0, 2.0, 3.0]
    pq.write_table(table(), tmp_path / "part-00001")
    with pytest.raises(DataError, match="part-00001 looks like data and would be left out"):
        ratings(tmp_path)


def test_rows_are_chosen_by_their_time_where_a_footer_lies_about_it(tmp_path):
    later = T0 + timedelta(days=400)
    write(tmp_path / "lake" / "a.parquet", exchanged(whole(table()), whole(table(later))))
    assert ratings(tmp_path / "lake") == [1.0, 2.0, 3.0]
