"""What Chart.yaml and Chart.lock say of the charts in charts/: each folder there is a part that can be switched off.

Helm renders a folder that is not listed, and `helm lint` refuses it.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

_HASHED = ("name", "version", "repository", "condition")  # in the order of Helm's own structure


def _hashed(dependency: dict[str, Any]) -> dict[str, Any]:
    full = {"repository": "", **dependency}
    return {field: full[field] for field in _HASHED if field in full}


def _lock(dependencies: list[dict[str, Any]], generated: str) -> str:
    locked = [
        {"name": each["name"], "repository": each.get("repository", ""), "version": each["version"]}
        for each in dependencies
    ]
    both = [[_hashed(each) for each in dependencies], [_hashed(each) for each in locked]]
    digest = hashlib.sha256(json.dumps(both, separators=(",", ":")).encode()).hexdigest()
    items = "".join(
        f"- name: {each['name']}\n  repository: {each['repository'] or json.dumps('')}\n  version: {each['version']}\n"
        for each in locked
    )
    return f'dependencies:\n{items}digest: sha256:{digest}\ngenerated: "{generated}"\n'


def wanted(root: Path) -> dict[Path, str]:
    """Return the text of both files, by its path; a chart that is not listed yet is added at the end."""
    chart, lock = root / "Chart.yaml", root / "Chart.lock"
    text = chart.read_text()
    listed = {each["name"] for each in yaml.safe_load(text)["dependencies"]}
    for path in sorted(root.glob("charts/*/Chart.yaml")):
        found = yaml.safe_load(path.read_text())
        if found["name"] not in listed:
            text += f"  - name: {found['name']}\n    version: {found['version']}\n"
            text += "" if found.get("type") == "library" else f"    condition: {found['name']}.enabled\n"
    generated = yaml.safe_load(lock.read_text())["generated"]
    return {chart: text, lock: _lock(yaml.safe_load(text)["dependencies"], generated)}
