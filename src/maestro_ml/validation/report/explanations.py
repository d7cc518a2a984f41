"""Why a violated check matters, for somebody who did not write it."""

from maestro_ml.checks import registry as checks
from maestro_ml.drift_methods import registry as drift_methods

_OF_SCANS = {
    "rows_missing": "There is nothing to learn from, and nothing to check.",
    "header": "Columns without names of their own cannot be distinguished in a contract.",
    "ambiguous_dates": "Day and month may be swapped, so the rows would fall into other windows.",
    "left_out": "A contract, a check and a model read plain values only.",
    "duplicate_column": "The same values twice weigh twice in a model, and one of them may be an accident.",
    "empty_column": "The column is there and says nothing, as after a failed join.",
    "constant_column": "A column with one value says nothing about a row.",
    "mostly_missing": "What is rarely there is filled in by a model more often than it is read.",
    "mixed_types": "The column is read as text, because some values are no numbers: sums and limits are not possible.",
    "leak": "A model that sees this column learns the answer, and fails where the answer is not known yet.",
}
_OTHER_REASONS = {
    **_OF_SCANS,
    "files": "What these files hold is not in the other findings, or not as the contract has it.",
    "required": "Whatever reads this column stops, or quietly goes on without it.",
    "type": "Comparisons and sums over a column of another type fail, or give wrong answers.",
    "timezone": "Without a timezone a row can fall into the wrong window, and features can see the future.",
    "nullable": "The contract promises a value here; joins and models that rely on it lose the row.",
    "extra": "The source has a column nobody has declared. Name it in the contract, or set `extra_columns: allow`.",
    "window": "Without an event time no row can be placed in a window, so nothing else could be judged.",
    "all_missing": "The column is there and says nothing, as after a failed join or a renamed field upstream.",
    "freshness": "The newest row is too old: the load before this one is late or has stopped.",
    "future": "A row later than the window's end and than now has a wrong clock, timezone or unit.",
    "untimed": "A row without an event time belongs to no window and is never looked at again.",
    "label_drift": "What the model is to predict is no longer distributed as it was when the model was trained.",
    "prediction_drift": "The model's answers have changed: its inputs have, or another model answers.",
    "domain_classifier": "Together the columns give away which side a row is from, even where each looks the same.",
    "isolation_forest": "More rows than expected look unlike the reference, taken over all columns together.",
}


def why_it_matters(check: str) -> str:
    """Return the sentence for a check by the name findings carry, also for one that is not installed here."""
    reason = _OTHER_REASONS.get(check) or checks.reason_of(check) or drift_methods.reason_of(check)
    return reason or "The package that brings this check says why."
