"""Project files as texts, and what loading says of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maestro_ml.project import Problem, Project, ProjectError, load_project

VALID = """\
version: 1
name: shop
datasets:
  orders:
    source: {kind: parquet, path: orders.parquet}
    timestamp: at
    keys: [id]
    columns:
      id: {type: integer}
      at: {type: timestamp}
      price: {type: number}
      returned: {type: boolean}
    checks:
      - {check: unique, columns: [id]}
      - {check: range, column: price, min: 0}
    reference: {kind: previous}
    drift: {columns: [price]}
features: {}
models:
  returns:
    dataset: orders
    label: returned
    columns: [price]
    register: {name: returns}
"""


@pytest.fixture
def valid() -> str:
    return VALID


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Project]:
    """Provide `load(text, NAME=value...)`: Project; the environment is only what is given."""

    def run(text: str, **environ: str) -> Project:
        file = tmp_path / "maestro.yaml"
        file.write_text(text, encoding="utf-8")
        return load_project(tmp_path, environ)

    return run


@pytest.fixture
def problems(load: Callable[..., Project]) -> Callable[..., list[Problem]]:
    """Provide `problems(text, NAME=value...)`: every problem loading reports; fails if there is none."""

    def run(text: str, **environ: str) -> list[Problem]:
        with pytest.raises(ProjectError) as caught:
            load(text, **environ)
        return caught.value.problems

    return run


@pytest.fixture
def expect_one_problem(valid: str, problems: Callable[..., list[Problem]]) -> Callable[..., None]:
    """Expect one problem of the valid file with one change: in this line, at this key, with these words."""

    def expect(before: str, after: str, line: int, key: str, parts: list[str]) -> None:
        assert valid.count(before) == 1, "the mistake must be the only change"
        found = problems(valid.replace(before, after))
        assert [(p.line, p.key) for p in found] == [(line, key)], [str(p) for p in found]
        for part in parts:
            assert part in found[0].message

    return expect


@pytest.fixture
def with_check(valid: str) -> Callable[[str], str]:
    """Provide `with_check(check)`: the valid file with this check in line 15, in place of its range."""
    return lambda check: valid.replace("{check: range, column: price, min: 0}", check)


@pytest.fixture
def expect_check_problem(
    problems: Callable[..., list[Problem]], with_check: Callable[[str], str]
) -> Callable[[str, str, str], None]:
    """Expect these words at this key, or below it, of the valid file with this check."""

    def expect(check: str, key: str, message: str) -> None:
        found = problems(with_check(check))
        assert [(p.key, message in p.message) for p in found if p.key.startswith(key)][:1] == [(key, True)], found
        assert all(p.line in (4, 15) for p in found)

    return expect
