"""Features whose numbers are too large for a model."""

from math import inf

from maestro_ml.training.examples import Examples

_FLOAT32 = 3.4028235e38  # many estimators, all of scikit-learn's trees among them, work in float32


def infinities(examples: Examples, limit: float = inf) -> dict[str, int]:
    """Feature -> rows whose value is as large as the limit, of either sign; only features that have such rows."""
    numbers = examples.features.select_dtypes("number")
    counts = (numbers.abs() >= limit).sum()
    return {str(name): int(count) for name, count in counts.items() if count}


def too_large(examples: Examples) -> str:
    """What to add to an estimator's complaint: the features with numbers no float32 holds; empty if there is none."""
    found = infinities(examples, _FLOAT32)
    columns = ", ".join(f"'{name}' in {count:,} of {len(examples):,} rows" for name, count in found.items())
    return f" (numbers too large for a float32, beyond 3.4e38: {columns})" if found else ""
