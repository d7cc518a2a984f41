"""The type of a metric's name in maestro.yaml."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from maestro_ml.metrics.registry import all_metrics


def _known(name: str) -> str:
    if name not in all_metrics():
        *first, last = (f"'{known}'" for known in all_metrics())
        expected = f"{', '.join(first)} or {last}"
        raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
    return name


MetricName = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(all_metrics())})]
