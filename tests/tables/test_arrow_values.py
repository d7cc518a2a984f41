"""Numbers out of Arrow's buffers are those of the chunk, wherever in the buffer it begins."""

import numpy as np
import pyarrow as pa
import pytest

from maestro_ml.core.sided import CURRENT, REFERENCE
from maestro_ml.tables.arrow_values import as_sided, values_and_validity


@pytest.mark.parametrize("type_", [pa.int8(), pa.uint64(), pa.int32(), pa.float32(), pa.float64()], ids=str)
@pytest.mark.parametrize(("start", "length"), [(0, 20), (3, 20), (3, 2), (9, 1), (0, 1)])
def test_the_values_of_a_slice_are_its_own(type_, start, length):
    chunk = pa.array([0, None, 2, 3, None, 5, None, None, 8, 9, 10, None], type_).slice(start, length)
    found = as_sided(chunk, CURRENT).of(CURRENT)
    assert found.tolist() == [value for value in chunk.to_pylist() if value is not None]
    assert found.dtype == np.dtype(type_.to_pandas_dtype())


def test_values_that_are_null_are_of_neither_side():
    chunk = pa.array([7, 0, None, 2, 3], pa.int16()).slice(1)
    sides = np.array([REFERENCE, CURRENT, CURRENT, REFERENCE], np.int8)
    found = as_sided(chunk, sides)
    assert (found.of(REFERENCE).tolist(), found.of(CURRENT).tolist()) == ([0, 3], [2])
    assert as_sided(chunk, REFERENCE).of(CURRENT).tolist() == []


def test_without_nulls_there_is_no_validity():
    values, valid = values_and_validity(pa.array([1, 2, None, 4]).slice(0, 2))
    assert (values.tolist(), valid) == ([1, 2], None)
    _, valid = values_and_validity(pa.array([1, None, 3]).slice(1))
    assert valid.tolist() == [False, True]
