"""Predicates: what may stand in one, what runs, and what is refused."""

import pytest

from maestro_ml.sql.predicates import PredicateError, predicate_columns, predicate_sql


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("x > 1 AND y IS NOT NULL", '"x" > 1 AND NOT "y" IS NULL'),
        ('"a b" = 1', '"a b" = 1'),
        ('"a""b" <> 1', '"a""b" <> 1'),
        ("select_ in ('it''s', 'b')", "\"select_\" IN ('it''s', 'b')"),
        ("not late", 'NOT "late"'),
        ("price > 0 -- a comment", '"price" > 0'),
        ("price /* ; */ > 0", '"price" > 0'),
        ("regexp_matches(s, '^a')", "REGEXP_MATCHES(\"s\", '^a')"),
        ("case when a then b else c end", 'CASE WHEN "a" THEN "b" ELSE "c" END'),
        ("at::date >= date '2024-01-01'", "CAST(\"at\" AS DATE) >= CAST('2024-01-01' AS DATE)"),
        ("date_diff('day', a, b) < 3", 'DATE_DIFF(\'DAY\', "a", "b") < 3'),
        ("s LIKE 'x!%' ESCAPE '!'", "\"s\" LIKE 'x!%' ESCAPE '!'"),
        (r"s = '\' or 1 = 1 --'", r""""s" = '\' OR 1 = 1"""),
    ],
)
def test_what_runs_is_written_anew_with_every_name_quoted(text, sql):
    assert predicate_sql(text) == sql


def test_the_columns_are_those_it_names_once_each():
    assert predicate_columns("coalesce(a, b) > 1 AND a < c") == ("a", "b", "c")
    assert predicate_columns("TRUE") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1; DROP TABLE events", "without a semicolon"),
        ("x = 1;", "without a semicolon"),
        ("", "empty"),
        ("  ", "empty"),
        ("x >", "not a SQL expression"),
        ("x = 'open", "not a SQL expression"),
        ("1", "neither"),
        ("x + 1", "neither"),
        ("(SELECT 1)", "may not hold"),
        ("x IN (SELECT y FROM t)", "may not hold"),
        ("EXISTS (SELECT 1)", "may not hold"),
        ("x = ANY(y)", "may not hold"),
        ("x UNION SELECT 1", "may not hold"),
        ("read_csv('/etc/passwd') = x", "may not hold"),
        ("read_text('/etc/passwd') = 'a'", "the function read_text"),
        ("getenv('HOME') = x", "the function getenv"),
        ("current_setting('memory_limit') = x", "the function current_setting"),
        ("x > now()", "the function now"),
        ("x > current_timestamp", "may not hold"),
        ("random() < 0.5", "may not hold"),
        ("count(*) > 1", "may not hold"),
        ("sum(x) OVER () > 1", "may not hold"),
        ("COLUMNS('x') > 1", "may not hold"),
        ("t.x = 1", "columns of its own dataset"),
        ("at > TIMESTAMP '2024-01-01 10:00:00+02'", "ignore the offset; cast to TIMESTAMPTZ"),
        ("at > TRY_CAST('2024-01-01T10:00Z' AS TIMESTAMP)", "ignore the offset"),
        ("at > '2024-01-01 10:00 Europe/Berlin'::DATE", "ignore the offset"),
        ("? = x", "may not hold"),
        ("$1 = x", "may not hold"),
        ("x::int[] IS NULL", "may not cast to INT[]"),
        ("x::mine IS NULL", "may not cast to mine"),
        ("PRAGMA x", "may not hold"),
        ("x = 1 AS y", "may not hold"),
        ("x = E'\\n'", "may not hold"),
    ],
)
def test_everything_that_is_no_plain_condition_of_a_row_is_refused(text, message):
    with pytest.raises(PredicateError) as caught:
        predicate_sql(text)
    assert message in str(caught.value)


def test_a_predicate_nested_without_end_is_refused_and_not_a_crash():
    with pytest.raises(PredicateError):
        predicate_sql("(" * 20_000 + "x" + ")" * 20_000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("regexp_matches(s, 'a(')", "not a regular expression of RE2: missing )"),
        ("regexp_full_match(s, '(?=a)')", "not a regular expression of RE2: invalid perl operator"),
        ("regexp_matches(lower(s), '(' || 'b')", "not a regular expression of RE2: missing )"),
        ("regexp_matches(s, 'a', 'q')", "Unrecognized Regex option q"),
        ("s ~ 'a'", "write regexp_full_match(text, pattern)"),
        ("s !~ 'a'", "write regexp_full_match(text, pattern)"),
    ],
)
def test_a_pattern_that_is_none_is_refused(text, message):
    with pytest.raises(PredicateError) as caught:
        predicate_sql(text)
    assert message in str(caught.value)


def test_a_pattern_that_only_the_rows_tell_is_left_to_them():
    assert predicate_sql("regexp_matches(s, p)") == 'REGEXP_MATCHES("s", "p")'
