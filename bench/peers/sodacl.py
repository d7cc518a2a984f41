"""The 44 checks in Soda: python sodacl.py FILE

A view over the file in DuckDB, scanned through its library. All 44 can be said; `freshness` is held against the
window's end by the variable NOW. Soda 3.5 wants a DuckDB below 1.1.
"""

import json
import logging
import sys
from pathlib import Path

import duckdb
from soda.scan import Scan

sys.path.insert(0, str(Path(__file__).parents[1]))
from columns import CATEGORIES, END, LIMIT, MISSING, NUMBERS, TEXTS


def checks() -> str:
    names = ["at", *NUMBERS, *TEXTS]
    quoted = {name: f'"{name}"' if name == "at" else name for name in names}  # `at` is a word of SQL
    lines = [
        "checks for events:",
        "  - row_count > 0",
        "  - schema:",
        "      fail:",
        f"        when required column missing: [{', '.join(names)}]",
        f"  - freshness({quoted['at']}) < 1d",
        f"  - duplicate_count({', '.join(quoted.values())}) = 0",
    ]
    lines += [f"  - missing_percent({name}) <= {100 * MISSING:g}" for name in quoted.values()]
    for name in NUMBERS:
        lines += [f"  - invalid_count({name}) = 0:", f"      valid min: {-LIMIT:g}", f"      valid max: {LIMIT:g}"]
    for name in TEXTS:
        lines += [f"  - invalid_count({name}) = 0:", f"      valid values: [{', '.join(CATEGORIES)}]"]
    return "\n".join(lines)


def main(path: Path) -> None:
    logging.disable()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{path}')")
    scan = Scan()
    scan.disable_telemetry()
    scan.set_data_source_name("files")
    scan.add_duckdb_connection(connection, "files")
    scan.add_variables({"NOW": END})
    scan.add_sodacl_yaml_str(checks())
    scan.execute()
    results = scan.get_scan_results()["checks"]
    failed = [check["name"] for check in results if check["outcome"] != "pass"]
    errors = [log.message for log in scan.get_error_logs()]
    print(json.dumps({"checks": len(results), "failed": failed + errors}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
