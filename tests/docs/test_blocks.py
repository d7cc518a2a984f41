"""What the documentation shows can be used: YAML is loaded, commands and their options exist."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from cli_reference import commands, options
from pages import ALL, PAGES, ROOT, Block
from project_reference import models_in, sections

from maestro_ml.project import MaestroError, Project, load_project

ELSEWHERE = {"CHANGELOG.md"}
KEYS = {info.alias or name for name, info in Project.model_fields.items()}
MODELS = [model for section in sections() for model in section.models]
CHART = json.loads((ROOT / "values.schema.json").read_text())
BASE = {"name": "shop", "datasets": {"orders": {"source": {"kind": "parquet", "path": "orders"}}}}
MODEL = {"dataset": "orders", "label": "returned", "columns": ["amount"], "register": {"name": "returned"}}
PIPELINES = {"ci.md"}  # of GitHub and GitLab: they are YAML, and not ours to load
TEXTS = ("country", "note", "plan")
MAKE = set(re.findall(r"^([a-z][\w-]*)(?=[\w -]*:)", (ROOT / "Makefile").read_text(), re.MULTILINE)) | {
    name
    for line in re.findall(r"^([a-z][a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for name in line.split()
}
COMMANDS = commands()
FEAST = {"online_store", "auth"}  # of feature_store.yaml


def as_yaml(block: Block) -> Any:
    """Return what a block holds if it is YAML of a project or of values; None if it is something else."""
    if block.language not in ("", "yaml"):
        return None
    if block.language == "" and not re.match(r"(- )?[\w\"*]+:( |$|\n)|- \{", block.text):
        return None
    try:
        said = yaml.safe_load(block.text)
    except yaml.YAMLError:
        assert block.language == "", f"{block} is no YAML"
        return None
    return said if isinstance(said, dict | list) else None


YAML = [(block, said) for block in ALL if block.page.name not in ELSEWHERE and (said := as_yaml(block)) is not None]


def table_for(model: dict[str, Any]) -> dict[str, Any]:
    """Return a dataset that has what a model asks for."""
    columns = {name: {"type": "string" if name in TEXTS else "number"} for name in model["columns"]}
    columns |= {"at": {"type": "timestamp"}, model["label"]: {"type": "boolean"}}
    return {"timestamp": "at", "columns": columns}


def is_loaded_as_a_project(said: dict[str, Any], folder: Path) -> None:
    """Load a project, or parts of one beside the tables that they are about."""
    project = BASE | said
    if "models" in said and "datasets" not in said:
        project["models"] = {name: MODEL | model for name, model in said["models"].items()}
        project["datasets"] = {model["dataset"]: table_for(model) for model in project["models"].values()}
    for dataset in project["datasets"].values():
        dataset.setdefault("source", {"kind": "parquet", "path": "orders"})
        if dataset.get("reference", {}).get("kind") in ("fixed", "previous", "season"):
            dataset.setdefault("timestamp", "at")
    (folder / "maestro.yaml").write_text(yaml.safe_dump(project))
    environ = dict.fromkeys(re.findall(r"\$\{env:(\w+)\}", json.dumps(said, default=str)), "value")
    mistakes = ""
    try:
        load_project(folder, environ)
    except MaestroError as error:
        mistakes = str(error)
    # a part of a longer file leaves out what stands beside it there
    assert [line for line in mistakes.splitlines() if "is missing" not in line] == []


def is_a_part(said: Any) -> bool:
    """Return whether the keys are those of a model of the project tree, or a list of such."""
    if isinstance(said, list):
        return all(isinstance(each, dict) and is_a_part(each) for each in said)
    for model in MODELS:
        names = {info.alias or name: info for name, info in model.model_fields.items()}
        if set(said) <= set(names) and all(
            not isinstance(value, dict) or not models_in(names[key].annotation) or is_a_part_or_named(value)
            for key, value in said.items()
        ):
            return True
    return False


def is_a_part_or_named(said: dict[str, Any]) -> bool:
    """Return whether a mapping is a part, or gives names to parts."""
    return is_a_part(said) or all(
        isinstance(each, list) or (isinstance(each, dict) and is_a_part(each)) for each in said.values()
    )


@pytest.mark.parametrize(("block", "said"), YAML, ids=lambda each: str(each) if isinstance(each, Block) else "")
def test_yaml_is_loaded(block: Block, said: Any, tmp_path: Path) -> None:
    if isinstance(said, dict) and set(said) <= KEYS:
        is_loaded_as_a_project(said, tmp_path)
    elif isinstance(said, dict) and set(said) & set(CHART["properties"]):
        jsonschema.validate(said, {**CHART, "required": []})
    elif block.page.name not in PIPELINES and not (isinstance(said, dict) and set(said) <= FEAST):
        assert is_a_part(said), f"{block} is neither a part of maestro.yaml nor of the chart's values"


def commands_in(block: Block) -> list[list[str]]:
    """Return the words of each command of `maestro`, `make` and the repository's scripts in a block."""
    found = []
    for line in block.text.replace("\\\n", " ").splitlines():
        for part in re.split(r"\s&&\s|\s;\s|\s\|\s|\s--\s(?=maestro )", line.split("  # ")[0].split(" # ")[0]):
            stripped = re.sub(r"^(\w+=\S+ )+|^\$ ", "", part.strip())
            if re.match(r"(maestro|make|ci/\w+|scripts/\w+\S*)( |$)", stripped) and "  " not in stripped.strip():
                found.append(shlex.split(stripped, comments=True))
    return found


