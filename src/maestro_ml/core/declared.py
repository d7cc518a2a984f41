"""The type of a declaration whose kind a registry knows: distinguished by a key that states the kind's name."""

from functools import cache
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from maestro_ml.core.node import IMPORT_PATH
from maestro_ml.core.plugins import PluginError
from maestro_ml.core.registry import Registry


class Declared:
    """Validate and describe a declaration by its name; search other packages only for names that are not built in.

    Args:
        key: the key that states the name.
        base: the class of all kinds.
        registry: finds them.
    """

    def __init__(self, key: str, base: type[BaseModel], registry: Registry[Any]) -> None:
        self._key, self._base, self._registry = key, base, registry

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Not a union of all kinds: a project names few of them, and only those are imported and build a validator.
        return core_schema.with_info_plain_validator_function(
            self._validated, serialization=core_schema.simple_ser_schema("any")
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        known = self._registry.known()
        described = handler(_adapter(tuple(known.values()), self._key).core_schema)
        by_path = {
            "type": "object",
            "properties": {self._key: {"type": "string", "pattern": IMPORT_PATH, "not": {"enum": list(known)}}},
            "required": [self._key],
        }
        return {**described, "oneOf": [*described["oneOf"], by_path]}

    def _validated(self, value: Any, info: core_schema.ValidationInfo) -> Any:
        if isinstance(value, self._base):
            return value
        name = value.get(self._key) if isinstance(value, dict) else None
        try:
            kind = self._registry.find(name) if isinstance(name, str) else None
        except PluginError as error:
            problem = PydanticCustomError("plugin", "{error}", {"error": str(error)})
            detail = InitErrorDetails(type=problem, loc=(self._key,), input=name)
            raise ValidationError.from_exception_data(self._key, [detail]) from error
        if kind is not None:
            try:
                return kind.model_validate(value, context=info.context)
            except ValidationError:  # the union below has the kind in the places of the same errors
                pass
        return _adapter(self._kinds(name), self._key).validate_python(value, context=info.context)

    def _kinds(self, name: Any) -> tuple[type[BaseModel], ...]:
        """Return the kinds that a declaration with a mistake may be of."""
        own = not isinstance(name, str) or name in self._registry.built_in
        return tuple((self._registry.built_in if own else self._registry.known()).values())


def _union(kinds: tuple[type[BaseModel], ...], key: str) -> Any:
    return Annotated[Union[kinds], Field(discriminator=key)]  # noqa: UP007 - of a tuple


@cache
def _adapter(kinds: tuple[type[BaseModel], ...], key: str) -> TypeAdapter[Any]:
    return TypeAdapter(_union(kinds, key))
