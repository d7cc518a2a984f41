"""Nothing but DuckDB reading columns: what no check over them can be quicker than.

python bare_scan.py FILE_OR_GLOB COLUMN... [--from START END]     of rows whose time `at` is between these
"""

import sys

import duckdb

path, *columns = sys.argv[1:]
columns, bounds = (columns[:-3], columns[-2:]) if "--from" in columns else (columns, None)
table = duckdb.read_parquet(path, hive_partitioning=False)
kinds = dict(zip(table.columns, map(str, table.types), strict=True))
# Aggregates that no footer answers, and that cost hardly more than the reading.
looks = {"VARCHAR": 'sum(strlen("{}"))', "BIGINT": 'sum("{}")', "DOUBLE": 'sum("{}")'}
if bounds:
    duckdb.execute("SET TimeZone = 'UTC'")
    start, end = (f"'{bound.removesuffix('+00:00')}'::{kinds['at']}" for bound in bounds)
    table = table.filter(f'"at" >= {start} AND "at" < {end}')
print(table.aggregate(", ".join(looks.get(kinds[name], 'max(epoch_us("{}"))').format(name) for name in columns)))
