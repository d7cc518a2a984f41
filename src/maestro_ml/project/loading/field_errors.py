"""Describe pydantic's errors in plain words, at their place in the file."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic_core import ErrorDetails

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.node import PATTERNS, Path

_QUOTE = "; YAML reads Yes, No, on and off without quotes as true and false"
_WANTED = {
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a smaller whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a finite number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "tuple_type": "expected a list, such as [a, b]",
    "list_type": "expected a list, such as [a, b]",
    "dict_type": "expected a mapping of keys to values",
    "model_type": "expected a mapping of keys to values",
    "model_attributes_type": "expected a mapping of keys to values",
}
_TIME = "a time is written like 2024-01-31 or 2024-01-31T06:00:00Z"


@dataclass(frozen=True)
class Place:
    """A pydantic location as keys of the file, without the tags of unions.

    Attributes:
        siblings: the keys known beside it.
        required: those of them that must be there.
        schema: the JSON schema of what belongs there.
    """

    keys: Path
    siblings: list[str]
    required: list[str]
    schema: dict[str, Any]


def placed(schema: dict[str, Any], loc: tuple[int | str, ...]) -> Place:
    """Follow a pydantic location through the JSON schema of the whole file."""
    node, keys, siblings, required = schema, list[str | int](), list[str](), list[str]()
    for part in loc:
        if part == "[key]":  # pydantic's word for a mapping's key itself
            continue
        node = resolved(schema, node)
        mapping = node.get("discriminator", {}).get("mapping", {})
        if part in mapping:
            node = resolved(schema, {"$ref": mapping[part]})
            continue
        properties = node.get("properties", {})
        following = properties.get(part) or node.get("items") or node.get("additionalProperties") or {}
        if not following and "patternProperties" in node:
            following = next(iter(node["patternProperties"].values()))
        if not properties and not following and node.get("type") not in ("object", "array", None):
            break  # the name of a union's member
        siblings, required = sorted(properties), list(node.get("required", ()))
        keys.append(part)
        node = following if isinstance(following, dict) else {}
    return Place(tuple(keys), siblings, required, node)


def resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return the node that a reference or a nullable node stands for."""
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        else:
            node = next(option for option in node["anyOf"] if option.get("type") != "null")
    return node


def message_of(detail: ErrorDetails, place: Place) -> str:  # noqa: PLR0911 - a table, written as one
    """Return a message that says what is wrong and what would be right."""
    found, kind, context = detail["input"], detail["type"], detail.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return f"unknown key{did_you_mean(str(place.keys[-1]), place.siblings)}"
        case "missing":
            return "required, but missing"
        case "union_tag_not_found":
            return f"required key {context['discriminator']} is missing"
        case "union_tag_invalid":
            tags = [tag.strip("' ") for tag in str(context["expected_tags"]).split(",")]
            word = str(context["discriminator"]).strip("'")
            return f"no {word} '{context['tag']}'{did_you_mean(str(context['tag']), tags)}"
        case "literal_error":
            words = [word.strip("' ") for word in _words(str(context["expected"]))]
            hint = did_you_mean(str(found), words, otherwise="")
            return f"expected {context['expected']}; found {_shown(found)}{hint}"
        case "plugin":
            return detail["msg"]
        case "string_pattern_mismatch" if context["pattern"] in PATTERNS:
            return f"{PATTERNS[context['pattern']]}; found {_shown(found)}"
        case "too_short":
            return f"needs at least {context['min_length']} {'item' if context['min_length'] == 1 else 'items'}"
        case _ if kind in _WANTED:
            quote = _QUOTE if isinstance(found, bool) and kind == "string_type" else ""
            return f"{_WANTED[kind]}; found {_shown(found)}{quote}"
        case _ if kind.startswith(("datetime", "date_", "time_")):
            return f"{_TIME}; found {_shown(found)}"
        case _ if kind.startswith(("greater_than", "less_than")):
            return f"{detail['msg'].replace('Input should', 'must')}; found {_shown(found)}"
        case _:
            message = detail["msg"].removeprefix("Value error, ")
            return message if isinstance(found, dict | list) else f"{message}; found {_shown(found)}"


def _words(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(", ")


def _shown(found: Any) -> str:
    if isinstance(found, dict | list):
        return "a mapping" if isinstance(found, dict) else "a list"
    if found is None or isinstance(found, bool):
        return {None: "nothing", True: "true", False: "false"}[found]
    if isinstance(found, date):
        return f"{found}, which YAML reads as a time; write '{found}' in quotes for a text"
    text = repr(found)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004
