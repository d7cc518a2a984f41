"""Great Expectations' own test definitions, imported and run by Maestro, verdict by verdict.

    python bench/import_proof.py CHECKOUT [--write docs/import.md]

CHECKOUT is a clone of great_expectations at a version that has tests/test_definitions. A test counts where it is
meant for pandas or for every backend. Nothing of the checkout is kept.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from maestro_ml.core.errors import MaestroError, RequestError
from maestro_ml.importers.gx.expectation import Expectation
from maestro_ml.importers.gx.registry import translated
from maestro_ml.importers.suite import NoCounterpart, attempted
from maestro_ml.project import Project, Window
from maestro_ml.starting.rows import project_of
from maestro_ml.tables import open_dataset
from maestro_ml.validation import validate_dataset

WINDOW = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime.now(UTC))
BEGIN, END = "<!-- proof: written by make import-proof -->", "<!-- end of proof -->"
STAGES = ("schema", "quality")
TIME = "order of the rows"


@dataclass(frozen=True)
class Outcome:
    """A test, what came of it, and what Maestro said.

    Attributes:
        kind: same, differs, none (no counterpart), refused (where an error is expected too), or data.
    """

    expectation: str
    title: str
    kind: str
    words: str


def definitions(checkout: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the data sets of all definitions, with the name of the expectation."""
    files = sorted((checkout / "tests" / "test_definitions").glob("*/*.json"))
    if not files:
        sys.exit(f"{checkout} has no tests/test_definitions/*/*.json")
    for file in files:
        definition = json.loads(file.read_text(encoding="utf-8"))
        yield from ((definition["expectation_type"], dataset) for dataset in definition["datasets"])


def is_for_pandas(part: dict[str, Any]) -> bool:
    only, suppressed = part.get("only_for") or ["pandas"], part.get("suppress_test_for") or []
    return any(name.startswith("pandas") for name in only) and not any(n.startswith("pandas") for n in suppressed)


def written(data: dict[str, list[Any]], schemas: dict[str, str], file: Path, *, ordered: bool) -> set[str]:
    """Write the rows as Parquet, in pandas' types, and return the columns that are left out: those of mixed types.

    Args:
        ordered: with an event time in the order of the rows.
    """
    frame = pd.DataFrame(data)
    for name, kind in schemas.items():
        if kind.lower() in ("timestamp", "date") or "datetime" in kind.lower():
            times = pd.to_datetime(frame[name], format="mixed")
            frame[name] = times.dt.date if kind.lower() == "date" else times
        else:
            frame[name] = frame[name].astype(kind.removesuffix("Dtype"))
    mixed = {name for name in frame if not _has_one_type(frame[[name]])}
    frame = frame.drop(columns=[*mixed])
    if ordered:
        frame[TIME] = pd.date_range("2024-01-01", periods=len(frame), tz="UTC")
    frame.to_parquet(file, index=False)
    return mixed


def _has_one_type(frame: pd.DataFrame) -> bool:
    import pyarrow as pa

    try:
        pa.Table.from_pandas(frame)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return False
    return True


def of_dataset(expectation: str, dataset: dict[str, Any], folder: Path) -> Iterator[Outcome]:
    tests = [test for test in dataset["tests"] if is_for_pandas(test)]
    file, ordered = folder / "rows.parquet", expectation.endswith(("_increasing", "_decreasing"))
    schemas = (dataset.get("schemas") or {}).get("pandas") or {}
    mixed = written(dataset["data"], schemas, file, ordered=ordered)
    types = types_of(file)
    for test in tests:
        if named := [name for name in sorted(mixed) if re.search(rf"\b{name}\b", str(test.get("in")))]:
            yield Outcome(expectation, test["title"], "data", f"of mixed types: {', '.join(named)}")
            continue
        kind, words = outcome(expectation, test, file, types, TIME if ordered else None)
        yield Outcome(expectation, test["title"], kind, words)


def types_of(file: Path) -> dict[str, str]:
    with open_dataset(project_of({"kind": "parquet", "path": str(file)}, {}), "table") as table:
        return {name: kind for name in table.types if (kind := table.kind(name)) not in ("null", "other", None)}


def outcome(
    expectation: str, test: dict[str, Any], file: Path, types: dict[str, str], time: str | None
) -> tuple[str, str]:
    kwargs, wanted = test.get("in"), test["out"]
    if not isinstance(kwargs, dict):
        return "none", "its arguments have no names"
    is_error = "success" not in wanted or "error" in test or "traceback_substring" in wanted
    try:
        made = attempted(lambda: translated(Expectation(expectation, kwargs, {}, event_time=time, row_parser="pandas")))
    except NoCounterpart as error:
        return ("refused", str(error)) if is_error else ("none", str(error))
    # the contract is the data's own, so that only what is imported can be violated
    contract = {name: {"type": kind} for name, kind in types.items()} | dict(made.columns)
    spec: dict[str, Any] = {"columns": contract, "checks": list(made.checks), "timezone": "UTC", **made.settings}
    spec |= {"timestamp": time} if time else {}
    try:
        spec["source"] = {"kind": "parquet", "path": str(file)}
        project = Project.model_validate({"name": "proof", "datasets": {"table": spec}})
        report = validate_dataset(project, "table", WINDOW, STAGES)
    except (ValueError, MaestroError, RequestError) as error:
        words = " ".join(str(error).split())
        return ("refused", words) if is_error else ("differs" if wanted["success"] else "same", f"refused: {words}")
    names = {check["check"].rpartition(".")[2] for check in made.checks} | ({"type"} if made.columns else set())
    found = [f for f in report.findings if f.check in names and (f.stage == "quality" or f.column in made.columns)]
    violated = [f for f in found if f.violated]
    words = "; ".join(str(f.message) for f in violated or found)
    if is_error:
        return ("refused" if violated else "differs"), words
    return ("same" if bool(violated) != wanted["success"] else "differs"), words


def table(outcomes: list[Outcome]) -> list[str]:
    """Return the figures as a Markdown table: a row an expectation that differs or has no counterpart, and the sum."""
    kinds = ("same", "refused", "differs", "none", "data")
    names = sorted({o.expectation for o in outcomes})
    counts = {name: Counter(o.kind for o in outcomes if o.expectation == name) for name in names}
    total = Counter(o.kind for o in outcomes)
    lines = ["| expectation | tests | same verdict | error in both | differs | no counterpart | not one type |"]
    lines.append("|---|---|---|---|---|---|---|")
    for name, count in counts.items():
        lines.append(f"| `{name}` | {count.total()} | " + " | ".join(str(count[kind] or "") for kind in kinds) + " |")
    lines.append(f"| **all** | {total.total()} | " + " | ".join(f"{total[kind]}" for kind in kinds) + " |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for expectation, dataset in definitions(options.checkout):
            if options.only in expectation and is_for_pandas(dataset):
                for each in of_dataset(expectation, dataset, Path(folder)):
                    outcomes.append(each)
                    if each.kind in ("differs", "none", "data"):
                        print(f"{each.kind:8} {each.expectation}: {each.title}: {each.words[:200]}", flush=True)
    print("\n".join(table(outcomes)))
    if options.write:
        page = options.write.read_text(encoding="utf-8")
        block = "\n".join((BEGIN, *table(outcomes), END))
        pattern = re.escape(BEGIN) + ".*" + re.escape(END)
        options.write.write_text(re.sub(pattern, lambda _: block, page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
