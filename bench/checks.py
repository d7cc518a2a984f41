"""The 44 checks: Maestro beside a bare scan of the columns it reads, and beside its peers; whole processes, in turn.

    python bench/checks.py [--rows N...] [--repeats N] [--only PART...]       1 and 10 million rows (ROWS), all parts

"44 checks" are schema and quality, judged (bench/one_validation.py); `maestro validate` profiles the columns and
writes the report, too. The bare scan (bench/bare_scan.py) reads what footers cannot tell: floating-point columns (they
may hold NaN), texts and, for duplicates, the time; every column where the footers are bare, and where there are many
files, of which columns are read sooner than footers. Peers read the plain shape.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import suite44
from columns import END, FLOATS, NUMBERS, TEXTS, WIDE
from measure import DATA, HERE, Comparison, compare, peer, publish, rows_wanted, spent, table_of

MAESTRO = str(Path(sys.executable).parent / "maestro")
PEERS = (("Great Expectations", "gx.py", "40x"), ("Soda", "sodacl.py", "5x"), ("pandera", "pandera_polars.py", "5x"))
MINUTE = 60.0
SHAPES = {"plain": (), "strings": ("--texts", "wide"), "bare": ("--beyond", "--no-statistics")}
SLOW_REPEATS = 3  # of what takes more than a minute
LARGE = 10_000_000  # rows from which the bars hold: the scan of fewer is mostly imports
LARGER = 50_000_000  # rows from which a case takes minutes
PARTS = ("peers", "scans", "memory", "shapes", "files", "whole")


def command(folder: str, data: Path, **options: object) -> list[str]:
    """Our process over a project made for the data."""
    suite44.write(data, DATA / folder, **options)
    violated = ["range"] if options.get("shape") == "bare" else []
    return [sys.executable, str(HERE / "one_validation.py"), str(DATA / folder), END, *violated]


def bare(data: Path, *columns: str) -> tuple[str, list[str]]:
    files = str(data / "*.parquet") if data.is_dir() else str(data)
    return "bare DuckDB scan", [sys.executable, str(HERE / "bare_scan.py"), files, *columns]


def with_and_without_duplicates(
    rows: int, repeats: int, shape: str = "plain", bars: tuple[str | None, str | None] = ("1/3x", "1/1.2x")
) -> list[Comparison]:
    data = table_of(rows, *SHAPES[shape])
    read = suite44.kinds(shape) if shape == "bare" else (*FLOATS, *TEXTS)
    found = []
    for duplicates, columns, bar in ((True, ("at", *read), bars[0]), (False, read, bars[1])):
        case = f"44 checks{f', {shape}' if shape != 'plain' else ''}{'' if duplicates else ' without duplicates'}"
        process = command(f"{shape}-{rows}-{duplicates}", data, shape=shape, duplicates=duplicates)
        scan = bare(data, *dict.fromkeys(columns))
        found.append(compare("checks", case, rows, process, scan, bar=bar, repeats=repeats))
    return found


def memory(rows: int, repeats: int, bar: str) -> Comparison:
    process = command(f"plain-{rows}-True", table_of(rows))
    return compare("checks", "44 checks, peak memory", rows, process, bar=bar, repeats=repeats)


def beside_peers(rows: int, repeats: int) -> list[Comparison]:
    data = table_of(rows)
    process = command(f"plain-{rows}-True", data)
    found = []
    for name, script, bar in PEERS:
        message = json.loads(subprocess.check_output(peer(script, data), stderr=subprocess.DEVNULL).splitlines()[-1])
        if message["failed"]:
            raise SystemExit(f"{name} finds what is not there: {message['failed']}")
        seconds, _ = spent(peer(script, data))
        times = repeats if seconds < MINUTE else min(repeats, SLOW_REPEATS)
        case = "44 checks" if times == repeats else f"44 checks (median of {times})"
        found.append(compare("checks", case, rows, process, (name, peer(script, data)), bar=bar, repeats=times))
    return found


def other_shapes(rows: int, repeats: int) -> list[Comparison]:
    many, few = min(rows, 1_000_000), min(rows, 100_000)
    wide, files = table_of(few, "--columns", "many"), table_of(many, "--files", "2000")
    side_by_side = partial(compare, "checks", repeats=repeats)
    return [
        side_by_side(
            "500 columns, 1,000 checks",
            few,
            command("wide", wide, shape="wide", duplicates=False),
            bare(wide, *WIDE),
            bar="1/1.4x",
        ),
        side_by_side(
            "44 checks without duplicates, 2,000 files",
            many,
            command("files", files, duplicates=False),
            bare(files, "at", *NUMBERS, *TEXTS),
            bar="1/1.6x",
        ),
    ]


def whole(rows: int, repeats: int) -> list[Comparison]:
    """`maestro validate`, as a person or a DAG runs it."""
    month = table_of(rows)
    suite44.write(month, DATA / "whole")
    months = table_of(2 * rows, "--days", "62")
    suite44.write(months, DATA / "stages", all_stages=True)
    validate = [MAESTRO, "validate", "table", "--project"]
    return [
        compare(
            "checks",
            "maestro validate: 44 checks, profiles, report",
            rows,
            [*validate, str(DATA / "whole"), "--at", END],
            repeats=repeats,
        ),
        compare(
            "checks",
            "maestro validate: all four stages",
            rows,
            [*validate, str(DATA / "stages"), "--at", "2024-03-03"],
            bar="5 s",
            repeats=repeats,
        ),
    ]


def compared(sizes: Sequence[int], repeats: int, parts: Sequence[str]) -> list[Comparison]:
    found: list[Comparison] = []
    for rows in sizes:
        times = min(repeats, SLOW_REPEATS) if rows >= LARGER else repeats
        if "peers" in parts:
            found += beside_peers(rows, times)
        if "scans" in parts:
            found += with_and_without_duplicates(
                rows, times, bars=("1/3x", "1/1.2x") if rows >= LARGE else (None, None)
            )
    if "memory" in parts:
        found.append(memory(sizes[0], repeats, "300 MB"))
        for rows in sizes[1:]:
            grown = round(1.1 * found[-1].ours_mb)  # no growth, but for what no two runs have alike
            found.append(memory(rows, repeats, f"{grown} MB"))
    largest = min(max(sizes), LARGE)
    for shape in ("strings", "bare") if "shapes" in parts else ():
        found += with_and_without_duplicates(largest, repeats, shape)
    if "files" in parts:
        found += other_shapes(largest, repeats)
    return found + (whole(sizes[0], repeats) if "whole" in parts else [])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=rows_wanted(1_000_000, LARGE))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    publish("checks", compared(sorted(arguments.rows), arguments.repeats, arguments.only))


if __name__ == "__main__":
    main()
