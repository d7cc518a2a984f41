"""Loading a project imports and builds what its file names, and nothing else."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from maestro_ml.core import registry
from maestro_ml.core.node import Node
from maestro_ml.validation.report.explanations import why_it_matters

LOAD = """
import sys
from pydantic import BaseModel
from maestro_ml.project import load_project

def built(kind):
    own = kind.__module__.startswith("maestro_ml") and kind.__pydantic_complete__
    return [kind.__name__] * own + [name for each in kind.__subclasses__() for name in built(each)]

assert built(BaseModel) == [], f"importing the project has built {built(BaseModel)}"
load_project(sys.argv[1])
print(*sorted(built(BaseModel)), *sorted(name for name in sys.modules if name.startswith("maestro_ml.checks.r")))
"""
PROJECT = """
name: shop
datasets:
  orders: {source: {kind: csv, path: orders.csv}, checks: [{check: rows, min: 1}]}
"""


def test_only_what_the_file_names_is_built(tmp_path: Path) -> None:
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    found = subprocess.run([sys.executable, "-c", LOAD, tmp_path], capture_output=True, text=True, check=False)
    assert found.stderr == ""
    assert found.stdout.split() == [
        *("CsvSource", "Project", "RowsCheck"),
        *(f"maestro_ml.checks.{name}" for name in ("registry", "rows")),  # no range, regex, ...
    ]


def defaults(kind: type[BaseModel]) -> Iterator[BaseModel]:
    for each in (kind, *kind.__subclasses__()):
        yield from (field.default for field in each.model_fields.values() if isinstance(field.default, Node))
        if each is not kind:
            yield from defaults(each)


def test_a_default_that_was_never_validated_is_what_validation_gives() -> None:
    found = list(defaults(Node))
    assert len(found) > 10
    for default in found:
        again = type(default)()
        assert (again, again.model_fields_set) == (default, default.model_fields_set)
        assert not list(default.mistakes())


@pytest.mark.parametrize("check", ["kolmogorov_smirnov", "psi", "rows", "row_count_history", "duplicate_rows"])
def test_reasons_of_what_is_built_in_need_no_search_of_packages(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def search(group: str) -> Iterator[tuple[str, object]]:
        raise AssertionError(group)

    monkeypatch.setattr(registry, "all_installed", search)
    assert why_it_matters(check)
    with pytest.raises(AssertionError, match=r"maestro\.checks"):
        why_it_matters("never_heard_of")


def test_a_name_finds_the_same_check_before_and_after_all_are_imported() -> None:
    from maestro_ml.checks.registry import CHECKS

    assert {name: CHECKS.own(name) for name in CHECKS.built_in} == CHECKS.built_in
    assert CHECKS.own("base") is None  # a module without a check
