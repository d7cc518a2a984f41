"""Reads pip-audit's JSON and says what it means; exit codes as in ci/scan.

pip-audit itself exits 0 when its database knew no package at all.
"""

import json
import sys
from pathlib import Path


def main(path: Path) -> int:
    try:
        dependencies = json.loads(path.read_text())["dependencies"]
    except (OSError, ValueError, KeyError):
        print(f"{path}: pip-audit wrote no result, see {path.with_suffix('.log')}", file=sys.stderr)
        return 3
    audited = [dependency for dependency in dependencies if "skip_reason" not in dependency]
    known = {
        dependency["name"]: [found["id"] for found in dependency["vulns"]]
        for dependency in audited
        if dependency["vulns"]
    }
    print(f"{path}: {len(audited)} of {len(dependencies)} packages audited, {len(known)} with known vulnerabilities")
    for name, ids in sorted(known.items()):
        print(f"  {name}: {', '.join(ids)}")
    if known:
        return 1
    # A handful may be unknown (a local build); most unknown means the database was not reached.
    return 3 if len(audited) < len(dependencies) / 2 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
