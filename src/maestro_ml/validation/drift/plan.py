"""Which test which column gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from maestro_ml.core.findings import Finding
from maestro_ml.drift_methods.method import DriftMethod, Kind
from maestro_ml.project.drift import Drift
from maestro_ml.sql.types import CATEGORICAL, NUMERIC
from maestro_ml.validation.column_kinds import wrong_kind
from maestro_ml.validation.context import ValidationContext

Role = Literal["feature", "label", "prediction"]


@dataclass(frozen=True)
class DriftTest:
    """A column, what it is to the models, and how it is compared."""

    column: str
    role: Role
    kind: Kind
    method: DriftMethod

    @property
    def check(self) -> str:
        return self.method.check if self.role == "feature" else f"{self.role}_drift"


def plan_tests(context: ValidationContext, drift: Drift) -> tuple[list[DriftTest], list[Finding]]:
    """Return a test for each column that can take one, and findings on the others."""
    tests: list[DriftTest] = []
    findings: list[Finding] = []
    for test in _wanted(context, drift):
        kinds, wanted = (NUMERIC, "numeric") if test.kind == "numeric" else (CATEGORICAL, "text or boolean")
        problem = wrong_kind(context, test.column, "drift", test.check, drift.severity, kinds, wanted)
        if problem:
            findings.append(problem)
        else:
            tests.append(test)
    return tests, findings


def _wanted(context: ValidationContext, drift: Drift) -> Iterator[DriftTest]:
    separate = (*drift.labels, *drift.predictions)
    roles: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("feature", tuple(c for c in drift.columns or _features(context, drift) if c not in separate)),
        ("label", drift.labels),
        ("prediction", drift.predictions),
    )
    has_categories = drift.tests.categorical != "none"
    for role, columns in roles:
        for column in columns:
            declared = context.spec.columns.get(column)
            found = declared.type if declared else context.dataset.kind(column)
            categorical = found not in NUMERIC if declared else found in CATEGORICAL
            kind: Kind = "categorical" if categorical and (declared or has_categories) else "numeric"
            yield DriftTest(column, role, kind, drift.tests.method(kind))


def _features(context: ValidationContext, drift: Drift) -> Iterator[str]:
    numeric = context.spec.numeric_columns()
    for name, column in context.spec.columns.items():
        categorical = drift.tests.categorical != "none" and column.type in CATEGORICAL
        if name in numeric or (categorical and name not in context.spec.keys):
            yield name
