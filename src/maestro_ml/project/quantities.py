"""Kubernetes' quantities and names: what the API server would refuse is refused when the project is loaded."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

_QUANTITY = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?")
_FACTORS = {
    **{unit: Decimal(1000) ** -power for power, unit in enumerate("mun", start=1)},
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", start=1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}
_LEAST_MEMORY = Decimal(2**20)
_LONGEST_PREFIX = 253
_LABEL_PART = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def amount_of(quantity: str) -> Decimal:
    """Return a quantity such as `500m` or `2Gi` as a number.

    Raises:
        ValueError: Kubernetes would not read it.
    """
    match = _QUANTITY.fullmatch(quantity)
    if not match:
        raise ValueError("a quantity is written like 2, 500m or 2Gi")
    number, unit, power = match.groups()
    return Decimal(number) * (_FACTORS[unit] if unit else Decimal(10) ** int(power or 0))


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _cpu(value: str) -> str:
    if amount_of(value) <= 0:
        raise ValueError("a pod needs more than no CPU")
    return value


def _memory(value: str) -> str:
    if amount_of(value) < _LEAST_MEMORY:
        raise ValueError(f"{float(amount_of(value)):g} bytes are too few; memory is written like 512Mi or 2Gi")
    return value


def label_key(value: str) -> str:
    """Return the key of a label if Kubernetes takes it.

    Raises:
        ValueError: it does not.
    """
    prefix, slash, name = value.rpartition("/")
    if not _LABEL_PART.fullmatch(name) or (slash and not _is_domain(prefix)):
        raise ValueError("a key is written like disk or example.com/disk, at most 63 characters after the /")
    return value


def label_value(value: str) -> str:
    """Return the value of a label if Kubernetes takes it.

    Raises:
        ValueError: it does not.
    """
    if value and not _LABEL_PART.fullmatch(value):
        raise ValueError(
            "a label's value has at most 63 letters, digits, -, _ and . and begins and ends with one of the first two"
        )
    return value


def _object_name(value: str) -> str:
    if not _is_domain(value):
        raise ValueError("a name in Kubernetes has lower-case letters, digits, - and . only")
    return value


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError("a variable's name has letters, digits and _ only, and does not begin with a digit")
    return value


def _folder(value: str) -> str:
    if not value.startswith("/") or ":" in value or value.rstrip("/") == "":
        raise ValueError("a folder of the pod is written like /data")
    return value


def _is_domain(value: str) -> bool:
    return len(value) <= _LONGEST_PREFIX and bool(_DOMAIN.fullmatch(value))


def _quantity(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "examples": list(examples)}, {"type": "number"}]})


Cpu = Annotated[str, BeforeValidator(_text), AfterValidator(_cpu), _quantity("1", "500m")]
Memory = Annotated[str, BeforeValidator(_text), AfterValidator(_memory), _quantity("2Gi", "512Mi")]
LabelKey = Annotated[str, AfterValidator(label_key)]
LabelValue = Annotated[str, AfterValidator(label_value)]
ObjectName = Annotated[str, AfterValidator(_object_name)]
VariableName = Annotated[str, AfterValidator(_variable)]
FolderPath = Annotated[str, AfterValidator(_folder)]
