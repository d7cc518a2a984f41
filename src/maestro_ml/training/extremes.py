"""Features whose numbers are too large for a model."""

from math import inf

from maestro_ml.training.examples import Examples

_FLOAT32 = 3.4028235e38  # many estimators, all of scikit-learn's trees among them, work in float32


def infinities(examples: Examples, limit: float = inf) -> dict[str, int]:
    """Count the rows of each feature whose magnitude reaches the limit; leave out features without any."""
    import numpy as np

    columns = ((str(name), examples.features[name].to_numpy()) for name in examples.features)  # one copy at a time
    counts = {name: int((np.abs(column) >= limit).sum()) for name, column in columns if column.dtype.kind == "f"}
    return {name: count for name, count in counts.items() if count}


def too_large(examples: Examples) -> str:
    """Return a clause that names the features with numbers too large for a float32; empty if there are none."""
    found = infinities(examples, _FLOAT32)
    columns = ", ".join(f"'{name}' in {count:,} of {len(examples):,} rows" for name, count in found.items())
    return f" (numbers too large for a float32, beyond 3.4e38: {columns})" if found else ""
