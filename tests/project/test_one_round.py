"""However many mistakes a project file holds, they are all found in one run, each at its own line and key."""

import random
from collections.abc import Callable

import pytest

from maestro_ml.project import Problem

FILE = """\
version: 1
name: shop
team: sales
since: 2024-01-01
datasets:
  orders:
    source: {kind: csv, path: orders.csv}
    timestamp: at
    keys: [id]
    window: 30d
    columns:
      id: {type: integer}
      at: {type: timestamp}
      day: {type: date}
      price: {type: number}
      cost: {type: number}
      note: {type: string}
      state: {type: string}
      returned: {type: boolean}
    checks:
      - {check: unique, columns: [id]}
      - {check: range, column: price, min: 0}
      - {check: regex, column: note, pattern: "[a-z]+"}
      - {check: length, column: note, min: 1}
      - {check: allowed, column: state, values: ["new", "old"]}
      - {check: compare, left: price, operator: ">=", right: cost}
      - {check: rows, min: 1}
      - {check: missing, column: cost, max_share: 0.1}
      - {check: references, column: id, dataset: returns, key: order}
      - {check: reconcile, dataset: returns, aggregate: sum, column: price, other_column: worth}
      - {check: null_rate_history, column: cost, runs: 30}
      - {check: predicate, sql: "price > 0"}
    freshness: {max_age: 1d}
    reference: {kind: season, period: 30d}
    drift:
      columns: [price, cost]
      p_value: 0.05
      tests: {numeric: ks}
    anomalies: {columns: [price], max_rate: 0.1}
  returns:
    source: {kind: parquet, path: returns}
    timestamp: at
    columns:
      order: {type: integer}
      at: {type: timestamp}
      worth: {type: number}
features: {window: 7d}
validation: {schedule: "0 2 * * *", datasets: [orders]}
training: {deadline: 2h}
models:
  kept:
    dataset: orders
    label: returned
    columns: [price, cost]
    window: 60d
    test: 10d
    gate: {metric: f1, above: 0.5}
    register: {name: kept}
tracking: {experiment: shop}
alerting: {notify: []}
execution: {mode: in_process}
spark: {master: "local[2]"}
"""

