"""Kolmogorov-Smirnov on 15 columns in Evidently: python evidently_drift.py FILE

The months are read into pandas, as its documentation does; its result has no statistics, only p-values.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

sys.path.insert(0, str(Path(__file__).parents[1]))
from columns import NUMBERS
from months import MONTHS


def main(path: Path) -> None:
    definition = DataDefinition(numerical_columns=list(NUMBERS))
    reference, current = (
        Dataset.from_pandas(
            pd.read_parquet(path, columns=list(NUMBERS), filters=[("at", ">=", start), ("at", "<", end)]), definition
        )
        for start, end in MONTHS
    )
    result = Report([DataDriftPreset(num_method="ks", columns=list(NUMBERS))]).run(current, reference)
    print(json.dumps({metric["metric_name"]: metric["value"] for metric in result.dict()["metrics"]}, default=float))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
