"""Replace wrong fields in a copy of the file's data, so that mistakes behind a first one are found as well."""

import copy
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from maestro_ml.core.near_names import nearest
from maestro_ml.core.node import FIELDS_ONLY, Path
from maestro_ml.project.loading.document import Document
from maestro_ml.project.loading.field_errors import Place, message_of, placed, resolved
from maestro_ml.project.project import Project

_ROUNDS = 12  # each brings mistakes that hid behind others: a key behind the kind it belongs to


def project_of(document: Document) -> Project | None:
    """Report every mistake of a field and return the project with placeholders for them; None if that fails."""
    data = document.data
    schema: dict[str, Any] | None = None
    for _ in range(_ROUNDS):
        try:
            return Project.model_validate(data, context=FIELDS_ONLY)
        except ValidationError as error:
            if data is document.data:
                data = copy.deepcopy(data)
            schema = schema or Project.model_json_schema(by_alias=True)  # most of the time that mistakes take
            details = error.errors()
        _report(details, data, schema, document)
    return None


def _report(details: list[ErrorDetails], data: Any, schema: dict[str, Any], document: Document) -> None:
    renamed: set[Path] = set()
    for detail in sorted(details, key=lambda detail: detail["type"] != "extra_forbidden"):
        place = placed(schema, detail["loc"])
        keys = place.keys
        if detail["type"] == "missing" and keys in renamed:
            continue  # it is there under a misspelled name
        if detail["type"] == "too_short" and any(_is_below(other["loc"], detail["loc"]) for other in details):
            continue  # its items are wrong, and counted as if they were not there
        if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
            word = str(detail["ctx"]["discriminator"]).strip("'")
            there = (*keys, word) if detail["type"] == "union_tag_invalid" else keys
            if there not in document.wrong:
                document.report(there, message_of(detail, place))
            if not _put_kind(data, keys, word, detail, place, schema):
                document.wrong.add(keys)  # mistakes found under a guessed kind mean nothing
            continue
        if keys not in document.wrong:
            document.report(keys, message_of(detail, place))
        if detail["type"] == "extra_forbidden":
            renamed |= _renamed(data, keys, place, document)
        elif detail["loc"] and detail["loc"][-1] == "[key]":
            _drop_key(data, keys, detail, schema)
        else:
            _put_right(data, keys, place, schema)


def _drop_key(data: Any, keys: Path, detail: ErrorDetails, schema: dict[str, Any]) -> None:
    """Drop a wrong key of a mapping, or the list of names that stands for the mapping."""
    parent = _parent(data, keys)
    if isinstance(parent, dict):
        parent.pop(keys[-1], None)
    else:
        _put_right(data, keys[:-1], placed(schema, detail["loc"][:-2]), schema)


def _is_below(place: Path, other: Path) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def _renamed(data: Any, keys: Path, place: Place, document: Document) -> set[Path]:
    """Replace an unknown key by the most similar one, or drop it."""
    parent = _parent(data, keys)
    value = parent.pop(keys[-1], None)
    near = nearest(str(keys[-1]), place.siblings)
    if near is None or near in parent:
        return set()
    parent[near] = value
    right = (*keys[:-1], near)
    document.rename(keys, right)
    return {right}


def _put_kind(data: Any, keys: Path, word: str, detail: ErrorDetails, place: Place, schema: dict[str, Any]) -> bool:
    """Replace an unknown kind by the most similar one (True), or by any."""
    node = _at(data, keys)
    tags = resolved(schema, place.schema).get("discriminator", {}).get("mapping", {})
    near = nearest(str(detail.get("ctx", {}).get("tag", "")), tags)
    if isinstance(node, dict) and near:
        node[word] = near
        return True
    _put_right(data, keys, place, schema)
    return False


def _put_right(data: Any, keys: Path, place: Place, schema: dict[str, Any]) -> None:
    if not keys:
        return
    parent: Any = _parent(data, keys)
    key: Any = keys[-1]
    optional = isinstance(parent, dict) and key in place.siblings and key not in place.required
    if optional:
        parent.pop(key, None)
    elif isinstance(parent, dict) or (isinstance(key, int) and key < len(parent)):
        parent[key] = _example(schema, place.schema)


def _example(schema: dict[str, Any], node: dict[str, Any]) -> Any:  # noqa: PLR0911 - one case a type
    """Return a value that the schema accepts."""
    node = resolved(schema, node)
    if mapping := node.get("discriminator", {}).get("mapping"):
        node = resolved(schema, {"$ref": mapping.get("duplicate_rows", next(iter(mapping.values())))})
    if "const" in node or "enum" in node:
        return node.get("const", node.get("enum", [None])[0])
    match node.get("type"):
        case "object":
            required = {name: _example(schema, node["properties"][name]) for name in node.get("required", ())}
            if node.get("minProperties") and not required:
                inner = node.get("additionalProperties") or next(iter(node.get("patternProperties", {"": {}}).values()))
                required = {"x": _example(schema, inner)}
            return required
        case "array":
            return [_example(schema, node.get("items", {}))] * node.get("minItems", 0)
        case "integer" | "number":
            return node.get("minimum", node.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return False
        case _ if node.get("format") == "date-time":
            return "2000-01-01"
        case _:
            examples = node.get("examples")
            return examples[0] if examples else "x"


def _parent(data: Any, keys: Path) -> Any:
    return _at(data, keys[:-1])


def _at(data: Any, keys: Path) -> Any:
    for key in keys:
        inside = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if not inside and not (isinstance(data, dict) and key in data):
            return {}
        data = data[key]
    return data
