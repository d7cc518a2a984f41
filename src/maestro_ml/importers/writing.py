"""Imported datasets as lines of maestro.yaml."""

from collections.abc import Iterator

from maestro_ml.core.yaml_text import flow, one_line
from maestro_ml.importers.dataset import Imported


def snippet(datasets: list[Imported], origin: str) -> str:
    """Return lines to paste below `datasets:`; what could not be imported stands in comments above each.

    Args:
        origin: the file, and the tool it is of.
    """
    return "".join(f"{line}\n" for dataset in datasets for line in _dataset_lines(dataset, origin))


def project(name: str, dataset: Imported, origin: str) -> str:
    """Return a new maestro.yaml with the one dataset."""
    head = [f"# Imported by `maestro import` from {one_line(origin)}.", "version: 1", f"name: {name}", "", "datasets:"]
    return "".join(f"{line}\n" for line in (*head, *_dataset_lines(dataset, origin)))


def _dataset_lines(dataset: Imported, origin: str) -> Iterator[str]:
    yield f"  # From {one_line(origin)}: {dataset.total - len(dataset.lost)} of {dataset.total} checks."
    yield from _listed("No counterpart", dataset.lost)
    yield from _listed("Not quite the same", dataset.notes)
    yield f"  {flow(dataset.name)}:"
    if "source" not in dataset.settings:
        yield "    # source: {kind: parquet, path: ...}"
    yield from (f"    {key}: {flow(value)}" for key, value in dataset.settings.items())
    if dataset.columns:
        yield "    columns:"
        yield from (f"      {flow(name)}: {flow(declared)}" for name, declared in dataset.columns.items())
        yield from (f"    {key}: {value}" for key, value in dataset.extra_columns.items())
    if dataset.checks:
        yield "    checks:"
        yield from (f"      - {flow(check)}  # {one_line(name)}" for name, check in dataset.checks)


def _listed(title: str, pairs: list[tuple[str, str]]) -> Iterator[str]:
    if pairs:
        yield f"  # {title}:"
        yield from (f"  #   {one_line(name)}: {one_line(reason)}" for name, reason in pairs)
