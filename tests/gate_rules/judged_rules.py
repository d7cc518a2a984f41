"""A declared rule judged on answers of which so many are right."""

import numpy as np
from pydantic import TypeAdapter

from maestro_ml.gate_rules.declared import AnyRule
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.metrics.metric import Predictions

ANY_RULE = TypeAdapter(AnyRule)


def right(correct: int, rows: int, start: int = 0) -> Predictions:
    """Return answers of which `correct` in a row are right, from `start` on."""
    actual = np.arange(rows) % 2
    hit = (np.arange(rows) - start) % rows < correct
    predicted = np.where(hit, actual, 1 - actual)
    return Predictions("binary", actual, predicted, np.column_stack([1 - predicted, predicted]).astype(float), (0, 1))


def judge(rule: dict[str, object], candidate: Predictions, **evidence: object) -> RuleOutcome:
    return ANY_RULE.validate_python(rule).judge(Evidence(candidate, right(0, len(candidate)), **evidence))  # type: ignore[arg-type]
