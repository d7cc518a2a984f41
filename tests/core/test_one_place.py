"""A name that must not be repeated stands in one module: searched for in the source, as a whole text."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import maestro_ml
from maestro_ml.drift_methods.registry import METHODS
from maestro_ml.project.engines import ENGINES
from maestro_ml.project.pipelines import Features, Training, Validation
from maestro_ml.project.platform import DEFAULTS, FEAST_DEFAULTS

ROOT = Path(maestro_ml.__file__).parent
ROOMS = ("anomalies", "drift", "history", "profile", "report", "suggest")
DAGS = {kind.dag_id for kind in (Validation, Training, Features)}
# What a scan may have measured already has the name of an Aggregate: as SQL it would be measured twice.
AGGREGATES = re.compile(r"(?i)count\(\*\)|(count|min|max)\((\{\w*\}|\"?\w+\"?)\)( FILTER .*)?")


def texts(source: str) -> Iterator[str]:
    """Yield every text of a module, those of f-strings with {} where their values stand."""
    inside = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def where(is_one, *folders: str, beside: tuple[str, ...] = ()) -> set[str]:
    """Return the modules in these folders, but for some, that hold such a text."""
    files = [file for folder in folders or [""] for file in (ROOT / folder).rglob("*.py")]
    names = {str(file.relative_to(ROOT)): file for file in files if "feature_repo" not in file.parts}
    return {
        name
        for name, file in names.items()
        if not name.startswith(beside) and any(map(is_one, texts(file.read_text(encoding="utf-8"))))
    }


def test_a_variable_of_the_platform_is_named_where_it_is_read():
    variables = {*DEFAULTS.values(), *FEAST_DEFAULTS.values()}
    assert where(lambda text: text in variables or re.fullmatch(r"MAESTRO_\w+", text)) == {"project/platform.py"}


def test_a_dag_has_its_id_from_the_pipeline():
    assert where(DAGS.__contains__) == {"project/pipelines.py"}


def test_no_drift_method_is_named_where_drift_is_planned_measured_and_judged():
    assert where(METHODS.built_in.__contains__, "validation", "tables", "sql", "steps", "cli") == set()


def test_no_engine_is_named_but_in_its_module_and_its_row():
    folders = ("checks", "cli", "sql", "steps", "tables", "validation")
    engines = {*ENGINES} - {"duckdb"}
    assert where(engines.__contains__, *folders, beside=("tables/engines/", "sql/dialects/")) == set()


def test_what_a_scan_knows_is_not_spelled_in_sql_by_a_check():
    of_other_rows = {"checks/most_common.py", "checks/reconcile.py"}  # groups of rows, and another dataset
    assert where(AGGREGATES.fullmatch, "checks") == of_other_rows


@pytest.mark.parametrize("text", ["count(*)", "MIN({})", 'count("a")', "max({column}) FILTER (WHERE x)"])
def test_an_aggregate_in_sql_is_found(text):
    assert AGGREGATES.fullmatch(text)


def contracts() -> dict[str, set[str]]:
    document = tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    every = document["tool"]["importlinter"]["contracts"]
    return {each["name"]: {*each["protected_modules"]} for each in every if each["type"] == "protected"}


def imported_from_outside(package: str) -> set[str]:
    """Return the modules of a package that modules outside it import."""
    named = re.compile(rf"^ *from maestro_ml\.{package.replace('/', '[.]')}\.(\w+)", re.MULTILINE)
    files = [file for file in ROOT.rglob("*.py") if ROOT / package not in file.parents]
    return {name for file in files for name in named.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("room", ROOMS)
def test_what_nothing_outside_imports_is_protected_by_a_contract(room):
    folder = ROOT / "validation" / room
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    inside = modules - {"__init__"} - imported_from_outside(f"validation/{room}")
    protected = set().union(*contracts().values())
    assert {f"maestro_ml.validation.{room}.{name}" for name in inside} <= protected


def test_no_module_of_a_drift_method_is_imported_by_name():
    package = ROOT / "drift_methods"
    methods = {file.stem for file in package.glob("*.py") if "= DriftMethod(" in file.read_text(encoding="utf-8")}
    assert len(methods) == len(METHODS.built_in)
    assert methods & imported_from_outside("drift_methods") == set()
