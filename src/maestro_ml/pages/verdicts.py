"""The verdict of a step, as a colour shows it."""

from maestro_ml.pages.runs import StepDone


def verdict_of(step: StepDone) -> str:
    """Return the verdict of a validation by its metric; otherwise what the step's outcome amounts to."""
    value = step.metric("maestro.validation.verdict")
    if value is None or step.record.step not in ("validate", "validate_training"):
        return {"passed": "pass", "failed": "fail"}.get(step.record.result.outcome, "warn")
    return ("pass", "warn", "fail")[min(2, max(0, round(value)))]
