"""The 44 checks of the validation benchmark, as a project over a table that bench/table.py wrote.

    python bench/suite44.py DATA FOLDER [--shape SHAPE] [--no-duplicates] [--all-stages]

writes FOLDER/maestro.yaml; then `maestro validate table --project FOLDER --at 2024-01-31`. Beside the columns' types:
21 checks of missing values, 15 ranges, 5 of allowed values (of length in the shape `strings`), rows, freshness,
duplicate rows. Of the shape `wide`: missing values and a range of each of its 500 columns.
"""

import argparse
from pathlib import Path

import yaml
from columns import CATEGORIES, FLOATS, INTEGERS, LIMIT, MISSING, TEXTS, WIDE


def kinds(shape: str) -> dict[str, str]:
    """Return the type of each column."""
    if shape == "wide":
        return {"at": "timestamp"} | dict.fromkeys(WIDE, "number")
    numbers = dict.fromkeys(INTEGERS, "integer") | dict.fromkeys(FLOATS, "number")
    return {"at": "timestamp"} | numbers | dict.fromkeys(TEXTS, "string")


def checks(shape: str, duplicates: bool, texts: str = "categories") -> list[dict]:
    """Return the declared checks."""
    types = kinds(shape)
    return [
        {"check": "rows", "min": 1},
        *({"check": "missing", "column": name, "max_share": MISSING} for name in types),
        *(
            {"check": "range", "column": name, "min": -LIMIT, "max": LIMIT}
            for name, kind in types.items()
            if kind in ("integer", "number")
        ),
        *(
            {"check": "length", "column": name, "min": 1, "max": 60}
            if shape == "strings" or texts != "categories"
            else {"check": "allowed", "column": name, "values": list(CATEGORIES)}
            for name, kind in types.items()
            if kind == "string"
        ),
        *([{"check": "duplicate_rows"}] if duplicates else []),
    ]


def project(
    data: Path,
    *,
    shape: str = "plain",
    duplicates: bool = True,
    all_stages: bool = False,
    texts: str = "categories",
    times: str = "zoned",
) -> dict:
    """Return the project file, as plain data; `all_stages` adds drift and anomalies against the month before."""
    table = {
        "source": {"kind": "parquet", "path": str(data.resolve())},
        "timestamp": "at",
        "window": "31d" if all_stages else "30d",
        "columns": {name: {"type": kind} for name, kind in kinds(shape).items()},
        "extra_columns": "error",
        "freshness": {"max_age": "1d"},
        "checks": checks(shape, duplicates, texts),
    }
    if times != "zoned":
        table["timezone"] = "UTC"
    if all_stages:
        table |= {"reference": {"kind": "previous"}, "drift": {}, "anomalies": {}}
    return {"name": "bench", "store": "runs", "datasets": {"table": table}}


def write(data: Path, folder: Path, **options: object) -> None:
    """Write the project file into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(project(data, **options), sort_keys=False)
    (folder / "maestro.yaml").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shape", default="plain")
    parser.add_argument("--no-duplicates", dest="duplicates", action="store_false")
    parser.add_argument("--all-stages", action="store_true")
    write(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
