"""What a dialect lacks is written in another way, with the same result."""

from importlib import import_module
from typing import get_args

import duckdb
import pytest

from maestro_ml.core.errors import QueryError
from maestro_ml.project.engines import ENGINES, EngineName
from maestro_ml.sql.dialects.base import Dialect, RemoteDialect
from maestro_ml.sql.dialects.translate import text_of, translated
from maestro_ml.tables.engine import Engine


class Plain(Dialect):
    has_filter = False
    has_grouping_sets = False
    has_try_cast = False
    functions = {"hash": "md5(concat_ws('/', _all))", "isnan": "(_0 <> _0)"}


ROWS = "(SELECT * FROM (VALUES (1, 'a', 1.5::DOUBLE), (2, 'a', NULL), (2, NULL, 2.5), (NULL, 'b', 2.5)) AS t(n, s, x))"


@pytest.mark.parametrize(
    "aggregate",
    [
        "count(*) FILTER (WHERE n > 1)",
        "count(n) FILTER (WHERE s = 'a')",
        "count(DISTINCT n) FILTER (WHERE s IS NOT NULL)",
        "count(DISTINCT x)",
        "sum(n) FILTER (WHERE n > 5)",
        "coalesce(max(x) FILTER (WHERE n = 2 AND s IS NULL), 0)",
        "min(x) FILTER (WHERE s IN (SELECT unnest(['a', 'b'])))",
    ],
)
def test_aggregates_of_some_rows_without_a_filter_clause(aggregate):
    sql = f"SELECT {aggregate} FROM {ROWS}"
    written = text_of(translated(sql, Plain()), Plain())
    assert "FILTER" not in written
    assert duckdb.sql(written).fetchall() == duckdb.sql(sql).fetchall()


@pytest.mark.parametrize("columns", [["n"], ["n", "s"], ["n", "s", "x"]])
def test_groups_of_several_columns_without_grouping_sets(columns):
    which = " ".join(f"WHEN grouping({column}) = 0 THEN '{column}'" for column in columns)
    values = ", ".join(f"{column}::VARCHAR" for column in columns)
    sets = ", ".join(f"({column})" for column in columns)
    sql = f"SELECT CASE {which} END, coalesce({values}, NULL), count(*) FROM {ROWS} GROUP BY GROUPING SETS ({sets})"
    written = text_of(translated(sql, Plain()), Plain())
    assert "GROUPING" not in written.upper()
    assert sorted(duckdb.sql(written).fetchall(), key=str) == sorted(duckdb.sql(sql).fetchall(), key=str)


def test_functions_are_written_as_the_dialect_says_with_their_arguments_in_place():
    written = text_of(translated("SELECT hash(n, s || 'x'), isnan(abs(x)) FROM t", Plain()), Plain())
    assert written == """SELECT MD5(CONCAT_WS('/', "n", "s" || 'x')), (ABS("x") <> ABS("x")) FROM "t" AS "t\""""


def test_a_function_or_cast_that_a_dialect_lacks_is_refused_by_name():
    with pytest.raises(QueryError, match="epoch_us has no equal in DuckDB"):
        translated("SELECT epoch_us(at) FROM t", Plain())
    with pytest.raises(QueryError, match="DuckDB has no TRY_CAST"):
        translated("SELECT TRY_CAST(s AS INTEGER) FROM t", Plain())


def test_every_engine_of_the_table_is_a_class_with_a_dialect():
    assert set(ENGINES) == set(get_args(EngineName))
    for name, entry in ENGINES.items():
        if entry.path is None:
            assert name == "duckdb"
            continue
        module, _, class_name = entry.path.partition(":")
        engine = getattr(import_module(module), class_name)
        assert issubclass(engine, Engine)
        assert isinstance(engine.dialect, RemoteDialect)
        assert entry.files or entry.databases
