"""What the stages will ask of the rows, measured for all of them in as few scans as can be."""

from collections.abc import Sequence

from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Stage
from maestro_ml.sql.types import NUMERIC
from maestro_ml.tables import NoEventTime, QueryError
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.profile.build import columns_to_profile, sample_size, shown_columns
from maestro_ml.validation.quality import quality_probes
from maestro_ml.validation.schema import schema_probes
from maestro_ml.validation.sides import sides_of
from maestro_ml.validation.survey import Survey, shared_seed

_MOST_CELLS = 4_000_000  # of a sample that is shared
_PROBES = {"schema": schema_probes, "quality": quality_probes}


def prefetch_aggregates(context: ValidationContext, stages: Sequence[Stage]) -> None:
    """Fill in what is known of the rows; a stage measures by itself what could not be measured here."""
    import duckdb

    try:
        probes = [probe for stage in stages if stage in _PROBES for probe in _PROBES[stage](context)]
        plain = [probe for probe in probes if isinstance(probe, Probe) and probe.source is None]
        context.current.values([expression for probe in plain for expression in probe.expressions])
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, QueryError, NoEventTime):
        return


def prefetch_samples(context: ValidationContext) -> None:
    """Look at the rows of both sides once for all stages that sample them, and for the profile.

    Where that cannot be done, and in a table of very many columns, each stage looks by itself.
    """
    import duckdb

    columns = columns_to_profile(context, ())
    if not columns or len(columns) < len(context.dataset.types):
        return
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
        Survey(sampled, size, shared_seed(context), columns).take(sides_of(context))
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except (duckdb.Error, QueryError, NoEventTime):
        return
