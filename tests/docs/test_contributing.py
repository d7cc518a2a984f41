"""What CONTRIBUTING.md and the pages for extenders name is there."""

import re

import pytest
import yaml
from pages import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXTENDING = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
GLOSSARY = re.findall(r"^\| ([a-z-][a-z -]*?)(?: \(.*\))? \| (.+) \|$", PAGE.partition("## Glossary")[2], re.MULTILINE)
TERMS = [term for term, _ in GLOSSARY if term != "term"]
NAMED = re.compile(
    r"`((?:src|tests|docs|charts|ci|changes)/[\w/.-]+|(?:airflow|cli|core|project|steps|sql|validation)/[\w/.]+\.py)`"
)


@pytest.mark.parametrize("command", re.findall(r"-m pytest ([^#\n]+)", PAGE))
def test_the_tests_it_runs_are_there(command: str) -> None:
    paths, _, word = command.partition(" -k ")
    assert paths.split() == [path for path in paths.split() if (ROOT / path).exists()]
    if word and len(paths.split()) == 1 and paths.strip().endswith(".py"):
        names = re.findall(r"^def (test_\w+)", (ROOT / paths.strip()).read_text(encoding="utf-8"), re.MULTILINE)
        assert [name for name in names if word.split()[0] in name]


@pytest.mark.parametrize(
    ("page", "path"),
    [(name, path) for name in ("PAGE", "EXTENDING", "ARCHITECTURE") for path in NAMED.findall(globals()[name])],
)
def test_the_files_they_name_are_there(page: str, path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "src/maestro_ml" / path).exists(), page


def test_a_commit_runs_the_tools_of_make_lint() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    tools = {re.sub(r"\.venv/bin/| --force-exclude", "", hook["entry"]) for hook in hooks}
    lint = re.search(r"^lint: install.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert lint is not None
    wanted = {line.strip().removeprefix("$(BIN)/").removesuffix(" .") for line in lint[1].splitlines()}
    assert tools == wanted | {"make lint-chart"}
    assert re.search(r"^lint: lint-chart$", MAKEFILE, re.MULTILINE)


def test_the_glossary_is_in_order_and_explains_each_term_once() -> None:
    assert len(TERMS) > 30
    assert sorted({*TERMS}) == TERMS


@pytest.mark.parametrize("term", TERMS)
def test_a_term_of_the_glossary_is_used(term: str) -> None:
    pages = [page for page in (ROOT / "docs").rglob("*.md") if re.search(rf"(?i)\b{term}s?\b", page.read_text())]
    assert pages


def test_the_page_of_alerts_has_a_row_for_each() -> None:
    page = (ROOT / "docs/chart/alerts.md").read_text(encoding="utf-8")
    alerts = {file.stem for file in (ROOT / "charts/statsd/files/alerts").glob("*.yaml")}
    assert {*re.findall(r"\[(Maestro\w+)\]\(../runbooks/", page)} == alerts


def test_the_packages_of_the_architecture_are_those_there_are() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", ARCHITECTURE.partition("## The packages")[2], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    there = {path.parent.name for path in (ROOT / "src/maestro_ml").glob("*/__init__.py")}
    assert named == there
