"""Files as Spark reads them: their names, and the partitions in the names of folders."""

import re
from collections.abc import Sequence
from typing import Any

from maestro_ml.sql.identifiers import literal
from maestro_ml.tables.sources.file_names import plain
from maestro_ml.tables.sources.partitions import NULL, Partition

_SCHEMES = {"s3://": "s3a://"}
_HADOOPS = re.compile(r"[][{}*?\\]")


def quoted_by_spark(name: str) -> str:
    """Quote a column or table name for Spark."""
    return "`" + name.replace("`", "``") + "`"


def path_of(file: str) -> str:
    """Convert a file's name in DuckDB (special characters in brackets) to a path of Hadoop's (behind backslashes)."""
    name = _HADOOPS.sub(r"\\\g<0>", plain(file))
    for scheme, hadoops in _SCHEMES.items():
        if name.startswith(scheme):
            return hadoops + name.removeprefix(scheme)
    return name if "://" in name else f"file://{name}"


def with_partitions(frame: Any, partitions: Sequence[Partition]) -> Any:
    """Return the frame with the partitions as columns of text, in place of the files' own of these names."""
    if not partitions:
        return frame
    names = {partition.name.lower() for partition in partitions}
    own = [quoted_by_spark(name) for name in frame.columns if name.lower() not in names]
    return frame.selectExpr(*own, *map(_from_path, partitions))


def _from_path(partition: Partition) -> str:
    """Return SQL for a partition from the address of its row's file, which escapes the names of folders once more."""
    path = _decoded("_metadata.file_path")
    value = f"regexp_extract({path}, {_text(partition.pattern)}, 1)"
    return f"{_decoded(f'nullif({value}, {_text(NULL)})')} AS {quoted_by_spark(partition.name)}"


def _decoded(text: str) -> str:
    """Return SQL for a text without its percent-escapes; a `%` that starts no escape is kept."""
    escapes = f"regexp_replace({text}, '%(?![0-9A-Fa-f]{{2}})', '%25')"
    return f"url_decode(replace({escapes}, '+', '%2B'))"


def _text(value: str) -> str:
    return literal(value.replace("\\", "\\\\"))
