"""From maestro.yaml to a Project, or to every problem in it at once."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from maestro_ml.project.base import PATTERNS
from maestro_ml.project.document import Document
from maestro_ml.project.errors import Problem, ProjectError
from maestro_ml.project.library_errors import text_of
from maestro_ml.project.model import Project
from maestro_ml.project.names import check_names

FILE_NAME = "maestro.yaml"


def load_project(path: str | Path, environ: Mapping[str, str] = os.environ) -> Project:
    """Read a project from its folder or its file.

    Raises:
        ProjectError: with file, line, key path, what was found and what would be right, for every problem.
    """
    file = Path(path)
    file = file / FILE_NAME if file.is_dir() else file
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProjectError(
            [Problem(str(file), 1, "", f"no such file; --project names the folder that holds {FILE_NAME}")]
        ) from None
    except UnicodeDecodeError as error:
        raise ProjectError([Problem(str(file), 1, "", f"not UTF-8 text: {error.reason}")]) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        raise ProjectError([Problem(str(file), 1, "", f"cannot be read: {text_of(error)}")]) from None
    try:
        document = Document(str(file), text, environ)
        project = _validated(document)
    except RecursionError:
        message = "nested too deeply, or an anchor that contains itself"
        raise ProjectError([Problem(str(file), 1, "", message)]) from None
    if project is not None:
        check_names(project, document)
    if document.problems or project is None:
        raise ProjectError(document.problems)
    project._root = file.resolve().parent
    return project


def _validated(document: Document) -> Project | None:
    try:
        return Project.model_validate(document.data)
    except ValidationError as error:
        schema = Project.model_json_schema(by_alias=True)
        for detail in error.errors():
            keys, properties = _descend(schema, detail["loc"])
            document.report(keys, _message(detail, properties))
        return None


def _message(detail: ErrorDetails, siblings: list[str]) -> str:
    found = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            name = str(detail["loc"][-1])
            near = difflib.get_close_matches(name, siblings, n=1)
            return (
                f"unknown key; did you mean '{near[0]}'?" if near else f"unknown key; known here: {', '.join(siblings)}"
            )
        case "missing":
            return "required, but missing"
        case "union_tag_not_found":
            return f"required key {detail['ctx']['discriminator']} is missing" if "ctx" in detail else detail["msg"]
        case "string_pattern_mismatch" if detail["ctx"]["pattern"] in PATTERNS:
            return f"{PATTERNS[detail['ctx']['pattern']]}; found {found!r}"
        case _:
            message = detail["msg"].removeprefix("Value error, ")
            return message if isinstance(found, dict | list) else f"{message}; found {found!r}"


def _descend(schema: dict[str, Any], loc: tuple[int | str, ...]) -> tuple[tuple[int | str, ...], list[str]]:
    """Follow a pydantic location through the JSON schema.

    Returns:
        The keys as the file has them (union tags left out), and the last mapping's known keys.
    """
    node, keys, siblings = schema, [], list[str]()
    for part in loc:
        if part == "[key]":  # pydantic's word for a mapping's key itself
            continue
        node = _resolved(schema, node)
        mapping = node.get("discriminator", {}).get("mapping", {})
        if part in mapping:
            node = {"$ref": mapping[part]}
            continue
        properties = node.get("properties", {})
        siblings = sorted(properties) or siblings
        keys.append(part)
        following = properties.get(part) or node.get("items") or node.get("additionalProperties") or {}
        if not following and "patternProperties" in node:
            following = next(iter(node["patternProperties"].values()))
        node = following if isinstance(following, dict) else {}
    return tuple(keys), siblings


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        else:
            node = next(option for option in node["anyOf"] if option.get("type") != "null")
    return node
