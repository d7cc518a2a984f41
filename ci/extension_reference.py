"""Writes the generated parts of docs/: tables of checks, drift methods and rules, and the reference pages.

python ci/extension_reference.py            writes them
python ci/extension_reference.py --check    fails where they are stale
"""

import inspect
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from cli_reference import cli_reference
from metrics_reference import alerts, model_metrics, runbooks, sent_metrics, variables
from project_reference import keys_reference

from maestro_ml.checks.base import BaseCheck, Check, TolerantCheck
from maestro_ml.checks.registry import CHECKS
from maestro_ml.drift_methods.method import DriftMethod
from maestro_ml.drift_methods.registry import METHODS
from maestro_ml.gate_rules.budget import DISAGREEMENT, Budget
from maestro_ml.gate_rules.registry import RULES
from maestro_ml.gate_rules.simulation import as_markdown, simulate
from maestro_ml.project.drift import Drift

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs/adr"
COMMON = set(TolerantCheck.model_fields)
KINDS = {"numeric": "numbers", "categorical": "text and booleans"}


def checks_table() -> str:
    """Return one row a check: its name, the keys of its own, and its docstring."""
    rows = [f"| `{name}` | {_keys(kind)} | {_sentence(kind)} |" for name, kind in CHECKS.built_in.items()]
    return "\n".join(["| check | keys | passes where |", "|---|---|---|", *rows])


def methods_table() -> str:
    """Return one row a method: its name, its kinds, the number it measures, and the limit."""
    rows = [_method_row(method) for method in METHODS.built_in.values()]
    return "\n".join(["| test | of | number | violated | engines |", "|---|---|---|---|---|", *rows])


def _keys(kind: type[Check]) -> str:
    common = COMMON if issubclass(kind, TolerantCheck) else set(BaseCheck.model_fields)
    return ", ".join(f"`{name}`" for name in kind.model_fields if name not in common)


def _sentence(kind: type[Check]) -> str:
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split()).replace("|", "\\|")


def _method_row(method: DriftMethod) -> str:
    kinds = ", ".join(KINDS[kind] for kind in method.kinds)
    limit = "p below `p_value` (0.05)"
    if method.limit is not None:
        own = f"max_{method.name}"
        limit = f"above `{own if own in Drift.model_fields else f'limits: {{{method.name}: ...}}'}` ({method.limit:g})"
    engines = "all"
    if method.needs_arrays:
        engines = "of text and booleans all; of numbers DuckDB" if "categorical" in method.kinds else "DuckDB"
    return f"| `{method.name}` | {kinds} | {method.about} | {limit} | {engines} |"


def rules_table() -> str:
    """Return one row a rule of the gate: its name, the keys of its own, and its docstring."""
    rows = [
        f"| `{name}` | {', '.join(f'`{key}`' for key in kind.model_fields if key != 'rule')} | {_sentence(kind)} |"
        for name, kind in RULES.built_in.items()
    ]
    return "\n".join(["| rule | keys | passes where |", "|---|---|---|", *rows])


def simulation_tables() -> str:
    """Return what `maestro gate simulate` prints for weekly training and a budget of 0.05."""
    return as_markdown(simulate(Budget(0.05, 52), 2_000, DISAGREEMENT, 0.85)).rstrip()


def decisions() -> str:
    """Return one line a decision."""
    titles = {page: page.read_text().splitlines()[0].removeprefix("# ") for page in DECISIONS.glob("[0-9]*.md")}
    return "\n".join(f"- [{titles[page]}]({page.name})" for page in sorted(titles))


PAGES = {
    ROOT / "docs/checks.md": {"checks": checks_table},
    ROOT / "docs/drift.md": {"methods": methods_table},
    ROOT / "docs/gates.md": {"rules": rules_table, "simulation": simulation_tables},
    ROOT / "docs/reference/project-file.md": {"keys": keys_reference, "variables": variables},
    ROOT / "docs/reference/command-line.md": {"commands": cli_reference},
    DECISIONS / "index.md": {"decisions": decisions},
    ROOT / "docs/runbooks/index.md": {"runbooks": runbooks},
    ROOT / "docs/reference/metrics.md": {"sent": sent_metrics, "model": model_metrics, "alerts": alerts},
}


def stale() -> list[Path]:
    """Return the pages whose table is not what the code says."""
    return [page for page in PAGES if page.read_text() != _written(page)]


def _written(page: Path) -> str:
    text = page.read_text()
    for name, table in PAGES[page].items():
        between = re.compile(rf"(<!-- {name}: .*? -->\n).*?(\n<!-- end of {name} -->)", re.DOTALL)
        text, count = between.subn(lambda found, table=table: f"{found[1]}\n{table()}\n{found[2]}", text)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"{page} has no place for the table of {name}")
    return text


def main() -> None:
    """Write the tables, or fail where one is stale."""
    if "--check" in sys.argv:
        if pages := stale():
            raise SystemExit(f"stale, run `make reference`: {', '.join(map(str, pages))}")
        return
    for page in PAGES:
        page.write_text(_written(page))


if __name__ == "__main__":
    main()