def spans(page: Path) -> list[list[str]]:
    """Return the commands in the running text of a page."""
    found = re.findall(r"`((?:maestro|make) [a-z][^`\n]*)`", page.read_text(encoding="utf-8"))
    return [text.split() for text in found]


SHOWN = [(str(block), words) for block in ALL if block.language in ("", "sh", "bash") for words in commands_in(block)]
SHOWN += [(str(page.relative_to(ROOT)), words) for page in PAGES for words in spans(page)]
SHOWN = [(where, words) for where, words in SHOWN if not where.startswith(tuple(ELSEWHERE)) and words]


def problem(words: list[str]) -> str:
    """Return what is wrong with a command: an unknown name, option, target or file."""
    if words[0] == "make":
        unknown = [word for word in words[1:] if re.fullmatch(r"[a-z][\w-]*", word) and word not in MAKE]
        return f"make has no {unknown}" if unknown else ""
    if words[0] != "maestro":
        return "" if (ROOT / words[0]).exists() else f"no file {words[0]}"
    names = [word.strip(",.") for word in words[1:3]]
    name = next((each for each in (" ".join(names), names[0] if names else "") if each in COMMANDS), "")
    if not name:
        return "" if words[1:] and words[1] in ("--version", "--install-completion", "--help") else "no such command"
    known = options(COMMANDS[name])
    given = {word.split("=")[0] for word in words if re.match(r"--[a-z]|-[a-z]$", word)}
    return f"maestro {name} has no {given - known}" if given - known else ""


def test_every_command_exists_with_its_options() -> None:
    assert len(SHOWN) > 100
    wrong = {(where, " ".join(words), said) for where, words in SHOWN if (said := problem(words))}
    assert wrong == set()


@pytest.mark.parametrize(
    "line", ["maestro valdate orders", "maestro validate orders --latest", "make tset", "ci/nothing --help"]
)
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    assert problem(line.split())


@pytest.mark.parametrize("template", ["workflow.yml.jinja", "gitlab.yml.jinja"])
def test_the_page_on_ci_shows_the_files_that_init_writes(template: str) -> None:
    written = yaml.safe_load((ROOT / "src/maestro_ml/starting/templates" / template).read_text())
    shown = [yaml.safe_load(b.text) for b in ALL if b.page.name in PIPELINES and b.language == "text"]
    assert written in shown


def test_the_addresses_of_the_page_on_notifications_are_those_of_apprise() -> None:
    import apprise

    page = (ROOT / "docs/how-to/notify.md").read_text()
    addresses = re.findall(r"^\|[^|`]+\| `([a-z]+://[^`]+)` \|$", page, re.MULTILINE)
    assert len(addresses) >= 4
    assert [address for address in addresses if apprise.Apprise.instantiate(address) is None] == []
    assert apprise.Apprise.instantiate("slackk://T00000000/B00000000/X") is None
