"""From what was measured to findings: limits, correction for many tests, minimal effect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maestro_ml.core.corrections import benjamini_hochberg, holm
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import Number, PValue, Result, Statistic
from maestro_ml.core.wording import against, exact, plural
from maestro_ml.drift_methods.method import Outcome
from maestro_ml.project.drift import Drift
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.drift.plan import DriftTest

_NAMES = {"holm": "Holm", "benjamini-hochberg": "Benjamini-Hochberg"}


@dataclass(frozen=True)
class _Corrected:
    """A p-value as it is, and corrected for all `tests` of the run."""

    raw: float
    by: dict[str, float]
    tests: int

    def used(self, drift: Drift) -> float:
        return self.by.get(drift.correction, self.raw)

    def describe(self, drift: Drift) -> str:
        name = drift.correction if drift.correction != "none" else "holm"
        corrected = against(self.by[name], drift.p_value, form=".3g")
        more = f"; {corrected} corrected by {_NAMES[name]} for {self.tests} tests" if self.tests > 1 else ""
        raw = against(self.raw, drift.p_value, form=".3g")
        return f"p = {raw} (limit {exact(drift.p_value)}{more})"


def evaluate_tests(
    tests: Sequence[DriftTest], outcomes: Sequence[Outcome], context: ValidationContext, drift: Drift
) -> list[Finding]:
    """Return a finding for each test."""
    compared = list(zip(tests, outcomes, strict=True))
    judged = [o for t, o in compared if _has_p_value(t, o, drift) and not _obstacle(t, o, context, drift)]
    p_values = [outcome.p_value for outcome in judged if outcome.p_value is not None]
    corrected = zip(p_values, holm(p_values), benjamini_hochberg(p_values), strict=True)
    remaining = (_Corrected(raw, {"holm": h, "benjamini-hochberg": bh}, len(p_values)) for raw, h, bh in corrected)
    return list(_findings(compared, remaining, context, drift))


def _has_p_value(test: DriftTest, outcome: Outcome, drift: Drift) -> bool:
    """Return whether a p-value decides: never that of a method with a limit."""
    return outcome.p_value is not None and test.method.limit is None and not _limited_instead(test, drift)


def _limited_instead(test: DriftTest, drift: Drift) -> bool:
    """Return whether the project file lets the size decide where a p-value would."""
    return test.method.limit is None and test.method.name in drift.limits


def _findings(
    compared: Iterable[tuple[DriftTest, Outcome]],
    corrected: Iterable[_Corrected],
    context: ValidationContext,
    drift: Drift,
) -> Iterable[Finding]:
    remaining = iter(corrected)
    for test, outcome in compared:
        obstacle = _obstacle(test, outcome, context, drift)
        if obstacle:
            message = f"cannot be compared: {obstacle}"
            result = Result(details=_details(test, outcome, context))
            yield _finding(test, drift, message, result, violated=True)
        elif _has_p_value(test, outcome, drift):
            yield _by_p_value(test, outcome, next(remaining), context, drift)
        else:
            yield _by_size(test, outcome, context, drift)


def _obstacle(test: DriftTest, outcome: Outcome, context: ValidationContext, drift: Drift) -> str | None:
    """Return why the outcome says nothing, whatever it is; None if it can be judged."""
    obstacle = outcome.obstacle or _empty(outcome, context)
    if obstacle or outcome.smallest_p < drift.p_value or _limited_instead(test, drift):
        return obstacle
    smallest = against(outcome.smallest_p, drift.p_value, form=".3g")
    return (
        f"{plural(outcome.current, 'value')} against {outcome.reference:,}: too few, or repeated too seldom, to show a "
        f"difference: the smallest possible p is {smallest} (limit {exact(drift.p_value)})"
    )


def _empty(outcome: Outcome, context: ValidationContext) -> str | None:
    if outcome.reference and outcome.current:
        return None
    side, rows = ("window", context.current) if outcome.reference else ("reference", context.reference)
    return f"no value in the {side} ({rows})"


def _by_p_value(test: DriftTest, outcome: Outcome, p: _Corrected, context: ValidationContext, drift: Drift) -> Finding:
    unlikely = p.used(drift) < drift.p_value
    small = drift.min_effect is not None and (outcome.effect or 0.0) < drift.min_effect
    violated = unlikely and not small
    effect = f", the smallest effect that counts is {exact(drift.min_effect)}" if drift.min_effect is not None else ""
    comparison = outcome.description.format(value=against(outcome.effect or 0.0, drift.min_effect, form=".4f"))
    message = (
        f"{'differs from' if violated else 'is like'} the reference: {comparison}, {p.describe(drift)}{effect}, "
        f"{plural(outcome.current, 'value')} against {outcome.reference:,}"
    )
    p_value = PValue(
        p.raw,
        drift.p_value,
        p.by["holm"],
        p.by["benjamini-hochberg"],
        drift.correction,
        p.tests,
        outcome.effect,
        drift.min_effect,
    )
    result = Statistic(outcome.statistic, p=p_value, details=_details(test, outcome, context))
    return _finding(test, drift, message, result, violated=violated)


def _by_size(test: DriftTest, outcome: Outcome, context: ValidationContext, drift: Drift) -> Finding:
    limit = drift.limit_of(test.method)
    effect = outcome.effect if _limited_instead(test, drift) and outcome.p_value is not None else None
    size = outcome.statistic if effect is None else effect
    violated = size > limit
    comparison = outcome.description.format(value=against(size, limit, form=".4f"))
    message = (
        f"{'differs from' if violated else 'is like'} the reference: {comparison} (at most {exact(limit)}), "
        f"{plural(outcome.current, 'value')} against {outcome.reference:,}"
    )
    result = Statistic(size, limit, details=_details(test, outcome, context))
    return _finding(test, drift, message, result, violated=violated)


def _finding(test: DriftTest, drift: Drift, message: str, result: Result, *, violated: bool) -> Finding:
    return finding("drift", test.check, drift.severity, message, violated=violated, column=test.column, result=result)


def _details(test: DriftTest, outcome: Outcome, context: ValidationContext) -> dict[str, Number]:
    return {
        **outcome.numbers,
        **({"test": test.method.check} if test.role != "feature" else {}),
        "values": outcome.current,
        "reference_values": outcome.reference,
        "missing": context.current.count - outcome.current,
        "reference_missing": context.reference.count - outcome.reference,
    }