# (text in the file, what it becomes, the key, a part of the message); the line is that of the change
MISTAKES = {
    "misspelled top key": ("tracking:", "trakcing:", "trakcing", "did you mean 'tracking'?"),
    "misspelled key": ("    window: 30d", "    windw: 30d", "datasets.orders.windw", "did you mean 'window'?"),
    "misspelled section": ("    columns:\n      id", "    colums:\n      id", "datasets.orders.colums", "'columns'"),
    "bad name": ("team: sales", "team: 9 sales", "team", "starts with a letter"),
    "bad time": ("since: 2024-01-01", "since: 2024-13-01", "since", "month must be in 1..12"),
    "unknown kind": (
        "{kind: csv,",
        "{kind: csvv,",
        "datasets.orders.source.kind",
        "no kind 'csvv'; did you mean 'csv'?",
    ),
    "unknown check": ("check: length", "check: lenght", "datasets.orders.checks.3.check", "did you mean 'length'?"),
    "unknown key column": ("keys: [id]", "keys: [ide]", "datasets.orders.keys.0", "did you mean 'id'?"),
    "bad type": ("day: {type: date}", "day: {type: dat}", "datasets.orders.columns.day.type", "did you mean 'date'?"),
    "repeated column": ("columns: [id]}", "columns: [id, id]}", "datasets.orders.checks.0.columns.1", "named twice"),
    "range of text": (
        "range, column: price",
        "range, column: note",
        "datasets.orders.checks.1.column",
        "needs numbers",
    ),
    "no bound": (", min: 0}", "}", "datasets.orders.checks.1", "needs a bound: min, max"),
    "regex of a number": ("regex, column: note", "regex, column: id", "datasets.orders.checks.2.column", "needs text"),
    "no pattern": ('"[a-z]+"', '"[a-z"', "datasets.orders.checks.2.pattern", "not a regular expression"),
    "wrong number": ("column: note, min: 1}", "column: note, min: -1}", "datasets.orders.checks.3.min", "found -1"),
    "YAML booleans": ('["new", "old"]', "[Yes, No]", "datasets.orders.checks.4.values.0", "write 'Yes', 'No'"),
    "compared types": ("right: cost", "right: returned", "datasets.orders.checks.5.right", "cannot be compared"),
    "unknown operator": ('">="', '"=>"', "datasets.orders.checks.5.operator", "expected '<'"),
    "rows upside down": ("rows, min: 1}", "rows, min: 5, max: 1}", "datasets.orders.checks.6", "min 5 is above max 1"),
    "share above 1": ("max_share: 0.1", "max_share: 10", "datasets.orders.checks.7.max_share", "found 10"),
    "unknown dataset": (
        "dataset: returns, key",
        "dataset: retruns, key",
        "datasets.orders.checks.8.dataset",
        "did you mean 'returns'?",
    ),
    "unknown foreign column": ("key: order}", "key: ordr}", "datasets.orders.checks.8.key", "did you mean 'order'?"),
    "sum of a time": (
        "other_column: worth",
        "other_column: at",
        "datasets.orders.checks.9.other_column",
        "needs numbers",
    ),
    "not a number": ("runs: 30", "runs: many", "datasets.orders.checks.10.runs", "expected a whole number"),
    "predicate": ('"price > 0"', '"prise > 0"', "datasets.orders.checks.11.sql", "did you mean 'price'?"),
    "bad duration": ("max_age: 1d", "max_age: 1 day", "datasets.orders.freshness.max_age", "7d, 12h"),
    "endless duration": ("deadline: 2h", "deadline: 99999999d", "training.deadline", "at most 365000d"),
    "short season": ("period: 30d", "period: 7d", "datasets.orders.reference.period", "shorter than the window"),
    "drift of no column": (
        "columns: [price, cost]\n      p",
        "columns: [price, cst]\n      p",
        "datasets.orders.drift.columns.1",
        "'cost'",
    ),
    "p above 1": ("p_value: 0.05", "p_value: 5", "datasets.orders.drift.p_value", "less than 1"),
    "not a test": ("numeric: ks", "numeric: kss", "datasets.orders.drift.tests.numeric", "did you mean 'ks'?"),
    "anomalies of text": (
        "anomalies: {columns: [price]",
        "anomalies: {columns: [note]",
        "datasets.orders.anomalies.columns.0",
        "needs numbers",
    ),
    "not a rate": ("max_rate: 0.1", "max_rate: .nan", "datasets.orders.anomalies.max_rate", "found nan"),
    "bad schedule": ('"0 2 * * *"', '"0 2 * *"', "validation.schedule", "five cron fields"),
    "a time no clock has": ('schedule: "0 2 * * *"', 'schedule: "0 25 * * *"', "validation.schedule", "hour"),
    "validates no dataset": (
        "datasets: [orders]",
        "datasets: [order]",
        "validation.datasets.0",
        "did you mean 'orders'?",
    ),
    "label that is no column": ("label: returned", "label: retuned", "models.kept.label", "did you mean 'returned'?"),
    "model of no dataset": ("dataset: orders", "dataset: oders", "models.kept.dataset", "did you mean 'orders'?"),
    "time as a feature": (
        "columns: [price, cost]\n    window",
        "columns: [price, at]\n    window",
        "models.kept.columns.1",
        "is the event time",
    ),
    "test too long": ("test: 10d", "test: 60d", "models.kept.test", "shorter than the window"),
    "gate out of range": ("above: 0.5", "above: 1", "models.kept.gate.above", "no f1 is above 1"),
    "unknown metric": ("metric: f1", "metric: f2", "models.kept.gate.metric", "expected 'accuracy'"),
    "no mapping": ("register: {name: kept}", "register: kept", "models.kept.register", "expected a mapping"),
    "no list": ("notify: []", "notify: {a: b}", "alerting.notify", "expected a list"),
    "pods without image": ("{mode: in_process}", "{mode: kubernetes}", "execution", "needs an image"),
    "no URL": ('{master: "local[2]"}', '{remote: "http://x"}', "spark.remote", "sc://host:15002"),
}


