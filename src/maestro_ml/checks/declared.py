"""The type of a dataset's `checks`: a check of any kind the registry knows, distinguished by its key `check`."""

from functools import cache
from typing import Annotated, Any, Union

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from maestro_ml.checks.base import Check
from maestro_ml.checks.registry import CHECKS
from maestro_ml.core.node import IMPORT_PATH
from maestro_ml.core.plugins import PluginError


class _ByName:
    """Validates and describes a check by its name; other packages are searched only for names that are not built in."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_wrap_validator_function(
            _validated,
            handler.generate_schema(_union(tuple(CHECKS.built_in.values()))),
            serialization=core_schema.simple_ser_schema("any"),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        known = CHECKS.known()
        described = handler(_adapter(tuple(known.values())).core_schema)
        by_path = {
            "type": "object",
            "properties": {"check": {"type": "string", "pattern": IMPORT_PATH, "not": {"enum": list(known)}}},
            "required": ["check"],
        }
        return {**described, "oneOf": [*described["oneOf"], by_path]}


AnyCheck = Annotated[Check, _ByName()]


def _validated(value: Any, handler: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo) -> Any:
    if isinstance(value, Check):
        return value
    name = value.get("check") if isinstance(value, dict) else None
    if not isinstance(name, str) or name in CHECKS.built_in:
        return handler(value)
    try:
        CHECKS.find(name)
    except PluginError as error:
        problem = PydanticCustomError("plugin", "{error}", {"error": str(error)})
        detail = InitErrorDetails(type=problem, loc=("check",), input=name)
        raise ValidationError.from_exception_data("check", [detail]) from error
    return _adapter(tuple(CHECKS.known().values())).validate_python(value, context=info.context)


def _union(kinds: tuple[type[Check], ...]) -> Any:
    return Annotated[Union[kinds], Field(discriminator="check")]  # noqa: UP007 - of a tuple


@cache
def _adapter(kinds: tuple[type[Check], ...]) -> TypeAdapter[Any]:
    return TypeAdapter(_union(kinds))
