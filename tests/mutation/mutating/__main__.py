"""Make deliberate mistakes in a copy of the chart and say which of them its tests notice.

python -m mutating --minutes 15 [--seed 7] [--kind port] [--file templates/setup-job.yaml]

The sample takes the kinds in turn, so that a rare kind counts as much as a frequent one. A mistake that changes
nothing anybody can see stands in equivalent.yaml with the reason and is left out.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from mutating.mistakes import mistakes
from mutating.runs import Session, with_session
from mutating.suites import Suites, arguments

ROOT = Path(__file__).parents[3]
# Checked with the chart: what Helm reads. Tests, documents and the generated schema are not the chart's behaviour.
FILES = (
    "templates/**/*",
    "charts/*/templates/**/*",
    "charts/*/files/**/*",
    "files/**/*",
    "values.yaml",
    "values/*.yaml",
    "charts/*/values.yaml",
)
SUFFIXES = {".yaml", ".tpl", ".sh", ".py", ".conf", ".txt"}
EQUIVALENT = Path(__file__).parents[1] / "equivalent.yaml"


@dataclass(frozen=True)
class Mutant:
    """One mistake: in which file and line, of which kind, and the line before and after."""

    file: str
    number: int
    kind: str
    before: str
    after: str

    def __str__(self) -> str:
        after = self.after.strip() or "(line left out)"
        return f"{self.kind:<10} {self.file}:{self.number + 1}  {self.before.strip()}  ->  {after}"


def every_mutant(known: set[tuple[str, str, str]]) -> Iterator[Mutant]:
    """Yield all mistakes of all kinds in all files, without those that are known to be equivalent."""
    for file in sorted({path for pattern in FILES for path in ROOT.glob(pattern)}):
        name = str(file.relative_to(ROOT))
        if (
            file.suffix not in SUFFIXES
            or not file.is_file()
            or "/charts/" in name.removeprefix("charts/")
            or "dashboards/" in name
        ):
            continue
        lines = (text := file.read_text()).splitlines()
        for kind, number, after in mistakes(name, text):
            if (name, lines[number].strip(), after.strip()) not in known:
                yield Mutant(name, number, kind, lines[number], after)


def sample(mutants: list[Mutant], seed: int) -> Iterator[Mutant]:
    """Yield the kinds in turn, each in an order of chance."""
    chance = random.Random(seed)
    kinds: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        kinds.setdefault(mutant.kind, []).append(mutant)
    for group in kinds.values():
        chance.shuffle(group)
    while any(kinds.values()):
        for group in kinds.values():
            if group:
                yield group.pop()


def copy_of_the_tree(folder: Path) -> Path:
    """Return a copy of what the tests need; the tools and the environment are linked."""
    tree = folder / "tree"
    excluded = [
        f"--exclude=./{name}"
        for name in (".git", ".venv", ".tools", "bench", "docs/images", ".mypy_cache", ".ruff_cache")
    ]
    tree.mkdir()
    packed = subprocess.Popen(["tar", "-c", *excluded, "."], cwd=ROOT, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x"], cwd=tree, stdin=packed.stdout, check=True)
    for name in (".venv", ".tools"):
        (tree / name).symlink_to(ROOT / name)
    return tree


def tried(tree: Path, mutant: Mutant, suites: Suites) -> str:
    """Make a mistake, take it back, and say which suite noticed it."""
    file = tree / mutant.file
    text = file.read_text()
    lines = text.splitlines()
    lines[mutant.number] = mutant.after
    file.write_text("\n".join(lines) + "\n")
    suite = suites.noticed_by(mutant.file, mutant.number)
    file.write_text(text)
    if suite and not suites.is_sound(suite):
        raise SystemExit(f"{suite} fails without any mistake: fix it first")
    return suite


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="mutating", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--kind")
    parser.add_argument("--file", default="")
    parser.add_argument("--quick", action="store_true", help="leave out the suites that take minutes")
    asked = parser.parse_args()
    known = {(e["file"], e["before"], e["after"]) for e in yaml.safe_load(EQUIVALENT.read_text()) or []}
    mutants = [m for m in every_mutant(known) if asked.kind in (None, m.kind) and m.file.startswith(asked.file)]
    print(f"{len(mutants):,} mistakes can be made; seed {asked.seed}, {asked.minutes:g} minutes", flush=True)
    with tempfile.TemporaryDirectory(prefix="chart-mistakes-") as folder:
        tree = copy_of_the_tree(Path(folder))
        os.chdir(tree)
        sys.path.insert(0, str(tree / "tests/chart"))

        def work(session: Session) -> int:
            suites = Suites(tree, session, quick=asked.quick)
            if failed := suites.failing_without_a_mistake():
                print(f"{failed} fails without any mistake: fix it first", file=sys.stderr)
                return 2
            count(tree, suites, sample(mutants, asked.seed), time.monotonic() + asked.minutes * 60)
            return 0

        return with_session(tree, arguments(tree), work)


def count(tree: Path, suites: Suites, mutants: Iterator[Mutant], ends: float) -> None:
    """Try one mistake after another until the time is over, and print what was noticed."""
    caught, survived = Counter[str](), Counter[str]()
    for mutant in mutants:
        if time.monotonic() > ends:
            break
        suite = tried(tree, mutant, suites)
        (caught if suite else survived)[mutant.kind] += 1
        print(f"{'caught' if suite else 'SURVIVED'}  {mutant}{f'  ({suite})' if suite else ''}", flush=True)
    print("\nkind        caught of")
    for kind in sorted(caught | survived):
        print(f"{kind:<10}  {caught[kind]:>6} {caught[kind] + survived[kind]:>3}")
    total = caught.total() + survived.total()
    print(f"{'all':<10}  {caught.total():>6} {total:>3}   {caught.total() / max(total, 1):.0%}")


if __name__ == "__main__":
    sys.exit(main())
