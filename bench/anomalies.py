"""The share of anomalous rows in a month, against the month before: Maestro beside scikit-learn on all rows.

    python bench/anomalies.py [--rows N] [--repeats N]        N rows in each month, a million (ROWS)
    python bench/anomalies.py --one ours|close|sklearn FILE   one process, as it is measured

`close`: the limit is so near the rate that no sample decides, and every row is scored.
"""

import argparse
import json
import sys
from pathlib import Path

from columns import NUMBERS
from measure import Comparison, compare, publish, rows_wanted, table_of
from months import DAYS, MONTHS, opened_months

CONTAMINATION = 0.05


def ours(path: Path, max_rate: float = 0.1) -> dict[str, float]:
    from maestro_ml.validation.anomalies.findings import anomaly_findings

    with opened_months(path, anomalies={"max_rate": max_rate, "contamination": CONTAMINATION}) as about:
        [found] = anomaly_findings(about)
    return {"rate": found.numbers["rate"], "scored": found.numbers["rows_scored"], "rows": found.numbers["rows"]}


def close(path: Path) -> dict[str, float]:
    found = ours(path, CONTAMINATION)
    if found["scored"] != found["rows"]:
        raise SystemExit("the limit was not near enough to the rate for every row to be scored")
    return found


def sklearns(path: Path) -> dict[str, float]:
    import pandas as pd
    from sklearn.ensemble import IsolationForest

    reference, current = (
        pd.read_parquet(path, columns=list(NUMBERS), filters=[("at", ">=", start), ("at", "<", end)])
        for start, end in MONTHS
    )
    medians = reference.median()
    forest = IsolationForest(contamination=CONTAMINATION, random_state=0)
    forest.fit(reference.fillna(medians).to_numpy("float32"))
    return {"rate": float((forest.predict(current.fillna(medians).to_numpy("float32")) < 0).mean())}


def compared(rows: int, repeats: int) -> list[Comparison]:
    path = table_of(2 * rows, "--days", str(DAYS))
    own, every_row, peer = ([sys.executable, __file__, "--one", who, str(path)] for who in ("ours", "close", "sklearn"))
    whole_frame = ("scikit-learn", peer)
    return [
        compare("anomalies", "IsolationForest, 15 columns", rows, own, whole_frame, bar="5x", repeats=repeats),
        compare("anomalies", "the same, peak memory", rows, own, bar="350 MB", repeats=repeats),
        compare("anomalies", "limit near the rate: all rows scored", rows, every_row, whole_frame, repeats=repeats),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=rows_wanted(1_000_000))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", choices=("ours", "close", "sklearn"))
    parser.add_argument("path", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps({"ours": ours, "close": close, "sklearn": sklearns}[arguments.one](arguments.path)))
    else:
        publish("anomalies", [row for rows in arguments.rows for row in compared(rows, arguments.repeats)])


if __name__ == "__main__":
    main()
