"""Every stage of a validation on every shape of table, beside a bare scan of the columns it needs.

    python bench/shapes.py [--rows N] [--repeats N] [--only SHAPE...] [--stages STAGE...]     2 million rows (ROWS)

CPU seconds (user and system) and peak memory of whole processes, the median of `repeats`, run in turn. A stage needs
the rows of its window, and of the reference if it compares with that: the bare scan (bench/bare_scan.py) reads those
and no others, with DuckDB as it comes. The table of each shape is deleted when it has been measured.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import suite44
from columns import NUMBERS, TEXTS
from layouts import SHAPES, Shape
from measure import DATA, HERE, prove, rows_wanted, spent
from rows import START

WINDOW = timedelta(days=31)
ALL = ("at", *NUMBERS, *TEXTS)
# The columns each stage needs, and whether it needs the reference too.
STAGES = {
    "checks": (ALL, False),
    "drift": (("at", *NUMBERS), True),
    "anomalies": (("at", *NUMBERS), True),
    "profile": (ALL, True),
    "suggest": (ALL, False),
    "all": (ALL, True),
}
BARS = {"checks": 2.0, "all": 5.0}
MEGABYTES = 400


@dataclass(frozen=True)
class Measured:
    """A stage on a shape, and the bare scan."""

    shape: str
    rows: int
    stage: str
    cpu: float
    megabytes: int
    scan_cpu: float
    scan_megabytes: int
    repeats: int = 1

    @property
    def ratio(self) -> float:
        return self.cpu / self.scan_cpu

    @property
    def met(self) -> bool:
        return self.ratio <= BARS.get(self.stage, self.ratio) and self.megabytes <= MEGABYTES


def measured(shape: Shape, rows: int, repeats: int, stages: Sequence[str]) -> list[Measured]:
    """Write the table, measure the stages on it, and delete it."""
    content, layout = shape.tables(rows)
    folder = DATA / "shapes" / shape.name.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = folder / ("table" if layout.files > 1 or layout.by_day else "table.parquet")
    try:
        subprocess.run([sys.executable, HERE / "layouts.py", shape.name, str(rows), data], check=True)
        suite44.write(data, folder, duplicates=False, all_stages=True, texts=content.texts, times=content.times)
        end = START + timedelta(days=content.days)
        return [_stage(shape, content.total, folder, data, stage, end, repeats) for stage in stages]
    finally:
        shutil.rmtree(folder)


def _stage(shape: Shape, rows: int, folder: Path, data: Path, stage: str, end: datetime, repeats: int) -> Measured:
    columns, both = STAGES[stage]
    start = end - WINDOW * (2 if both else 1)
    files = str(data / "**" / "*.parquet") if data.is_dir() else str(data)
    scan = [sys.executable, str(HERE / "bare_scan.py"), files, *columns, "--from", start.isoformat(), end.isoformat()]
    own = [sys.executable, str(HERE / "one_stage.py"), str(folder), end.isoformat(), stage]
    found = [(spent(own), spent(scan)) for _ in range(repeats)]
    cpu, megabytes = (median(pair[0][i] for pair in found) for i in (0, 1))
    scan_cpu, scan_megabytes = (median(pair[1][i] for pair in found) for i in (0, 1))
    return Measured(shape.name, rows, stage, cpu, round(megabytes), scan_cpu, round(scan_megabytes), repeats)


def as_table(found: Sequence[Measured]) -> str:
    """Return a Markdown table: a row a shape, a cell a stage."""
    about = {shape.name: shape.about for shape in SHAPES}
    lines = [f"| shape | rows | {' | '.join(STAGES)} | bare scan |", "|---|---:|" + "---:|" * (len(STAGES) + 1)]
    for name in dict.fromkeys(row.shape for row in found):
        rows = {row.stage: row for row in found if row.shape == name}
        cells = [_cell(rows[stage]) if stage in rows else "" for stage in STAGES]
        scan = rows.get("all") or [*rows.values()][-1]
        cells.append(f"{scan.scan_cpu:.2f} s, {scan.scan_megabytes:,} MB")
        lines.append(f"| {about[name]} | {scan.rows:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Measured) -> str:
    text = f"{row.cpu:.2f} s, {row.ratio:.1f}x, {row.megabytes:,} MB"
    return text if row.met else f"**{text}**"


def keep(found: Sequence[Measured]) -> list[Measured]:
    """Write the figures to bench/results, beside those of other shapes, and return all of them."""
    results = HERE / "results" / "shapes.json"
    results.parent.mkdir(exist_ok=True)
    known = [Measured(**row) for row in json.loads(results.read_text())] if results.exists() else []
    by_shape = {row.shape: [each for each in known if each.shape == row.shape] for row in known}
    by_shape |= {row.shape: [each for each in found if each.shape == row.shape] for row in found}
    together = [row for shape in SHAPES for row in by_shape.get(shape.name, ())]
    results.write_text(json.dumps([asdict(row) for row in together], indent=2) + "\n", encoding="utf-8")
    return together


def publish(found: Sequence[Measured]) -> None:
    """Print the figures; with PROOF set, as a section of docs/proof.md too."""
    table = as_table(found)
    print(table)
    if os.environ.get("PROOF"):
        bars = ", ".join(f"{stage} within {bar:g} scans" for stage, bar in BARS.items())
        about = (
            "CPU seconds, how many bare scans that is, and peak memory; imports and the start of Python are in both. "
            f"Bars: {bars}, {MEGABYTES} MB; what misses one is bold. The last column is the scan beside `all`."
        )
        prove("shapes", f"{about}\n\n{table}", title="Tables as they are", figures=_figures(found))


def _figures(found: Sequence[Measured]) -> str:
    """Say how many runs the figures are of."""
    fewest = min((row.repeats for row in found), default=1)
    kind = "single runs" if fewest == 1 else f"medians of {fewest} runs or more"
    return f"{kind} of whole processes, in turn with the scan"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=rows_wanted(2_000_000)[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=[shape.name for shape in SHAPES])
    parser.add_argument("--stages", nargs="+", choices=[*STAGES], default=[*STAGES])
    arguments = parser.parse_args()
    wanted = [shape for shape in SHAPES if shape.name in (arguments.only or [shape.name])]
    for shape in wanted:
        found = keep(measured(shape, arguments.rows, arguments.repeats, arguments.stages))
        print(as_table([row for row in found if row.shape == shape.name]), file=sys.stderr, flush=True)
    publish(found)


if __name__ == "__main__":
    main()
