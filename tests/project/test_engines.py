"""What an engine cannot promise is said when the project is loaded."""

import pytest

from maestro_ml.project import ProjectError
from maestro_ml.sql.portable_predicates import check_portable
from maestro_ml.sql.portable_regex import UnportableRegex, check_portable_pattern, translated
from maestro_ml.sql.predicates import PredicateError

PARQUET = {"kind": "parquet", "path": "events.parquet"}
POSTGRES = {"kind": "sql", "url": "postgresql+psycopg://u@h/d", "table": "t"}
COLUMNS = {"at": {"type": "timestamp"}, "n": {"type": "number"}, "s": {"type": "string"}}


def events(**more: object) -> dict:
    return {"source": PARQUET, "timestamp": "at", "columns": COLUMNS} | more


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ({"engine": "spark", "source": POSTGRES}, "engine: spark reads Parquet, and the source is sql"),
        ({"engine": "postgres"}, "whose url starts with postgresql, and this one is parquet"),
        ({"engine": "postgres", "source": POSTGRES | {"url": "sqlite:///a.db"}}, "whose url starts with postgresql"),
        ({"engine": "mariadb", "source": POSTGRES}, "url starts with mariadb or mysql, and this one is sql"),
        (
            {"engine": "mariadb", "source": POSTGRES | {"url": "mysql+pymysql://u@h/d"}, "timezone": "Asia/Tokyo"},
            "times of a timezone's clock need another engine",
        ),
        ({"engine": "polars"}, "'duckdb', 'spark', 'postgres' or 'mariadb'"),
        ({"engine": "spark", "checks": [{"check": "predicate", "sql": "n / 2 > 1"}]}, "holds n / 2, which engines"),
        ({"engine": "spark", "checks": [{"check": "rows", "min": 1, "where": "lower(s) = 'a'"}]}, r"holds LOWER\(s\)"),
        ({"engine": "spark", "checks": [{"check": "regex", "column": "s", "pattern": "(?i)a"}]}, r"holds \(\?, which"),
        (
            {"engine": "spark", "reference": {"kind": "previous"}, "drift": {"tests": {"numeric": "psi"}}},
            "numeric drift by psi needs engine: duckdb",
        ),
    ],
)
def test_what_an_engine_cannot_do(dataset_project, dataset, message):
    with pytest.raises(ProjectError, match=message):
        dataset_project(**events(**dataset))


def test_duckdb_can_do_all_of_it(dataset_project):
    checks = [{"check": "predicate", "sql": "n / 2 > 1"}, {"check": "regex", "column": "s", "pattern": "(?i)a"}]
    assert dataset_project(**events(checks=checks)).datasets["events"].engine == "duckdb"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({}, "dataset others is checked by engine: duckdb, and this one by engine: spark"),
        ({"engine": "spark"}, None),
    ],
)
def test_datasets_in_one_check_are_on_one_engine(dataset_project, other, message):
    check = {"check": "references", "column": "s", "dataset": "others", "key": "s"}
    load = lambda: dataset_project({"others": events(**other)}, **events(engine="spark", checks=[check]))  # noqa: E731
    if message is None:
        load()
        return
    with pytest.raises(ProjectError, match=message):
        load()


def test_datasets_in_one_check_are_in_one_database(dataset_project):
    check = {"check": "reconcile", "dataset": "others"}
    others = events(engine="postgres", source=POSTGRES | {"url": "postgresql+psycopg://u@other/d"})
    with pytest.raises(ProjectError, match="dataset others is in another database"):
        dataset_project({"others": others}, **events(engine="postgres", source=POSTGRES, checks=[check]))


def test_spark_is_reached_by_connect(dataset_project, tmp_path):
    dataset_project(**events())
    from maestro_ml.project import load_project

    text = (tmp_path / "maestro.yaml").read_text()
    (tmp_path / "maestro.yaml").write_text(text + "spark: {remote: 'spark://host:7077'}\n")
    with pytest.raises(ProjectError, match="sc://host:15002"):
        load_project(tmp_path, environ={})
    (tmp_path / "maestro.yaml").write_text(text + "spark: {remote: '${env:SPARK_REMOTE:}'}\n")
    assert load_project(tmp_path, environ={}).spark.remote is None
    assert load_project(tmp_path, environ={"SPARK_REMOTE": "sc://h"}).spark.remote == "sc://h"


@pytest.mark.parametrize(
    "pattern",
    [
        "(?i)a",
        "(?P<n>a)",
        r"\bword\b",
        r"\p{L}",
        r"a\x41",
        "[[:alpha:]]",
        "[]a]",
        "a{256}",
        "a^b",
        "a$b",
        "a**",
        "a*+",
        "*a",
        "[a",
        "\\",
        r"[\D]",
        r"[\d-z]",
    ],
)
def test_patterns_that_could_mean_two_things(pattern):
    with pytest.raises(UnportableRegex):
        check_portable_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("a.b", r"a[^\n]b"),
        (r"^\d+$", "[0-9]+"),
        ("(a|b)*?", "(?:a|b)*"),
        ("[&&~^a-f]", r"[\&\&\~\^a-f]"),
        ("a{2", r"a\{2"),
        (r"[\s\]]\S", r"[\t\n\f\r \]][^\t\n\f\r ]"),
    ],
)
def test_patterns_are_written_out(pattern, written):
    assert translated(pattern, r"\z") == rf"\A(?:{written})\z"
    assert translated(pattern, r"\Z") == rf"\A(?:{written})\Z"


@pytest.mark.parametrize(
    "predicate",
    [
        "a // 2 = 1",
        "a % 2 = 0",
        "upper(s) = 'A'",
        "a::int = 1",
        "s ILIKE 'a'",
        r"s LIKE 'a\_b'",
        "s LIKE t",
        "date_trunc('day', at) = at",
        "regexp_matches(s, 'a')",
        "TRY_CAST(s AS INT) = 1",
    ],
)
def test_predicates_the_engines_do_not_do_alike(predicate):
    with pytest.raises(PredicateError, match="evaluate differently"):
        check_portable(predicate)
