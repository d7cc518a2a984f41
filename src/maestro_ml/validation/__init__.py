"""Schema, quality, drift and anomalies of a dataset: findings, a verdict, a report."""

from maestro_ml.core.findings import Finding, Stage, Verdict
from maestro_ml.validation.report.model import Report
from maestro_ml.validation.run import validate_dataset

__all__ = ["Finding", "Report", "Stage", "Verdict", "validate_dataset"]
