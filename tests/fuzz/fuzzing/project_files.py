"""Project files with mistakes nobody would make on purpose."""

import tempfile
import time
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from fuzzing.damage import DAMAGES, Damage
from maestro_ml.project import Problem, ProjectError, load_project

_LONGEST = 120.0  # seconds: it does not hang
_TEXT = """\
name: shop
team: sales
since: 2024-01-01
datasets:
  orders:
    source: {kind: csv, path: orders.csv, delimiter: ";"}
    timestamp: created
    timezone: Europe/Berlin
    keys: [id]
    window: 7d
    columns:
      id: {type: integer, nullable: false}
      created: {type: timestamp}
      amount: {type: number, pii: true}
      kind: {type: string}
      late: {type: boolean}
    checks:
      - {check: range, column: amount, min: 0, max: 1e6, max_share: 0.01}
      - {check: allowed, column: kind, values: [a, b]}
      - {check: predicate, sql: "amount > 0 OR kind = 'a'"}
      - {check: regex, column: kind, pattern: "[a-z]+"}
      - {check: rows, min: 10, max: 1000}
    freshness: {max_age: 1d}
    reference: {kind: previous, length: 28d}
    drift: {columns: [amount], tests: {categorical: chi_square}}
    anomalies: {max_rate: 0.2}
models:
  lateness:
    dataset: orders
    label: late
    columns: [amount]
    window: 60d
    test: 14d
    estimator: {class: sklearn.tree.DecisionTreeClassifier, parameters: {max_depth: 3}}
    gate: {metric: accuracy, above: 0.8}
    register: {name: lateness}
validation: {schedule: "0 */6 * * *", deadline: 15m}
tracking: {uri: "sqlite:///mlflow.db"}
"""
_NUMBERS = (0, -1, 10**400, 1e308, float("nan"), float("inf"))
_TEXTS = ("", " ", "99999999d", "0d", "2024-13-01", "\u202e", "${env:NOPE}", "${env:NOPE:}", "@daily", "99 99 * * *")
_CODE = ("amount > (SELECT 1)", "((((", "[a-", "DROP TABLE x", "sklearn", "a.b.c", "../../etc", "postgresql://u:p@h/d")
_NESTED = ([], {}, ["a", ["b"]], {"kind": "sql"})
_NASTY = st.sampled_from([None, True, *_NUMBERS, *_TEXTS, *_CODE, *_NESTED, "a" * 5000, "x" * 64])
_LINES = st.sampled_from(
    ["a: &a [*a]", "<<: *nope", "\tb: 1", "---", "? [a]", "!!python/object:os.system {}", "name: x"]
)


def _places(node: object, path: tuple = ()) -> list[tuple]:
    """Return every key path of the document."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in pairs for found in ((*path, key), *_places(value, (*path, key)))]


_PLACES = _places(yaml.safe_load(_TEXT))
_CHANGES = st.lists(st.tuples(st.sampled_from(["set", "drop", "rename"]), st.sampled_from(_PLACES), _NASTY), max_size=4)


EXAMPLES = (_CHANGES, st.none() | st.tuples(st.integers(0, 40), _LINES), st.none() | DAMAGES)


def check(changes: list, line: tuple[int, str] | None, damage: Damage | None) -> None:
    """Assert that a project file gives a project, or every mistake with its line; nothing else, and it ends."""
    document = yaml.safe_load(_TEXT)
    for kind, path, value in changes:
        _change(document, kind, path, value)
    lines = yaml.safe_dump(document, sort_keys=False, allow_unicode=True).splitlines()
    if line:
        lines.insert(min(line[0], len(lines)), line[1])
    content = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "maestro.yaml"
        file.write_bytes(damage(content) if damage else content)
        started = time.monotonic()
        problems = _problems(file)
        assert time.monotonic() - started < _LONGEST
        lines_there = file.read_bytes().count(b"\n") + 1
    assert problems is None or problems
    assert all(1 <= problem.line <= lines_there for problem in problems or ()), problems


def _problems(file: Path) -> list[Problem] | None:
    """Return what is wrong with the file, or None."""
    try:
        load_project(file, environ={})
    except ProjectError as error:
        return error.problems
    return None


def _change(document: Any, kind: str, path: tuple, value: object) -> None:
    try:
        parent = reduce(getitem, path[:-1], document)
        old = parent[path[-1]]
    except (KeyError, IndexError, TypeError):
        return  # an earlier change took it away
    if isinstance(parent, str):
        return  # an earlier change put a text there
    if kind == "set":
        parent[path[-1]] = value
        return
    del parent[path[-1]]
    if kind == "rename" and isinstance(parent, dict):
        parent[f"{path[-1]}s"] = old
