"""Numbers out of Arrow's buffers are those of the chunk, wherever in it they begin; arrays made here are Arrow's."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal

from maestro_ml.core.sided import CURRENT, REFERENCE
from maestro_ml.tables.arrow_values import (
    as_numpy,
    as_sided,
    moment_array,
    number_array,
    text_array,
    values_and_validity,
)


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


@pytest.mark.parametrize("type_", [pa.int8(), pa.int64(), pa.float64()], ids=str)
@pytest.mark.parametrize(("start", "length"), [(0, 6), (2, 3), (1, 1), (6, 0)])
def test_missing_numbers_are_nan(type_, start, length):
    chunk = pa.array([1, None, 3, 4, None, 6], type_).slice(start, length)
    assert_array_equal(as_numpy(chunk), chunk.to_numpy(zero_copy_only=False))
    assert as_numpy(pa.array([1, 2], type_)).dtype == type_.to_pandas_dtype()


@pytest.mark.parametrize("texts", [[], ["a"], ["", "long text", "ü", "日本"]])
def test_texts_become_the_array_that_arrow_makes_of_them(texts):
    found = text_array(texts)
    found.validate(full=True)
    assert found.equals(pa.array(texts, pa.string()))


def test_numbers_and_moments_become_the_arrays_that_arrow_makes_of_them():
    numbers = [1, 2.5, -0.0, float("inf")]
    assert number_array(numbers).equals(pa.array(numbers, pa.float64()))
    assert len(number_array([])) == 0

    moments = [datetime(2024, 1, 1, 0, 0, 0, 7, tzinfo=UTC), datetime(1969, 12, 31, 23, tzinfo=UTC)]
    moments.append(datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2))))
    assert moment_array(moments).equals(pa.array(moments, pa.timestamp("us", "UTC")))
