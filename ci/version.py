"""Writes the version of the package into everything that repeats it: charts, image tags, tests, the documentation.

ci/version.py 0.2.0    then `make chart-reference`, which writes Chart.lock and the defaults of the charts
"""

import re
import subprocess
import sys

from release import ROOT, version

# Records of other versions, and files that something else writes.
LEFT = re.compile(r"^(CHANGELOG\.md|UPGRADE\.md|constraints\.txt|Chart\.lock|ci/tools/.*|changes/.*|.*defaults\.json)$")
MEANT = re.compile(r"version|tag|maestro", re.IGNORECASE)  # on a line beside the number


def replaced(text: str, old: str, new: str) -> str:
    """Return a text with the version in the lines that mean it."""
    number = re.compile(rf"(?<![\w.]){re.escape(old)}(?![\w]|\.\d)")
    return "".join(number.sub(new, line) if MEANT.search(line) else line for line in text.splitlines(keepends=True))


def main() -> None:
    """Write the version into every file under version control that repeats it."""
    [new] = sys.argv[1:]
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", new):
        raise SystemExit(f"ci/version.py: {new} is no version such as 0.2.0")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in (ROOT / name for name in listed.splitlines() if not LEFT.match(name)):
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, IsADirectoryError):
            continue
        if (changed := replaced(text, version(), new)) != text and path.name != "__init__.py":
            path.write_text(changed, encoding="utf-8")
            print(path.relative_to(ROOT))
    source = ROOT / "src/maestro_ml/__init__.py"
    source.write_text(replaced(source.read_text(), version(), new))


if __name__ == "__main__":
    main()
