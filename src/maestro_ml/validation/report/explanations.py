"""Why a violated check matters, for somebody who did not write it."""

from maestro_ml.checks import registry as checks
from maestro_ml.checks.registry import CHECKS
from maestro_ml.drift_methods import registry as drift_methods
from maestro_ml.drift_methods.registry import METHODS

_OF_SCANS = {
    "rows_missing": "There is nothing to learn from, and nothing to check.",
    "header": "Columns without names of their own cannot be distinguished in a contract.",
    "ambiguous_dates": "Day and month may be swapped, so the rows would fall into other windows.",
    "left_out": "A contract, a check and a model read plain values only.",
    "duplicate_column": "The same values twice weigh twice in a model, and one of them may be an accident.",
    "empty_column": "The column exists but holds no value, as after a failed join.",
    "constant_column": "A column with one value says nothing about a row.",
    "mostly_missing": "A model fills in this column more often than it reads it.",
    "mixed_types": "The column is read as text, because some values are not numbers: sums and limits are not possible.",
    "leak": "A model that sees this column learns the answer, and fails where the answer is not known yet.",
}
_OTHER_REASONS = {
    **_OF_SCANS,
    "files": "The rows of these files are missing from the other findings, or differ from the contract.",
    "required": "Readers of this column fail, or silently continue without it.",
    "type": "Comparisons and sums over a column of another type fail, or give wrong answers.",
    "timezone": "Without a timezone a row can fall into the wrong window, and features can see the future.",
    "nullable": "The contract promises a value here; joins and models that rely on it lose the row.",
    "extra": "The source has a column nobody has declared. Name it in the contract, or set `extra_columns: allow`.",
    "window": "Without an event time no row can be placed in a window, so nothing else could be judged.",
    "all_missing": "The column exists but holds no value, as after a failed join or a renamed field upstream.",
    "freshness": "The newest row is too old: the load before this one is late or has stopped.",
    "future": "A row later than the window's end and than now has a wrong clock, timezone or unit.",
    "untimed": "A row without an event time belongs to no window and is never checked.",
    "label_drift": "The label is no longer distributed as it was when the model was trained.",
    "prediction_drift": "The predictions have changed: either the inputs have changed, or the model.",
    "domain_classifier": "Together, the columns show where a row is from, even where each looks the same.",
    "isolation_forest": "More rows than expected look unlike the reference, taken over all columns together.",
}


def why_it_matters(check: str) -> str:
    """Return the sentence for a check by the name findings carry, also for one that is not installed here."""
    reason = _OTHER_REASONS.get(check) or _built_in(check) or checks.reason_of(check) or drift_methods.reason_of(check)
    return reason or "The package that brings this check says why."


def _built_in(check: str) -> str | None:
    """Return the reason of this package's own check or method: to search all installed packages takes a while."""
    method = next((method for method in METHODS.built_in.values() if method.check == check), None)
    own = method or CHECKS.own(check)
    return own.why if own else None
