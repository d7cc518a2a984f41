"""Names and columns of a feature source: any name may occur, and one that is missing is named."""

import pyarrow as pa
import pytest
from rated_drivers import as_of, rated, times, view, written

from maestro_ml.tables import DataError

NAMES = [
    "__event_time",
    "__position",
    "__rank",
    "__row",
    "known",
    "asked",
    "entities",
    "key_0",
    "common_0",
    "feature_0",
]
NAMES += ["moment", "place", "nth", "ordinal", "created", "row", "rating.x", 'q"uote', "select", "label"]


@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_have_any_name(tmp_path, name):
    path = written(
        tmp_path,
        **{"driver": ["a", "b"], "event_timestamp": times(0, 0), name: [1.0, 2.0], "_other": [3.0, 4.0]},
    )
    asked = pa.table({"driver": ["b"], "event_timestamp": times(1)})

    assert as_of(view(path, features=(name,)), asked)[name].to_pylist() == [2.0]


@pytest.mark.parametrize("name", NAMES)
def test_a_key_may_have_any_name_on_both_sides(tmp_path, name):
    path = written(tmp_path, **{name: ["a", "b"], "event_timestamp": times(0, 0), "rating": [1.0, 2.0]})
    asked = pa.table({name: ["b"], "event_timestamp": times(1), "_other": [1]})

    assert as_of(view(path, key=name), asked)["rating"].to_pylist() == [2.0]


@pytest.mark.parametrize("name", NAMES)
def test_an_event_time_may_have_any_name_of_a_source(tmp_path, name):
    path = written(tmp_path, **{"driver": ["a", "a"], name: times(0, 5), "rating": [1.0, 2.0]})
    asked = pa.table({"driver": ["a"], "event_timestamp": times(1), "TS": [1], "ts": [2], "Driver": ["b"]})

    assert as_of(view(path, timestamp_field=name), asked)["rating"].to_pylist() == [1.0]


def test_names_are_matched_in_their_case(tmp_path):
    asked = pa.table({"driver": ["a"], "event_timestamp": times(1)})
    path = written(tmp_path, driver=["a"], event_timestamp=times(0), rating=[1.0])
    with pytest.raises(DataError, match="has no column RATING; there are: driver, event_timestamp, rating"):
        as_of(view(path, features=("RATING",)), asked)

    path = written(tmp_path, driver=["a"], event_timestamp=times(0), rating=[1.0], Rating=[2.0])
    with pytest.raises(DataError, match="rating and Rating differ in case only"):
        as_of(view(path, features=("Rating",)), asked)


@pytest.mark.parametrize(
    ("missing", "source"),
    [
        ("driver", {}),
        ("event_timestamp", {}),
        ("rating", {}),
        ("made", {"created_timestamp_column": "made"}),
    ],
)
def test_a_missing_column_is_named_with_view_and_source(tmp_path, missing, source):
    columns = {"driver": ["a"], "event_timestamp": times(0), "rating": [1.0], "made": times(0)}
    path = written(tmp_path, **{name: values for name, values in columns.items() if name != missing})
    asked = pa.table({"driver": ["a"], "event_timestamp": times(1)})

    with pytest.raises(DataError, match=rf"^feature view stats: .*stats\.parquet has no column {missing}; there are: "):
        as_of(view(path, **source), asked)


def test_the_name_of_a_folder_is_no_column(tmp_path):
    (tmp_path / "rating=9").mkdir()
    asked = pa.table({"driver": ["a"], "event_timestamp": times(1)})

    assert as_of(view(rated(tmp_path / "rating=9", pa.array(["a"]))), asked)["rating"].to_pylist() == [0.0]
