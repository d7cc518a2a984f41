"""Values of the project file stay values in SQL, and keep their type."""

import duckdb
import pytest

from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.types import kind_of


@pytest.mark.parametrize("value", ["it's", "'; DROP TABLE t --", "''", "\\'", "", 'ü\n"', True, -7, 2**63, 0.1, 1e300])
def test_a_value_comes_back_as_it_is(value):
    [(found,)] = duckdb.sql(f"SELECT {literal(value)}").fetchall()
    assert found == value
    assert type(found) is type(value)


def test_a_number_with_a_point_is_a_double_and_no_decimal():
    assert duckdb.sql(f"SELECT typeof({literal(0.1)}), {literal(float('inf'))}").fetchall() == [
        ("DOUBLE", float("inf"))
    ]


@pytest.mark.parametrize("name", ['"', 'a"b', "a'b", "select", "x; --"])
def test_a_name_can_only_be_a_name(name):
    assert duckdb.sql(f"SELECT 1 AS {quoted(name)}").columns == [name]


@pytest.mark.parametrize("stored", ["INTEGER[]", "TIMESTAMP[]", "VARCHAR[3]", "DECIMAL(4,1)[]"])
def test_a_list_is_not_of_the_type_of_its_values(stored):
    assert kind_of(stored) == "other"
