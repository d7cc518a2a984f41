"""One small table, written in every kind of file; each writer returns the source that names it."""

import json
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

MOMENTS = [datetime(2024, 1, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
TABLE = pa.table(
    {
        "at": pa.array(MOMENTS, pa.timestamp("us", "UTC")),
        "n": pa.array([1, 2, None], pa.int64()),
        "x": pa.array([0.5, None, 2.5]),
        "name": ["a", None, "ü"],
        "ok": [True, False, None],
    }
)
COLUMNS = {"at": "timestamp", "n": "integer", "x": "number", "name": "string", "ok": "boolean"}
ROWS = [tuple(row.values()) for row in TABLE.to_pylist()]


def write_csv(folder, table=TABLE):
    table.to_pandas().to_csv(folder / "t.csv", index=False)
    return {"kind": "csv", "path": "t.csv"}


def write_json(folder, table=TABLE):
    lines = [json.dumps(row | {"at": row["at"].isoformat()}) for row in table.to_pylist()]
    (folder / "t.jsonl").write_text("\n".join(lines))
    return {"kind": "json", "path": "t.jsonl"}


def write_arrow(folder, table=TABLE):
    from pyarrow import feather

    feather.write_feather(table, str(folder / "t.feather"))
    return {"kind": "arrow", "path": "t.feather"}


def write_orc(folder, table=TABLE):
    from pyarrow import orc

    orc.write_table(table, str(folder / "t.orc"))
    return {"kind": "orc", "path": "t.orc"}


def write_excel(folder, table=TABLE):
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    frame["at"] = frame["at"].dt.tz_localize(None)
    frame.to_excel(folder / "t.xlsx", index=False)
    return {"kind": "excel", "path": "t.xlsx"}


def write_delta(folder, table=TABLE):
    from deltalake import write_deltalake

    write_deltalake(str(folder / "delta"), table)
    return {"kind": "delta", "path": "delta"}


def iceberg_table(folder, table=TABLE):
    from pyiceberg.catalog.sql import SqlCatalog

    (folder / "warehouse").mkdir()
    uri = f"sqlite:///{folder}/catalog.db"
    catalog = SqlCatalog("shop", uri=uri, warehouse=f"file://{folder}/warehouse")
    catalog.create_namespace("sales")
    made = catalog.create_table("sales.orders", table.schema)
    made.append(table)
    return made


def write_iceberg(folder, table=TABLE):
    return {"kind": "iceberg", "path": iceberg_table(folder, table).metadata_location}


WRITERS = [write_json, write_arrow, write_orc, write_excel, write_delta, write_iceberg]
