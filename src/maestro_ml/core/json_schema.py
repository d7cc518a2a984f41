"""The JSON schema editors get: it must not call wrong what loading accepts."""

from typing import Any

# Loading fills it in before the types are looked at, so it may stand for a number or a word of a list too.
ENVIRONMENT = {"type": "string", "pattern": r"\$\{env:[A-Za-z_]"}
_ABOUT = ("default", "title", "description")


def or_environment(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a property's schema that also takes `${env:NAME}` where a plain text would be refused."""
    options = schema.get("anyOf", [schema])
    if not any(_refuses_text(option) for option in options):
        return schema
    about = {key: schema[key] for key in _ABOUT if key in schema}
    bare = [{key: value for key, value in option.items() if key not in _ABOUT} for option in options]
    return {**about, "anyOf": [*bare, ENVIRONMENT]}


def _refuses_text(schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    return "enum" in schema or kind in ("integer", "number", "boolean") or (kind == "string" and "pattern" in schema)
