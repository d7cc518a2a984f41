"""Figures of a run on the cluster, as sections of docs/proof.md."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.kubectl import run
from maestro_ml.demo.figures import write_section

ROOT = Path(__file__).parents[3]
IMAGES = Path(os.environ.get("E2E_IMAGES", ROOT / "docs" / "images"))
FILE = Path(os.environ.get("E2E_PROOF", ROOT / "docs" / "proof.md"))


def prove(name: str, title: str, *paragraphs: str) -> None:
    """Write a section; what stands there from an earlier run goes."""
    write_section(FILE, f"e2e-{name}", "\n\n".join([f"## {title}", *(p for p in paragraphs if p)]))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; numbers stand to the right."""
    body = [[_cell(value) for value in row] for row in rows]
    numeric = [
        bool(body) and all(row[i].replace(",", "").replace(".", "").strip("-").isdigit() or not row[i] for row in body)
        for i in range(len(columns))
    ]
    lines = [f"| {' | '.join(columns)} |", f"|{'|'.join('---:' if right else '---' for right in numeric)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in body)])


def machine() -> str:
    """Return what the cluster is, in a sentence."""
    nodes = json.loads(run(["kubectl", "get", "nodes", "--output", "json"]))["items"]
    node = nodes[0]["status"]
    memory = int(node["capacity"]["memory"].removesuffix("Ki")) / 2**20
    kubelet, runtime = node["nodeInfo"]["kubeletVersion"], node["nodeInfo"]["containerRuntimeVersion"]
    return (
        f"{len(nodes)} node{'' if len(nodes) == 1 else 's'}, {node['capacity']['cpu']} cores, {memory:.0f} GiB; "
        f"Kubernetes {kubelet}, {runtime}.{_standins()}"
    )


def _standins() -> str:
    said = os.environ.get("E2E_STANDINS")
    return f" Stand-in base images: {said}." if said else ""


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
