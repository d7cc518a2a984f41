import duckdb
import pytest

from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import fits, is_naive, kind_of


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("1::TINYINT", "integer"),
        ("1::UBIGINT", "integer"),
        ("1::HUGEINT", "integer"),
        ("1.5::FLOAT", "number"),
        ("1.5::DECIMAL(10, 2)", "number"),
        ("'a'", "string"),
        ("'a'::ENUM('a', 'b')", "string"),
        ("true", "boolean"),
        ("DATE '2024-01-01'", "date"),
        ("TIMESTAMP '2024-01-01'", "timestamp"),
        ("'2024-01-01'::TIMESTAMP_NS", "timestamp"),
        ("TIMESTAMPTZ '2024-01-01'", "timestamp"),
        ("NULL", "null"),
        ("[1]", "other"),
        ("['a']::VARCHAR[1]", "other"),
        ("[1.5::DECIMAL(10, 2)]", "other"),
        ("['a'::ENUM('a', 'b')]", "other"),
        ("[TIMESTAMP '2024-01-01']", "other"),
        ("{'a': 1}", "other"),
        ("'a'::BLOB", "other"),
        ("TIME '10:00'", "other"),
    ],
)
def test_kinds_of_what_duckdb_returns(sql, kind):
    with duckdb.connect() as connection:
        assert kind_of(str(connection.sql(f"SELECT {sql} AS x").types[0])) == kind


@pytest.mark.parametrize(
    ("type_", "naive"),
    [
        ("TIMESTAMP", True),
        ("TIMESTAMP_NS", True),
        ("TIMESTAMP WITH TIME ZONE", False),
        ("TIMESTAMPTZ", False),
        ("TIMESTAMPTZ_NS", False),
        ("DATE", False),
    ],
)
def test_a_timestamp_without_a_zone_is_naive(type_, naive):
    assert is_naive(type_) is naive


def test_only_lossless_widening_fits():
    assert fits("integer", "number")
    assert fits("date", "timestamp")
    assert fits("null", "string")
    assert not fits("number", "integer")
    assert not fits("timestamp", "date")
    assert not fits("integer", "string")
    assert not fits("integer", "boolean")


@pytest.mark.parametrize("name", ['a"b', "select", "a b", "a;b", "x'y", '"; DROP TABLE t; --', "ünï", "\\"])
def test_any_name_is_an_identifier(name):
    with duckdb.connect() as connection:
        relation = connection.sql(f"SELECT 7 AS {quoted(name)}")
        assert relation.columns == [name]
        assert relation.project(quoted(name)).fetchall() == [(7,)]
