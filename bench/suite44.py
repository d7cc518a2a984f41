"""The 44 checks of the validation benchmark, as a project over a table that bench/table.py wrote.

    python bench/suite44.py DATA FOLDER [--texts] [--no-duplicates]

writes FOLDER/maestro.yaml; then `maestro validate table --project FOLDER --at 2024-01-31`. Beside the columns' types:
21 checks of missing values, 15 ranges, 5 of allowed values (of length, where --texts), rows, freshness, duplicate rows.
"""

import argparse
from pathlib import Path

import yaml
from columns import CATEGORIES, FLOATS, INTEGERS, LIMIT, MISSING, NUMBERS, TEXTS


def checks(texts: bool, duplicates: bool) -> list[dict]:
    """The declared checks; `texts` that are free have a length where categories have allowed values."""
    return [
        {"check": "rows", "min": 1},
        *({"check": "missing", "column": name, "max_share": MISSING} for name in ["at", *NUMBERS, *TEXTS]),
        *({"check": "range", "column": name, "min": -LIMIT, "max": LIMIT} for name in NUMBERS),
        *(
            {"check": "length", "column": name, "min": 1, "max": 60}
            if texts
            else {"check": "allowed", "column": name, "values": list(CATEGORIES)}
            for name in TEXTS
        ),
        *([{"check": "duplicate_rows"}] if duplicates else []),
    ]


def project(data: Path, *, texts: bool = False, duplicates: bool = True) -> dict:
    """The project file, as plain data."""
    kinds = {"at": "timestamp"}
    kinds |= dict.fromkeys(INTEGERS, "integer") | dict.fromkeys(FLOATS, "number") | dict.fromkeys(TEXTS, "string")
    table = {
        "source": {"kind": "parquet", "path": str(data.resolve())},
        "timestamp": "at",
        "window": "30d",
        "columns": {name: {"type": kind} for name, kind in kinds.items()},
        "extra_columns": "error",
        "freshness": {"max_age": "1d"},
        "checks": checks(texts, duplicates),
    }
    return {"name": "bench", "store": "runs", "datasets": {"table": table}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", action="store_true")
    parser.add_argument("--no-duplicates", dest="duplicates", action="store_false")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    written = project(arguments.data, texts=arguments.texts, duplicates=arguments.duplicates)
    (arguments.folder / "maestro.yaml").write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
