"""What the stages will ask of the rows, measured for all of them in as few scans as can be."""

from collections.abc import Sequence

from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Stage
from maestro_ml.sql.aggregates import Aggregate, Expression
from maestro_ml.sql.types import NUMERIC
from maestro_ml.tables import LocalTable, NoEventTime, QueryError
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.profile.build import columns_to_profile, sample_size, shown_columns
from maestro_ml.validation.quality import quality_probes
from maestro_ml.validation.schema import schema_probes
from maestro_ml.validation.sides import sides_of
from maestro_ml.validation.survey import Survey, shared_seed

_MOST_CELLS = 4_000_000  # of a sample that is shared
_PROBES = {"schema": schema_probes, "quality": quality_probes}


def prefetch(context: ValidationContext, stages: Sequence[Stage]) -> None:
    """Look at the rows of both sides once, for checks, samples and profile; where that cannot be done, in turn."""
    is_here = isinstance(context.dataset, LocalTable)  # a remote engine sends only some of its rows
    shared = [each for each in _expressions(context, stages) if isinstance(each, Aggregate)] if is_here else []
    if not prefetch_samples(context, shared) and shared:  # one of the checks may not be what these rows can answer
        prefetch_samples(context)
    prefetch_aggregates(context, stages)


def prefetch_aggregates(context: ValidationContext, stages: Sequence[Stage]) -> None:
    """Fill in what is known of the rows; a stage measures by itself what could not be measured here."""
    import duckdb

    try:
        context.current.values(_expressions(context, stages))
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, QueryError, NoEventTime):
        return


def _expressions(context: ValidationContext, stages: Sequence[Stage]) -> list[Expression]:
    """Return what schema and quality will ask of the window's rows in the common scan; nothing where it cannot be cut.

    What SQL of their own measures may need more memory than a count does.
    """
    import duckdb

    try:
        probes = [probe for stage in stages if stage in _PROBES for probe in _PROBES[stage](context)]
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, QueryError, NoEventTime):
        return []
    plain = (probe for probe in probes if isinstance(probe, Probe) and probe.source is None)
    return [expression for probe in plain for expression in probe.expressions]


def prefetch_samples(context: ValidationContext, shared: Sequence[Aggregate] = ()) -> bool:
    """Look at the rows of both sides once for all stages that sample them, and for the profile.

    Where that cannot be done, and in a table of very many columns, each stage looks by itself.

    Args:
        shared: aggregates of the window to be measured along.

    Returns:
        Whether nothing went wrong.
    """
    import duckdb

    columns = columns_to_profile(context, ())
    if not columns or len(columns) < len(context.dataset.types):
        return True
    anomalies, classifier = context.spec.anomalies, context.spec.drift.classifier if context.spec.drift else None
    shown = shown_columns(context, columns)
    numeric = [name for name in columns if context.dataset.kind(name) in NUMERIC] if anomalies or classifier else []
    sampled = [*dict.fromkeys([*shown, *numeric])]
    sizes = [sample_size(len(columns))]
    sizes += [anomalies.sample, anomalies.window_sample] if anomalies else []
    sizes += [classifier.sample] if classifier else []
    size = max(sizes) if max(sizes) * len(sampled) <= _MOST_CELLS else sizes[0]
    try:
        if context.spec.timestamp:
            context.measure_times()
        Survey(sampled, size, shared_seed(context), columns, shared).take(sides_of(context))
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except (duckdb.Error, QueryError, NoEventTime):
        return False
    return True
