"""A training from tables to a registered version, on the flights: Maestro beside a script as a tutorial has it.

    python bench/training.py [--repeats N] [--rows N]
    python bench/training.py --one ours PROJECT STORE FIT_FILE    one process, as it is measured

Both end with a version in an MLflow store that is there already. The figures are CPU seconds: wall time is false where
the machine does something else. `fit` is the same in both, and left out of the first row. Ours also leaves the decision
record with its pictures, and checks for leaks; the validation of the rows is left out.

Memory is the peak of the process itself, and, in a row of its own, of all processes that there are at once: mlflow
loads the script's model in a second one. The last row is a table of 5,000,000 rows and 30 features (`--rows`,
ROWS; 0 leaves it out), learned by a forest of ten small trees; its peak memory counts.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from measure import HERE, Comparison, publish, rows_wanted, spent
from together import spent_together

MODEL, END = "late_at_pushback", "2013-12-01T00:00:00"
BAR = 0.6
WIDE_MB, WIDE_ROWS = 3_000, 5_000_000
FEATURES = 30
ROWS = 111_312  # of the flights, in the window of the model


def ours(project: str, store: str, fit_file: str, model: str, end: str) -> int:
    """Train, and leave the CPU seconds of the fit, preprocessing included, and the peak memory in a file."""
    from maestro_ml.cli.entry import main as command
    from maestro_ml.core.memory import peak_memory
    from maestro_ml.training import fitting

    fit, seconds = fitting.fit, 0.0

    def timed(*arguments: Any, **options: Any) -> Any:
        nonlocal seconds
        began = time.process_time()
        found = fit(*arguments, **options)
        seconds = time.process_time() - began
        return found

    fitting.fit = timed  # before the step takes it from there
    options = ["--at", end, "--no-validate", "--project", project, "--store", store, "--json"]
    sys.argv = ["maestro", "train", model, *options]
    try:
        command()
    finally:
        Path(fit_file).write_text(f"{seconds} {peak_memory() / 2**20}")
    return 0


def write_wide(folder: Path, rows: int) -> None:
    """Write a table of so many rows and 30 numbers, and a project that learns from it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f"n{i}" for i in range(FEATURES)]
    random, batch = np.random.default_rng(0), 250_000
    schema = pa.schema([("at", pa.timestamp("us", "UTC")), *((name, pa.float64()) for name in names), ("y", pa.int8())])
    with pq.ParquetWriter(folder / "rows.parquet", schema) as writer:
        for start in range(0, rows, batch):
            count = min(batch, rows - start)
            numbers = random.normal(size=(FEATURES, count))
            at = np.datetime64("2024-01-01", "us") + np.arange(start, start + count) * (30 * 86_400_000_000 // rows)
            y = (numbers[:5].sum(axis=0) + random.normal(size=count) > 0).astype("int8")
            writer.write_table(pa.table([pa.array(at, pa.timestamp("us", "UTC")), *numbers, y], schema=schema))
    forest = {"n_estimators": 10, "max_depth": 8, "max_samples": 0.05, "random_state": 0}
    project = {
        "name": "wide",
        "datasets": {"rows": {"source": {"kind": "parquet", "path": "rows.parquet"}, "timestamp": "at"}},
        "models": {
            "wide": {
                "dataset": "rows",
                "label": "y",
                "columns": names,
                "window": "30d",
                "test": "6d",
                "estimator": {"class": "sklearn.ensemble.RandomForestClassifier", "parameters": forest},
                "gate": {"above": 0.5},
                "register": {"name": "wide"},
            }
        },
    }
    (folder / "maestro.yaml").write_text(yaml.safe_dump(project))


def own_command(project: Path, store: Path, fit_file: Path, model: str = MODEL, end: str = END) -> list[str]:
    return [sys.executable, __file__, "--one", "ours", *map(str, (project, store, fit_file)), model, end]


def compared(repeats: int, scratch: Path) -> list[Comparison]:
    from maestro_ml.demo.flights.prepare import prepare

    project, fit_file = scratch / "flights", scratch / "fit"
    prepare(str(project))
    uri = f"sqlite:///{scratch}/tutorial.db"
    tutorial = [sys.executable, str(HERE / "peers" / "tutorial.py"), str(project), uri, str(fit_file)]
    os.chdir(scratch)  # where mlflow puts the script's artifacts
    spent(tutorial)  # makes the stores, which neither does again
    spent(own_command(project, scratch / "runs", fit_file))
    found: dict[str, list[tuple[float, ...]]] = {"ours": [], "script": []}
    for number in range(repeats):
        for who, command in (
            ("ours", own_command(project, scratch / f"runs-{number}", fit_file)),
            ("script", tutorial),
        ):
            cpu, together = spent_together(command)
            fit, own = map(float, fit_file.read_text().split())
            found[who].append((cpu, fit, own, together))
    return _rows(found)


def _rows(found: dict[str, list[tuple[float, ...]]]) -> list[Comparison]:
    cpu, fits, own, together = ({who: _median(each, place) for who, each in found.items()} for place in range(4))
    rest = {who: median(each[0] - each[1] for each in runs) for who, runs in found.items()}
    rows = []
    for case, seconds, memory, share, bar in (
        ("all but fit, CPU seconds", rest, own, rest["ours"] / rest["script"], BAR),
        ("fit, CPU seconds", fits, own, fits["ours"] / fits["script"], None),
        ("all, CPU seconds", cpu, own, cpu["ours"] / cpu["script"], None),
        ("peak memory of the process", cpu, own, own["ours"] / own["script"], BAR),
        ("peak memory of all its processes", cpu, together, together["ours"] / together["script"], None),
    ):
        rows.append(
            Comparison(
                "training",
                case,
                ROWS,
                round(seconds["ours"], 2),
                round(memory["ours"]),
                "pandas, scikit-learn, mlflow",
                round(seconds["script"], 2),
                round(memory["script"]),
                round(1 / share, 2),
                f"{1 / bar:.2f}x" if bar else None,
                share <= bar if bar else None,
            )
        )
    return rows


def _median(each: Sequence[tuple[float, ...]], place: int) -> float:
    return median(values[place] for values in each)


def wide(rows: int, scratch: Path) -> Comparison:
    folder = scratch / "wide"
    folder.mkdir()
    write_wide(folder, rows)
    cpu, _ = spent_together(own_command(folder, folder / "runs", folder / "fit", "wide", "2024-01-31T00:00:00"))
    megabytes = float((folder / "fit").read_text().split()[1])
    bar = f"{WIDE_MB} MB" if rows >= WIDE_ROWS else None
    case, met = f"{FEATURES} features, peak memory", megabytes <= WIDE_MB if bar else None
    return Comparison("training", case, rows, round(cpu, 2), round(megabytes), None, None, None, None, bar, met)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rows", type=int, default=rows_wanted(WIDE_ROWS)[0])
    parser.add_argument("--one", nargs=6, metavar=("ours", "PROJECT", "STORE", "FIT_FILE", "MODEL", "END"))
    arguments = parser.parse_args()
    if arguments.one:
        raise SystemExit(ours(*arguments.one[1:]))
    with tempfile.TemporaryDirectory(prefix="maestro-bench-") as folder:
        scratch = Path(folder)
        rows = compared(arguments.repeats, scratch) if arguments.repeats else []
        if arguments.rows:
            rows.append(wide(arguments.rows, scratch))
        os.chdir(HERE)
        publish("training", rows)


if __name__ == "__main__":
    main()
