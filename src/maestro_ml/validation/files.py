"""Files of one dataset that cannot be read, or do not have the contract's columns."""

from collections.abc import Iterator

from maestro_ml.data import OpenDataset
from maestro_ml.data.source_files import Columns, short
from maestro_ml.data.types import fits, kind_of
from maestro_ml.validation.findings import Finding, finding

_MOST = 20  # findings on files; more would hide the others


def file_findings(dataset: OpenDataset) -> list[Finding]:
    """A finding for each file that is left out, and for each way in which files break the contract.

    Nothing where the dataset is one file: there the contract is judged as it stands.
    """
    if dataset.files is None or not (dataset.files.refused or dataset.files.layouts):
        return []
    messages = [f"{short(file)} cannot be read and was left out: {why}" for file, why in dataset.files.refused.items()]
    if not dataset.files.uniform:
        messages += [
            f"{short(file)}{_and_others(count - 1)}: {'; '.join(broken)}"
            for columns, file, count in dataset.files.layouts
            if (broken := list(_broken(dataset, columns, file)))
        ]
    if not messages:
        count = len(dataset.files.readable)
        return [finding("schema", "files", "error", f"{count:,} files agree with the contract", violated=False)]
    told = (
        messages if len(messages) <= _MOST else [*messages[: _MOST - 1], f"and {len(messages) - _MOST + 1} more files"]
    )
    return [finding("schema", "files", "error", message, violated=True) for message in told]


def _broken(dataset: OpenDataset, columns: Columns, file: str) -> Iterator[str]:
    types = dict(columns)
    for name, column in dataset.spec.columns.items():
        if name not in types:
            in_path = f"/{name}=" in file  # a partition
            if column.required and name in dataset.types and not in_path:
                yield f"the column {name} is missing"
        elif not fits(kind_of(types[name] or "nested"), column.type):
            yield f"the column {name} is {types[name] or 'nested'}; the contract says {column.type}"


def _and_others(count: int) -> str:
    return f" (and {count:,} more like it)" if count else ""
