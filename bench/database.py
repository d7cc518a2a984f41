"""A table of a real PostgreSQL whose window is 1 % of it: what a whole validation costs, without and with an index.

python bench/database.py        # ROWS=50000000 by default: some 4 GB in TMPDIR while it runs
"""

import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import measure
import yaml

sys.path.append(str(measure.HERE.parent / "tests" / "validation"))  # where a PostgreSQL is started for the tests too
from postgres_server import running_postgres

[ROWS, *_] = measure.rows_wanted(50_000_000)
DAYS = 1000
BARS = {"seconds": 60.0, "megabytes": 400.0}
TABLE = f"""
CREATE UNLOGGED TABLE events AS
SELECT i AS id,
       timestamptz '2022-01-01' + i * {DAYS * 86400 / ROWS} * interval '1 second' AS at,
       ((i * 7919) % 100000)::numeric(10, 2) / 100 AS amount,
       sin(i) AS reading,
       (i % 400)::int AS shop,
       (ARRAY['card', 'cash', 'voucher'])[1 + i % 3] AS paid,
       inet '10.0.0.1' AS address
FROM generate_series(1::bigint, {ROWS}) i
"""
COLUMNS = {
    "id": {"type": "integer", "nullable": False},
    "at": {"type": "timestamp", "nullable": False},
    "amount": {"type": "number"},
    "reading": {"type": "number"},
    "shop": {"type": "integer"},
    "paid": {"type": "string"},
}
CHECKS = [
    {"check": "unique", "columns": ["id"]},
    {"check": "range", "column": "amount", "min": 0, "max": 1000},
    {"check": "range", "column": "reading", "min": -1, "max": 1},
    {"check": "allowed", "column": "paid", "values": ["card", "cash", "voucher"]},
    {"check": "compare", "left": "reading", "operator": "<=", "right": "amount", "max_share": 0.01},
]


def project(folder: Path, url: str) -> list[str]:
    """Write the project; return the command that validates its newest window against the one before."""
    dataset = {
        "source": {"kind": "sql", "url": url, "table": "events"},
        "timestamp": "at",
        "keys": ["id"],
        "window": f"{DAYS // 100}d",
        "columns": COLUMNS,
        "checks": CHECKS,
        "reference": {"kind": "previous"},
        "drift": {"columns": ["amount", "reading"]},
    }
    text = yaml.safe_dump({"name": "bench", "datasets": {"events": dataset}})
    (folder / "maestro.yaml").write_text(text, encoding="utf-8")
    maestro = Path(sys.executable).with_name("maestro")
    return [str(maestro), "validate", "events", "--project", str(folder), "--at", "2024-09-27"]  # day 1,000


def execute(url: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def server_of(url: str) -> Any:
    """Return the process of the server, which counts what its ended children have used."""
    import psutil
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return psutil.Process(connection.info.backend_pid).parent()


def spent_by(server: Any) -> float:
    """Return the CPU seconds of a server and of its children, when those of all connections have ended."""
    import psutil

    connections = [child for child in server.children() if "127.0.0.1(" in " ".join(child.cmdline())]
    psutil.wait_procs(connections, timeout=60)  # the server counts a child once it has ended
    times = server.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def main() -> None:
    """Measure without an index and with one, and print and keep the figures."""
    rows = []
    with ExitStack() as opened:
        url = os.environ.get("URL") or opened.enter_context(running_postgres())
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        if "URL" not in os.environ:
            execute(url, TABLE, "VACUUM ANALYZE events")
        command, server = project(Path(folder), url), server_of(url)
        for case in ("without an index", "with an index on the time"):
            indexed = case.startswith("with an")
            execute(
                url, "CREATE INDEX IF NOT EXISTS by_time ON events (at)" if indexed else "DROP INDEX IF EXISTS by_time"
            )
            before = spent_by(server)
            wall, cpu, megabytes = measure.usage(command)
            in_server = spent_by(server) - before
            met = wall <= BARS["seconds"] and megabytes <= BARS["megabytes"]
            rows.append(
                {
                    "case": case,
                    "rows": ROWS,
                    "s": wall,
                    "cpu_s": cpu,
                    "server_s": in_server,
                    "mb": megabytes,
                    "met": met,
                }
            )
    results = measure.HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "database.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    lines = [
        "| PostgreSQL | rows | CPU of `maestro validate` | of the server | memory of the command | wall | bar | met |",
        "|---|---|---|---|---|---|---|---|",
    ]
    bar = f"{BARS['seconds']:.0f} s, {BARS['megabytes']:.0f} MB"
    for row in rows:
        met = "yes" if row["met"] else "no"
        spent = f"{row['cpu_s']:.1f} s | {row['server_s']:.1f} s | {row['mb']:.0f} MB | {row['s']:.0f} s"
        lines.append(f"| {row['case']} | {row['rows']:,} | {spent} | {bar} | {met} |")
    table = "\n".join(lines)
    print(table)
    if os.environ.get("PROOF"):
        about = (
            "whole processes; 1 % of the rows in the window, as many in the reference, five checks, drift, profile; "
            "one run each; the bar is of wall time, which needs a machine without other work"
        )
        measure.prove("database", table, title="A window of a large database table", figures=about)


if __name__ == "__main__":
    main()
