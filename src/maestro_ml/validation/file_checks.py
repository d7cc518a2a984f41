"""Files of one dataset that cannot be read, or do not have the contract's columns."""

from collections.abc import Iterator

from maestro_ml.core.findings import Finding, finding
from maestro_ml.sql.types import fits, kind_of
from maestro_ml.tables import Table
from maestro_ml.tables.sources import unions
from maestro_ml.tables.sources.file_names import short
from maestro_ml.tables.sources.schema import Columns

_MOST = 20  # findings on files; more would hide the others


def file_findings(dataset: Table) -> list[Finding]:
    """Return a finding for each file that cannot be read, for all left out, and for each way to break the contract.

    Nothing where the dataset is one file and no other is beside it: there the contract is judged as it stands.
    """
    files = dataset.files
    if files is None:
        return []
    disagreements = files.disagreements(dataset.connection, _MOST)
    if not (files.refused or files.layouts or files.left_out or disagreements):
        return []
    messages = [f"{short(file)} cannot be read and was left out: {why}" for file, why in files.refused.items()]
    if files.left_out:
        messages.append(_left_out(files.left_out, len(files.readable)))
    messages += [found.sentence(hidden=dataset.spec.hides(found.column)) for found in disagreements]
    if not files.uniform:
        messages += [
            f"{short(file)}{_and_others(count - 1)}: {'; '.join(broken)}"
            for columns, file, count in files.layouts
            if (broken := list(_broken(dataset, columns)))
        ]
        messages += [*_zones(dataset), *_rounded(dataset)]
    if not messages:
        count = len(files.readable)
        return [finding("schema", "files", "error", f"{count:,} files agree with the contract", violated=False)]
    shown = (
        messages if len(messages) <= _MOST else [*messages[: _MOST - 1], f"and {len(messages) - _MOST + 1} more files"]
    )
    return [finding("schema", "files", "error", message, violated=True) for message in shown]


def _left_out(left_out: dict[str, str], count: int) -> str:
    names = [f"{name} ({why})" for name, why in [*left_out.items()][:_MOST]]
    names += [f"and {len(left_out) - _MOST:,} more"] if len(left_out) > _MOST else []
    return (
        f"{count:,} of {count + len(left_out):,} files that look like data were read; left out: {', '.join(names)}; "
        "rename them or move them away, or let the path be a glob of those to be read"
    )


def _broken(dataset: Table, columns: Columns) -> Iterator[str]:
    types = dict(columns)
    for name, column in dataset.spec.columns.items():
        if name not in types:
            if column.required and name in dataset.types and name not in dataset.partitions:
                yield f"the column {name} is missing"
        elif name not in dataset.partitions and not fits(kind_of(types[name] or "nested"), column.type):
            yield f"the column {name} is {types[name] or 'nested'}; the contract says {column.type}"


def _zones(dataset: Table) -> Iterator[str]:
    if dataset.spec.timezone or dataset.parquet is None:
        return
    for column, zoned, naive in unions.zones(dataset.parquet.by_layout):
        if column in dataset.spec.columns:
            yield (
                f"the column {column} carries a timezone in {zoned} and none in {naive}, where it was read as UTC: "
                f"declare it, as in `datasets.{dataset.name}.timezone: Europe/Berlin`"
            )


def _rounded(dataset: Table) -> Iterator[str]:
    if dataset.parquet is None:
        return
    types = {name: dataset.types[name] for name in dataset.spec.columns if name in dataset.types}
    for column, file, stored, count in dataset.parquet.rounded(dataset.connection, types):
        yield (
            f"{short(file)}: the column {column} is {stored}, and read as {types[column]} because of the other files, "
            f"which rounds {count:,} of its values; write one type"
        )


def _and_others(count: int) -> str:
    return f" (and {count:,} more like it)" if count else ""