def _line(text: str, before: str) -> int:
    position = text.index(before)
    return text[: position + len(before) - len(before.lstrip())].count("\n") + 1


def _planted(names: list[str]) -> tuple[str, list[tuple[int, str]]]:
    """Return the file with these mistakes, and where each is."""
    text, expected = FILE, []
    for name in names:
        before, after, key, _ = MISTAKES[name]
        assert FILE.count(before) == 1, name
        assert text.count(before) == 1, name
        expected.append((_line(FILE, before), key))
        text = text.replace(before, after)
    return text, sorted(expected)


def test_the_file_itself_is_right(load: Callable) -> None:
    load(FILE)


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_one_problem(name: str, problems: Callable[..., list[Problem]]) -> None:
    text, expected = _planted([name])
    found = problems(text)
    assert [(p.line, p.key) for p in found] == expected, [str(p) for p in found]
    assert MISTAKES[name][3] in found[0].message
    assert not any(word in found[0].message for word in ("Input", "tuple", "NoneType", "pydantic"))


def test_all_of_them_are_found_at_once(problems: Callable[..., list[Problem]]) -> None:
    apart = [name for name in MISTAKES if name not in OVERLAPPING]
    text, expected = _planted(apart)
    found = problems(text)
    assert sorted((p.line, p.key) for p in found) == expected, "\n".join(map(str, found))


OVERLAPPING = {  # they change the same text as another, or hide what another is about
    "no bound",
    "misspelled key",
    "misspelled section",
    "a time no clock has",
    "unknown foreign column",
    "unknown check",
    "wrong number",
    "range of text",
    "regex of a number",
}


@pytest.mark.parametrize("seed", range(25))
def test_any_few_of_them_are_found_at_once(seed: int, problems: Callable[..., list[Problem]]) -> None:
    chosen = random.Random(seed).sample(sorted(set(MISTAKES) - OVERLAPPING), 6)
    text, expected = _planted(chosen)
    found = problems(text)
    assert sorted((p.line, p.key) for p in found) == expected, "\n".join(map(str, found))


def test_drift_that_would_test_nothing_is_refused(problems: Callable, load: Callable, valid: str) -> None:
    text = valid.replace("price: {type: number}", "price: {type: string}").replace(
        "id: {type: integer}", "id: {type: string}"
    )
    text = text.replace("{check: range, column: price, min: 0}", "{check: missing, column: price}")
    text = text.replace("drift: {columns: [price]}", "drift: {}")
    assert [(p.line, p.key) for p in problems(text)] == [(17, "datasets.orders.drift")]
    load(text.replace("drift: {}", "drift: {tests: {categorical: psi}}"))
    load(text.replace("drift: {}", "drift: {labels: [returned]}"))


@pytest.mark.parametrize(
    "names",
    [
        ["unknown check", "no pattern", "p above 1"],
        ["misspelled section", "range of text", "label that is no column", "not a number"],
        ["unknown dataset", "unknown foreign column"],
        ["misspelled key", "short season"],
        ["range of text", "regex of a number", "no mapping"],
    ],
)
def test_a_misspelled_word_hides_no_mistake_behind_it(names: list[str], problems: Callable) -> None:
    text, expected = _planted(names)
    found = problems(text)
    keys = [key.replace("datasets.orders.colums.", "datasets.orders.columns.") for _, key in expected]
    assert sorted(p.key for p in found) == sorted(keys), "\n".join(map(str, found))
    assert sorted(p.line for p in found) == [line for line, _ in expected]
