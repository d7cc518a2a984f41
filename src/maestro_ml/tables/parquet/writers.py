"""Programs whose Parquet statistics are known to be wrong, by what they write into `created_by`."""

import re

_BINARY = frozenset({"BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY", "INT96"})
_EVERY = _BINARY | {"BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE"}
_VERSION = re.compile(r"^(.*?) version (\d+)\.(\d+)(?:\.(\d+))?")
# Before this version, statistics of these physical types can be wrong.
_WRONG = {
    # PARQUET-251: buffers were used again; PARQUET-686: texts in the order of signed bytes
    "parquet-mr": ((1, 10, 0), _BINARY),
    # PARQUET-816 and PARQUET-1025: the same order
    "parquet-cpp": ((1, 3, 0), _BINARY),
    # apache/arrow ARROW-12513: no nulls in dictionaries; GH-15042, GH-34106: extremes of a part of them
    "parquet-cpp-arrow": ((12, 0, 0), _BINARY),
    # apache/arrow-rs#306: no nulls where all values are
    "parquet-rs": ((4, 2, 0), _EVERY),
}


def doubtful_types(created_by: str | None) -> frozenset[str]:
    """Return the physical types of which a writer's statistics can be wrong; all of a writer without a name."""
    if not created_by:
        return _EVERY
    found = _VERSION.match(created_by)
    if not found:
        return frozenset()
    first_right, types = _WRONG.get(found[1], ((0, 0, 0), frozenset[str]()))
    version = (int(found[2]), int(found[3]), int(found[4] or 0))
    return types if version < first_right else frozenset()
