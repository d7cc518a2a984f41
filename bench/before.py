"""The same commands with the code of an earlier commit and with today's, in turn, in CPU seconds of whole processes.

    python bench/before.py [COMMIT] [--rows N] [--repeats N]       BEFORE and ROWS are their variables for make

Tables, libraries and the interpreter are the same; the programs of bench/ and the project file of the flights are each
side's own. A case may be slower by 3 %.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import suite44
from columns import END
from measure import HERE, prove, spent, table_of

REDESIGN = "3cd90499"  # the last commit before it
ALLOWED = 1.03
MAESTRO = ("-c", "from maestro_ml.cli import main; main()")
PREPARE = "import sys; from maestro_ml.demo.flights.prepare import prepare; prepare(sys.argv[1])"


def cases(rows: int, scratch: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each case and its arguments of Python; SIDE and BENCH stand for folders of the code that is measured."""
    for module in ("maestro_ml", "maestro_ml.project"):
        yield f"import {module}", ["-c", f"import {module}"]
    yield "load the demo's project", ["-c", "import maestro_ml.project as p; p.load_project('SIDE/flights')"]
    yield "maestro --help", [*MAESTRO, "--help"]
    validate = [*MAESTRO, "validate", "--store", "SIDE/store", "--project"]
    for name in ("flights", "weather"):
        yield f"maestro validate: {name} of the demo", [*validate, "SIDE/flights", name, "--at", "2013-12-01"]
    month, months, files = table_of(rows), table_of(2 * rows, "--days", "62"), table_of(rows, "--files", "200")
    for name, data, options in (
        ("44 checks", month, {}),
        ("44 checks without duplicates", month, {"duplicates": False}),
        ("44 checks without duplicates, 200 files", files, {"duplicates": False}),
    ):
        suite44.write(data, scratch / name, **options)
        yield name, ["BENCH/one_validation.py", str(scratch / name), END]
    yield "maestro validate: 44 checks, profiles, report", [*validate, str(scratch / "44 checks"), "table", "--at", END]
    suite44.write(months, scratch / "stages", all_stages=True)
    yield "maestro validate: all four stages", [*validate, str(scratch / "stages"), "table", "--at", "2024-03-03"]
    for program, which in (("drift", "ours"), ("anomalies", "ours"), ("anomalies", "close")):
        yield f"bench/{program}.py, {which}", [f"BENCH/{program}.py", "--one", which, str(months)]


def unpacked(commit: str, side: Path) -> list[str]:
    """Put the code of a commit, or today's where none is named, into a folder; return the command that runs it."""
    side.mkdir()
    if commit:
        archive = subprocess.check_output(["git", "archive", commit, "src", "bench"], cwd=HERE.parent)
        subprocess.run(["tar", "x", "-C", side], input=archive, check=True)
    else:
        for name in ("src", "bench"):
            shutil.copytree(HERE.parent / name, side / name, ignore=shutil.ignore_patterns("data", "results", "peers"))
    subprocess.run([sys.executable, "-m", "compileall", "-q", side], check=True)  # as an installed package is
    python = ["env", f"PYTHONPATH={side / 'src'}", sys.executable]
    subprocess.run([*python, "-c", PREPARE, side / "flights"], check=True)
    return python


def compared(commit: str, rows: int, repeats: int) -> Iterator[tuple[str, float, float]]:
    """Yield each case with its seconds before and today: medians, of runs in turn after one that counts for nothing."""
    with tempfile.TemporaryDirectory(prefix="maestro-") as folder:
        folders = Path(folder, "before"), Path(folder, "after")
        sides = {side: unpacked(of, side) for side, of in zip(folders, (commit, ""), strict=True)}
        for name, arguments in cases(rows, Path(folder)):
            seconds: dict[Path, list[float]] = {side: [] for side in sides}
            for number in range(repeats + 1):
                for side in list(sides)[:: 1 if number % 2 else -1]:
                    shutil.rmtree(side / "store", ignore_errors=True)
                    given = [
                        each.replace("SIDE", str(side)).replace("BENCH", str(side / "bench")) for each in arguments
                    ]
                    seconds[side].append(spent([*sides[side], *given])[0])
            before, after = (median(each[1:]) for each in seconds.values())
            yield name, before, after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", nargs="?", default=os.environ.get("BEFORE") or REDESIGN)
    parser.add_argument("--rows", type=int, default=int(os.environ.get("ROWS") or 1_000_000))
    parser.add_argument("--repeats", type=int, default=11)
    arguments = parser.parse_args()
    lines = ["| case | before, s | today, s | ratio |", "|---|---:|---:|---:|"]
    for name, before, after in compared(arguments.commit, arguments.rows, arguments.repeats):
        ratio = f"{after / before:.2f}" if after <= ALLOWED * before else f"**{after / before:.2f}**"
        lines.append(f"| {name} | {before:.2f} | {after:.2f} | {ratio} |")
        print(lines[-1], file=sys.stderr, flush=True)
    print("\n".join(lines))
    if os.environ.get("PROOF"):
        about = f"tables of {arguments.rows:,} rows; CPU seconds, medians of {arguments.repeats} processes in turn"
        prove("before", "\n".join(lines), title=f"As quick as commit {arguments.commit}", figures=about)


if __name__ == "__main__":
    main()
