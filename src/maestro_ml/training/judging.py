"""Judge a candidate by the rules of its gate."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import Rule
from maestro_ml.project import MaestroError
from maestro_ml.training.errors import CannotLearn

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

_REPEATS = 30
_LONGEST = 10.0  # seconds that one rule may measure


def judge_rules(rules: Sequence[Rule], evidence: Evidence) -> tuple[RuleOutcome, ...]:
    """Return the outcome of every rule, also after one that rejects.

    Raises:
        RequestError: a rule does not suit the candidate's features.
        CannotLearn: a rule of the project's own fails.
    """
    return tuple(_judged(rule, evidence) for rule in rules)


def _judged(rule: Rule, evidence: Evidence) -> RuleOutcome:
    try:
        return rule.judge(evidence)
    except (MaestroError, MemoryError):
        raise
    except Exception as error:  # a rule from outside can raise anything
        raise CannotLearn(f"the rule {rule.name()} cannot judge the candidate: {text_of(error)}") from error


def prediction_timer(pipeline: "Pipeline", features: "pd.DataFrame") -> Callable[[int], list[float]]:
    """Return a function that predicts a number of rows several times, and returns the seconds of each."""

    def times(rows: int) -> list[float]:
        import numpy as np

        chosen: Any = features.iloc[np.arange(rows) % len(features)]
        pipeline.predict(chosen)  # the first call is slower
        found: list[float] = []
        while len(found) < _REPEATS and sum(found) < _LONGEST:
            started = time.perf_counter()
            pipeline.predict(chosen)
            found.append(time.perf_counter() - started)
        return found

    return times
