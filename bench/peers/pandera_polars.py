"""The 44 checks in pandera with polars: python pandera_polars.py FILE

Read into a polars DataFrame, because on a LazyFrame pandera looks at the schema only. All failures together
(`lazy=True`). A tolerance for missing values, the row count and freshness are not built in, and are checks of our own.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pandera.polars as pa
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))
from columns import CATEGORIES, END, FLOATS, INTEGERS, LIMIT, MISSING, NUMBERS, TEXTS

CHECKS = 44


def few_missing() -> pa.Check:
    return pa.Check(
        lambda data: data.lazyframe.select(pl.col(data.key).is_null().mean() <= MISSING),
        name="missing",
        ignore_na=False,
    )


def schema() -> pa.DataFrameSchema:
    fresh = datetime.fromisoformat(END) - timedelta(days=1)
    types = {"at": pl.Datetime("us", "UTC")} | dict.fromkeys(INTEGERS, pl.Int64) | dict.fromkeys(FLOATS, pl.Float64)
    types |= dict.fromkeys(TEXTS, pl.String)
    values = {name: [pa.Check.in_range(-LIMIT, LIMIT)] for name in NUMBERS}
    values |= {name: [pa.Check.isin(list(CATEGORIES))] for name in TEXTS}
    return pa.DataFrameSchema(
        {
            name: pa.Column(kind, nullable=True, checks=[few_missing(), *values.get(name, [])])
            for name, kind in types.items()
        },
        checks=[
            pa.Check(lambda data: data.lazyframe.select(pl.len() > 0), name="rows"),
            pa.Check(lambda data: data.lazyframe.select(pl.col("at").max() >= fresh), name="freshness"),
        ],
        unique=list(types),
        strict=True,
    )


def main(path: Path) -> None:
    failed: list[str] = []
    try:
        schema().validate(pl.read_parquet(path), lazy=True)
    except pa.errors.SchemaErrors as error:
        failed = [str(one) for one in error.failure_cases["check"].unique()]
    print(json.dumps({"checks": CHECKS, "failed": failed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
