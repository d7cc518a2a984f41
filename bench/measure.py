"""Whole processes beside each other: ours and a peer's run in turn, and the medians of CPU seconds and peak memory are
held against a bar. Every comparison leaves rows of one form in bench/results/<name>.json, and prints them as a table.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
DATA = HERE / "data"
# A process is never seen with less memory than the one that started it: this one has little.
_SMALL = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
code = process.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([code, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""


@dataclass(frozen=True)
class Comparison:
    """CPU seconds and peak memory of both; `bar` is what was promised: `8x`, `1/1.2x`, `256 MB`, `5 s`, or nothing."""

    name: str
    case: str
    rows: int
    ours_s: float
    ours_mb: float
    peer: str | None
    peer_s: float | None
    peer_mb: float | None
    ratio: float | None
    bar: str | None
    met: bool | None


def compare(
    name: str,
    case: str,
    rows: int,
    ours: Sequence[str],
    peer: tuple[str, Sequence[str]] | None = None,
    *,
    bar: str | None = None,
    repeats: int = 5,
) -> Comparison:
    """Run both commands `repeats` times, in turn, so that what else the machine does falls on both."""
    own: list[tuple[float, float]] = []
    others: list[tuple[float, float]] = []
    for _ in range(repeats):
        own.append(spent(ours))
        if peer:
            others.append(spent(peer[1]))
    ours_s, ours_mb = (median(values) for values in zip(*own, strict=True))
    peer_s, peer_mb = (median(values) for values in zip(*others, strict=True)) if others else (None, None)
    ratio = peer_s / ours_s if peer_s else None
    return Comparison(
        name,
        case,
        rows,
        round(ours_s, 2),
        round(ours_mb),
        peer[0] if peer else None,
        peer_s and round(peer_s, 2),
        peer_mb and round(peer_mb),
        ratio and round(ratio, 1 if ratio > 1 else 2),
        bar,
        _met(bar, ratio, ours_s, ours_mb),
    )


def usage(command: Sequence[str]) -> tuple[float, float, float]:
    """Seconds from start to end, CPU seconds, and the largest resident memory in MB, of a process that must succeed."""
    return _run(command)


def spent(command: Sequence[str]) -> tuple[float, float]:
    """CPU seconds, of user and system, and the largest resident memory in MB, of a process that must succeed."""
    _, cpu, megabytes = _run(command)
    return cpu, megabytes


def _run(command: Sequence[str]) -> tuple[float, float, float]:
    small = [sys.executable, "-I", "-S", "-c", _SMALL, *map(str, command)]
    code, seconds, cpu, peak = json.loads(subprocess.run(small, stdout=subprocess.PIPE, check=True).stdout)
    if code:
        raise subprocess.CalledProcessError(code, command)
    return seconds, cpu, peak / (1024 if sys.platform == "linux" else 1024**2)


def _met(bar: str | None, ratio: float | None, seconds: float, megabytes: float) -> bool | None:
    if bar is None:
        return None
    if bar.endswith(" MB"):
        return megabytes <= float(bar.removesuffix(" MB"))
    if bar.endswith(" s"):
        return seconds <= float(bar.removesuffix(" s"))
    share = bar.startswith("1/")
    times = float(bar.removeprefix("1/").removesuffix("x"))
    return ratio is not None and ratio >= (1 / times if share else times)


def peer(script: str, path: Path) -> list[str]:
    """Return the command for a module of bench/peers, in the peers' own environment."""
    return [str(HERE.parent / ".bench-venv" / "bin" / "python"), str(HERE / "peers" / script), str(path)]


def table_of(rows: int, *options: str) -> Path:
    """Return the generated table, written once."""
    path = DATA / f"table-{rows}{''.join(options).replace('--', '-')}.parquet"  # a folder where there are many files
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".part")
        subprocess.run([sys.executable, HERE / "table.py", unfinished, "--rows", str(rows), *options], check=True)
        unfinished.rename(path)
    return path


def rows_wanted(*usual: int) -> list[int]:
    """Return the numbers of rows that ROWS asks for, or the usual ones."""
    return [int(rows) for rows in os.environ.get("ROWS", "").split()] or [*usual]


def publish(name: str, comparisons: Sequence[Comparison]) -> None:
    """Write the rows to bench/results, and print them; with PROOF set, as a section of docs/proof.md too."""
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    text = json.dumps([asdict(row) for row in comparisons], indent=2)
    (results / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    table = as_table(comparisons)
    print(table)
    if os.environ.get("PROOF"):
        prove(name, table)


def prove(
    name: str,
    table: str,
    file: Path = HERE.parent / "docs" / "proof.md",
    title: str = "",
    figures: str = "CPU seconds of whole processes, medians of runs in turn",
) -> None:
    """Replace the benchmark's section, which says what its figures are; what others wrote stays."""
    import platform

    import psutil

    from maestro_ml.demo.figures import write_section

    memory = psutil.virtual_memory().total / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    about = f"`make bench ONLY={name} PROOF=1` on {machine}: {figures}."
    write_section(file, f"bench-{name}", f"## {title or f'Beside its peers: {name}'}\n\n{about}\n\n{table}")


def as_table(comparisons: Sequence[Comparison]) -> str:
    """Return a Markdown table."""
    lines = ["| case | rows | ours | peer | ratio | bar | met |", "|---|---|---|---|---|---|---|"]
    for row in comparisons:
        peer = f"{row.peer} {row.peer_s} s / {row.peer_mb:,} MB" if row.peer else ""
        met = {True: "yes", False: "no", None: ""}[row.met]
        lines.append(
            f"| {row.case} | {row.rows:,} | {row.ours_s} s / {row.ours_mb:,} MB | {peer} "
            f"| {f'{row.ratio}x' if row.ratio else ''} | {row.bar or ''} | {met} |"
        )
    return "\n".join(lines)
