"""Kolmogorov-Smirnov on 15 columns, a month against the month before: Maestro beside scipy and Evidently.

    python bench/drift.py [--rows N] [--repeats N]        N rows in each month, 1 and 10 million (ROWS)
    python bench/drift.py --one ours|scipy FILE           one process, as it is measured

Whole processes. Ours and scipy's must find the same statistics; the comparison stops where they do not. Evidently takes
most of a minute, so its median is of three.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from columns import NUMBERS
from measure import Comparison, compare, peer, publish, rows_wanted, table_of
from months import DAYS, MONTHS, opened_months

SLOW_REPEATS = 3
STREAMED = 4_000_000  # rows of a side from which the peer is left out: it needs several gigabytes


def ours(path: Path) -> dict[str, float]:
    from maestro_ml.validation.drift.findings import drift_findings

    with opened_months(path, drift={}) as about:
        return {f.column: f.numbers["statistic"] for f in drift_findings(about)}


def scipys(path: Path) -> dict[str, float]:
    import pandas as pd
    from scipy.stats import ks_2samp

    reference, current = (
        pd.read_parquet(path, columns=list(NUMBERS), filters=[("at", ">=", start), ("at", "<", end)])
        for start, end in MONTHS
    )
    return {c: float(ks_2samp(reference[c].dropna(), current[c].dropna()).statistic) for c in NUMBERS}


def compared(rows: int, repeats: int) -> list[Comparison]:
    path = table_of(2 * rows, "--days", str(DAYS))
    own, other = ([sys.executable, __file__, "--one", who, str(path)] for who in ("ours", "scipy"))
    if rows >= STREAMED:
        return [compare("drift", "KS, 15 columns, streamed", rows, own, bar="256 MB", repeats=repeats)]
    found, expected = (json.loads(subprocess.check_output(command)) for command in (own, other))
    if found != expected:
        raise SystemExit(f"the statistics differ: {found} and {expected}")
    evidently = ("Evidently", peer("evidently_drift.py", path))
    slow = min(repeats, SLOW_REPEATS)
    return [
        compare("drift", "KS, 15 columns", rows, own, ("scipy", other), bar="8x", repeats=repeats),
        compare("drift", f"KS, 15 columns (median of {slow})", rows, own, evidently, bar="60x", repeats=slow),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=rows_wanted(1_000_000, 10_000_000))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", choices=("ours", "scipy"))
    parser.add_argument("path", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps({"ours": ours, "scipy": scipys}[arguments.one](arguments.path)))
    else:
        publish("drift", [row for rows in arguments.rows for row in compared(rows, arguments.repeats)])


if __name__ == "__main__":
    main()
