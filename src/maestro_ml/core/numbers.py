"""Numbers of a declaration: true and false are none, though Python counts them among its whole numbers."""

from typing import Any

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# The keys under which a core schema holds the schemas of its parts; a `model` below has refused booleans itself.
_PARTS = ("schema", "items_schema", "keys_schema", "values_schema", "steps", "definitions")
_BY_NAME = ("fields", "choices")  # of a model, and of a union whose members a tag distinguishes
_KINDS = {"int": "int_type", "float": "float_type"}


def without_booleans(schema: CoreSchema) -> CoreSchema:
    """Return a model's schema in which every number, at any depth, refuses true and false."""
    found: CoreSchema = _refusing(schema, root=True)
    return found


def _refusing(schema: Any, *, root: bool = False) -> Any:
    if isinstance(schema, list | tuple):  # a choice of a union may carry a label
        return type(schema)(_refusing(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind in _KINDS:
        return _refusing_number(schema, _KINDS[str(kind)])
    if kind == "model" and not root:
        return schema
    root = root and kind != "model"  # which may stand in validators and definitions of its own
    parts = {key: _refusing(schema[key], root=root) for key in _PARTS if key in schema}
    named = {key: _of_each(schema[key]) for key in _BY_NAME if key in schema}
    return schema | parts | named


def _of_each(schemas: Any) -> Any:
    if isinstance(schemas, dict):
        return {name: _refusing(part) for name, part in schemas.items()}
    return _refusing(schemas)


def _refusing_number(schema: Any, kind: str) -> CoreSchema:
    def refuse(value: Any) -> Any:
        if isinstance(value, bool):
            raise PydanticCustomError(kind, "expected a number")
        return value

    return core_schema.no_info_before_validator_function(refuse, schema)
