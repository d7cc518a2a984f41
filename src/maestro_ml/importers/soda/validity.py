"""What makes a value valid for Soda."""

from collections.abc import Mapping
from typing import Any

from maestro_ml.importers.bounds import whole
from maestro_ml.importers.sql import whole_text
from maestro_ml.importers.suite import Check, NoCounterpart, check

# Maestro's own patterns of what the formats are called; of text columns.
_FORMATS = {
    "integer": r"[-+]?[0-9]+",
    "positive integer": r"\+?[0-9]+",
    "negative integer": r"-[0-9]+|0",
    "decimal": r"[-+]?[0-9]*[.,]?[0-9]+",
    "positive decimal": r"\+?[0-9]*[.,]?[0-9]+",
    "email": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}",
    "uuid": r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "percentage": r"[-+]?[0-9]+([.,][0-9]+)? *%",
    "ip address": r"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])",
    "ipv4 address": r"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])",
}
_DATES = {"date iso 8601": "%Y-%m-%d", "date us": "%m/%d/%Y", "date eu": "%d/%m/%Y", "date inverse": "%Y-%m-%d"}


def validity(column: str, keys: Mapping[str, Any]) -> list[Check]:
    """Return a check for each way in which values are to be valid.

    Raises:
        NoCounterpart: one of them cannot be said, or there is none.
    """
    bounds = {key: keys[f"valid_{key}"] for key in ("min", "max") if f"valid_{key}" in keys}
    lengths = dict.fromkeys(("min", "max"), keys["valid_length"]) if "valid_length" in keys else {}
    lengths |= {key: keys[f"valid_{key}_length"] for key in ("min", "max") if f"valid_{key}_length" in keys}
    made = [_made(column, key, value) for key, value in keys.items() if key.startswith(("valid", "invalid"))]
    made = [each for each in made if each is not None]
    if bounds:
        made.append(check("range", column=column, **bounds))
    if lengths:
        whole_lengths = {key: whole(value, "the length") for key, value in lengths.items()}
        made.append(check("length", column=column, **whole_lengths))
    if not made:
        raise NoCounterpart("nothing says which values are valid")
    return [each for each in made if each]


def _made(column: str, key: str, value: Any) -> Check | None:
    """Return the check of one key; None for bounds, which are checked together."""
    match key, value:
        case (("valid_min" | "valid_max" | "valid_length" | "valid_min_length" | "valid_max_length"), _):
            return None
        case (("valid_values" | "invalid_values"), [*values]):
            return check("allowed" if key == "valid_values" else "forbidden", column=column, values=values)
        case (("valid_regex" | "invalid_regex"), str(pattern)):
            return check(key.replace("in", "not_").replace("valid_", ""), column=column, pattern=whole_text(pattern))
        case "valid_format", {"regex": str(pattern)}:
            return check("regex", column=column, pattern=whole_text(pattern))
        case "valid_format", str(name):
            return _of_format(column, name)
        case "valid_reference_data", {"dataset": str(dataset), "column": str(other)}:
            return check("references", column=column, dataset=dataset.rpartition("/")[2], key=other)
    raise NoCounterpart(f"no check knows what {key.replace('_', ' ')} {value} means")


def _of_format(column: str, name: str) -> Check:
    plain = name.strip().lower().replace("_", " ")
    if plain in _DATES:
        return check("date_format", column=column, format=_DATES[plain])
    if plain in _FORMATS:
        return check("regex", column=column, pattern=_FORMATS[plain])
    raise NoCounterpart(f"the format {name!r} has no pattern here; `regex` takes one")
