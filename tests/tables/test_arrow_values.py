"""Numbers out of Arrow's buffers are those of the chunk, wherever in the buffer it begins."""

import numpy as np
import pyarrow as pa
import pytest

from maestro_ml.tables.arrow_values import present_values, values_and_validity


@pytest.mark.parametrize("type_", [pa.int8(), pa.uint64(), pa.int32(), pa.float32(), pa.float64()], ids=str)
@pytest.mark.parametrize(("start", "length"), [(0, 20), (3, 20), (3, 2), (9, 1), (0, 1)])
def test_the_values_of_a_slice_are_its_own(type_, start, length):
    chunk = pa.array([0, None, 2, 3, None, 5, None, None, 8, 9, 10, None], type_).slice(start, length)
    found = present_values(chunk)
    assert found.tolist() == [value for value in chunk.to_pylist() if value is not None]
    assert found.dtype == np.dtype(type_.to_pandas_dtype())


def test_values_at_positions_are_those_that_are_not_null_there():
    chunk = pa.array([7, 0, None, 2, 3], pa.int16()).slice(1)
    assert present_values(chunk, np.array([3, 1, 0])).tolist() == [3, 0]
    assert present_values(pa.array([4.0, 5.0, 6.0]), np.array([2])).tolist() == [6.0]


def test_without_nulls_there_is_no_validity():
    values, valid = values_and_validity(pa.array([1, 2, None, 4]).slice(0, 2))
    assert (values.tolist(), valid) == ([1, 2], None)
    _, valid = values_and_validity(pa.array([1, None, 3]).slice(1))
    assert valid.tolist() == [False, True]
