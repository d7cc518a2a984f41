"""Rows in the order of many columns, as a sort by all of them gives it."""

import numpy as np
import pyarrow as pa
import pytest

from maestro_ml.training.row_order import ordered_by

NAN = float("nan")


@pytest.mark.parametrize("in_time", [True, False])
def test_the_order_is_that_of_a_sort_by_all_columns(in_time: bool) -> None:
    rng = np.random.default_rng(1)
    moments = rng.integers(0, 20, 400)
    table = pa.table(
        {
            "at": pa.array(np.sort(moments) if in_time else moments, pa.timestamp("us", "UTC")),
            "number": pa.array(rng.choice(np.array([1.0, 2.0, NAN, None], dtype=object), 400), pa.float64()),
            "text": pa.array(rng.choice(np.array(["a", "b", None], dtype=object), 400), pa.string()),
            "last": rng.permutation(400),
        }
    )
    expected = table.append_column("row", pa.array(range(400))).sort_by(
        [(name, "ascending") for name in table.schema.names]
    )
    keys = [lambda rows, name=name: table[name].take(pa.array(rows)) for name in table.schema.names]
    assert ordered_by(np.arange(400), keys).tolist() == expected["row"].to_pylist()
    some = np.arange(0, 400, 3)
    assert ordered_by(some, keys).tolist() == [row for row in expected["row"].to_pylist() if row % 3 == 0]


def test_a_column_is_not_read_where_those_before_decide() -> None:
    asked: list[list[int]] = []

    def first(rows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.ChunkedArray:
        return pa.chunked_array([[3, 1, 2, 1]]).take(pa.array(rows))

    def second(rows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.ChunkedArray:
        asked.append(rows.tolist())
        return pa.chunked_array([[0, 9, 0, 8]]).take(pa.array(rows))

    def third(rows: object) -> pa.ChunkedArray:
        raise AssertionError("every row has its place")

    assert ordered_by(np.arange(4), [first, second, third]).tolist() == [3, 1, 2, 0]
    assert asked == [[1, 3]]


@pytest.mark.parametrize("rows", [0, 1])
def test_there_may_be_no_row_or_one(rows: int) -> None:
    assert ordered_by(np.arange(rows), [lambda rows: pa.chunked_array([rows])]).tolist() == list(range(rows))
