"""What the stages will ask of the window's rows, measured for all of them in one scan."""

from collections.abc import Sequence

from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Stage
from maestro_ml.tables import NoEventTime, QueryError
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.quality import quality_probes
from maestro_ml.validation.schema import schema_probes

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
