"""What keeps a dataset from the engine it names: a source it does not read, or a capability it lacks."""

from collections.abc import Iterator

from maestro_ml.checks.base import BaseCheck
from maestro_ml.core.node import Mistake, Path
from maestro_ml.drift_methods.registry import METHODS
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.engines import ENGINES, Capability, EngineEntry
from maestro_ml.project.sources import SqlSource
from maestro_ml.project.table_source import TableSource
from maestro_ml.sql.portable_predicates import check_portable
from maestro_ml.sql.portable_regex import check_portable_pattern

_PORTABLE = (
    ("where", Capability.PREDICATES, check_portable),
    ("sql", Capability.PREDICATES, check_portable),
    ("pattern", Capability.PATTERNS, check_portable_pattern),
)


def engine_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Yield what the engine of a dataset does not read or cannot do, each in a sentence at its place."""
    engine = ENGINES[dataset.engine]
    if obstacle := _unread(dataset, engine):
        yield Mistake(("engine",), f"engine: {dataset.engine} {obstacle}", (("source", "kind"),))
    for capability, path, reason in _needed(dataset):
        if capability not in engine.can:
            yield Mistake(path, f"engine: {dataset.engine}: {reason}", (("engine",),))


def separation(dataset: Dataset, other: Dataset) -> str | None:
    """Say why one query cannot read both datasets; None if it can."""
    if dataset.engine != other.engine:
        return f"is checked by engine: {other.engine}, and this one by engine: {dataset.engine}; give both the same"
    sources = (dataset.source, other.source)
    urls = {source.url.get_secret_value() for source in sources if isinstance(source, SqlSource)}
    if len(urls) > 1 and Capability.DATABASES not in ENGINES[dataset.engine].can:
        return f"is in another database, and engine: {dataset.engine} reads one at a time; give both the same url"
    return None


def _unread(dataset: Dataset, engine: EngineEntry) -> str | None:
    source = dataset.source
    if isinstance(source, SqlSource) and source.url.get_secret_value().startswith(engine.databases):
        return None
    if source.kind in engine.files or (isinstance(source, TableSource) and dataset.engine == "duckdb"):
        return None
    if engine.files:
        return f"reads {' and '.join(map(str.capitalize, engine.files))}, and the source is {source.kind}"
    starts = " or ".join(engine.databases)
    return f"needs a source of kind sql whose url starts with {starts}, and this one is {source.kind}"


def _needed(dataset: Dataset) -> Iterator[tuple[Capability, Path, str]]:
    """Yield what a dataset needs of its engine, where, and why the engine must be another without it."""
    for index, check in enumerate(dataset.checks):
        if isinstance(check, BaseCheck):
            yield from ((need, ("checks", index, field), why) for need, field, why in _unportable(check))
    if dataset.drift and dataset.drift.tests.method("numeric").needs_arrays:
        everywhere = [n for n, m in METHODS.known().items() if "numeric" in m.kinds and not m.needs_arrays]
        reason = (
            f"numeric drift by {dataset.drift.tests.numeric} needs engine: duckdb; "
            f"{' and '.join(everywhere)} runs on every engine"
        )
        yield Capability.ARRAYS, ("drift", "tests", "numeric"), reason
    for name, column in dataset.columns.items():
        for field in ("format", "unit"):
            if getattr(column, field):
                yield Capability.WRITTEN_TIMES, ("columns", name, field), f"{field} needs engine: duckdb"
    if dataset.timezone not in (None, "UTC"):
        reason = "times of a timezone's clock need another engine; store UTC, or give engine: duckdb"
        yield Capability.TIMEZONES, ("timezone",), reason


def _unportable(check: BaseCheck) -> Iterator[tuple[Capability, str, str]]:
    """Yield the fields that engines understand differently, with the reasons."""
    for field, capability, expect_portable in _PORTABLE:
        text = getattr(check, field, None)
        if not text:
            continue
        try:
            expect_portable(text)
        except ValueError as error:
            yield capability, field, str(error)
