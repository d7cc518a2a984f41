"""Why a violated check matters, for somebody who did not write it."""

_REASONS = {
    "files": "What these files hold is not in the other findings, or not as the contract has it.",
    "required": "Whatever reads this column stops, or quietly goes on without it.",
    "type": "Comparisons and sums over a column of another type fail, or give wrong answers.",
    "timezone": "Without a timezone a row can fall into the wrong window, and features can see the future.",
    "nullable": "The contract promises a value here; joins and models that rely on it lose the row.",
    "extra": "The source has changed. Name the column in the contract, or set `extra_columns: allow`.",
    "window": "Without an event time no row can be placed in a window, so nothing else could be judged.",
    "rows": "Too few or too many rows usually mean that a load failed, ran twice, or read the wrong time range.",
    "row_count_history": "Earlier runs brought another number of rows: a load is incomplete, or was made twice.",
    "null_rate_history": "The column is emptier, or fuller, than it used to be: something upstream changed.",
    "all_missing": "The column is there and says nothing, as after a failed join or a renamed field upstream.",
    "missing": "More values are missing than agreed; imputed values take the place of measured ones.",
    "unique": "A key that stands twice counts its rows twice, in every join and every feature.",
    "duplicate_rows": "Repeated rows weigh twice in every statistic and every model trained on them.",
    "range": "Values outside the range are usually a changed unit, a sentinel such as -999, or a broken sensor.",
    "allowed": "A value nobody has declared is unknown to the models that encode this column.",
    "regex": "Text of another form is read wrongly, or not at all, by whatever takes it apart.",
    "length": "A text that is cut off, padded or empty no longer stands for what it should.",
    "predicate": "A rule of the business does not hold: these rows say something that cannot be.",
    "compare": "Two columns of a row contradict each other: one of them is wrong.",
    "monotonic": "A value that must only move one way has jumped back: a reset counter, a late or a repeated load.",
    "references": "These rows point at nothing: a join drops them, or leaves their columns empty.",
    "reconcile": "Two tables that tell of the same thing disagree: one of them is incomplete, or counts twice.",
    "freshness": "The newest row is too old: the load before this one is late or has stopped.",
    "future": "A row later than the window's end and than now has a wrong clock, timezone or unit.",
    "untimed": "A row without an event time belongs to no window and is never looked at again.",
    "kolmogorov_smirnov": "The distribution has moved away from the reference: a model trained there may not hold. "
    "With many rows a small difference is enough for a small p: look at D, the largest distance between the two.",
    "chi_square": "The categories come in other proportions than in the reference: a model trained there may not hold. "
    "With many rows a small difference is enough for a small p: look at Cramér's V, from 0 (same) to 1 (apart).",
    "psi": "The population has moved away from the reference: a model trained there may not hold.",
    "wasserstein": "The values have moved away from the reference: a model trained there may not hold.",
    "label_drift": "What the model is to predict is no longer distributed as it was when the model was trained.",
    "prediction_drift": "The model's answers have changed: its inputs have, or another model answers.",
    "domain_classifier": "Together the columns give away which side a row is from, even where each looks the same.",
    "isolation_forest": "More rows than expected look unlike the reference, taken over all columns together.",
}


def why_it_matters(check: str) -> str:
    return _REASONS[check]
