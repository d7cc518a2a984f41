"""Which test which column gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from maestro_ml.core.findings import Finding
from maestro_ml.project.drift import Drift
from maestro_ml.sql.types import CATEGORICAL, NUMERIC
from maestro_ml.validation.comparable import unusable
from maestro_ml.validation.context import Subject

Method = Literal["kolmogorov_smirnov", "chi_square", "psi", "wasserstein"]
Role = Literal["feature", "label", "prediction"]
_NUMERIC: dict[str, Method] = {"ks": "kolmogorov_smirnov", "psi": "psi", "wasserstein": "wasserstein"}
_CATEGORICAL: dict[str, Method] = {"none": "chi_square", "chi_square": "chi_square", "psi": "psi"}


@dataclass(frozen=True)
class DriftTest:
    """A column, what it is to the models, and how it is compared."""

    column: str
    role: Role
    kind: Literal["numeric", "categorical"]
    method: Method

    @property
    def check(self) -> str:
        return self.method if self.role == "feature" else f"{self.role}_drift"


def planned(subject: Subject, drift: Drift) -> tuple[list[DriftTest], list[Finding]]:
    """A test for each column that can take one, and findings on the others."""
    tests: list[DriftTest] = []
    findings: list[Finding] = []
    for test in _wanted(subject, drift):
        kinds, wanted = (NUMERIC, "numeric") if test.kind == "numeric" else (CATEGORICAL, "text or boolean")
        problem = unusable(subject, test.column, "drift", test.check, drift.severity, kinds, wanted)
        if problem:
            findings.append(problem)
        else:
            tests.append(test)
    return tests, findings


def _wanted(subject: Subject, drift: Drift) -> Iterator[DriftTest]:
    apart = (*drift.labels, *drift.predictions)
    roles: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("feature", tuple(c for c in drift.columns or _features(subject, drift) if c not in apart)),
        ("label", drift.labels),
        ("prediction", drift.predictions),
    )
    for role, columns in roles:
        for column in columns:
            if subject.spec.columns[column].type in NUMERIC:
                yield DriftTest(column, role, "numeric", _NUMERIC[drift.tests.numeric])
            else:
                yield DriftTest(column, role, "categorical", _CATEGORICAL[drift.tests.categorical])


def _features(subject: Subject, drift: Drift) -> Iterator[str]:
    numeric = subject.spec.numeric_columns()
    for name, column in subject.spec.columns.items():
        categorical = drift.tests.categorical != "none" and column.type in CATEGORICAL
        if name in numeric or (categorical and name not in subject.spec.keys):
            yield name
