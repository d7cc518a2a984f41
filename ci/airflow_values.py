"""What the official chart's archive says about the values under `airflow`: their schema, and those that do nothing.

The results stand in the repository, because a schema must be there without the archive.
"""

import copy
import fnmatch
import json
import tarfile
from pathlib import Path
from typing import Any

import yaml
from value_rules import rule

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "ci/airflow.schema.json"
UNREAD = ROOT / "files/airflow/unread.json"
REASONS = ROOT / "ci/airflow-unread.yaml"


def archive() -> Path:
    return ROOT / "charts" / (ROOT / "ci/charts.sha256").read_text().split()[1]


def member(name: str) -> str:
    with tarfile.open(archive()) as tar:
        file = tar.extractfile(f"airflow/{name}")
        assert file is not None
        return file.read().decode()


def closed(node: dict[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the official chart's schema, reduced to the names it knows and what a name implies.

    It accepts unknown names at the top and in some mappings below, so a misspelled `sheduler` would be ignored.
    """
    schema = rule(path) if path else {}
    below = {name: closed(child, (*path, name)) for name, child in node.get("properties", {}).items()}
    items = closed(node["items"], (*path, "[]")) if "properties" in node.get("items", {}) else {}
    if below and node.get("additionalProperties") is None:
        schema |= {"properties": below, "additionalProperties": False}
    elif kept := {name: child for name, child in below.items() if child}:
        schema["properties"] = kept
    return schema | ({"items": items} if items else {})


def schema() -> dict[str, Any]:
    result = closed(json.loads(member("values.schema.json")))
    # Helm hands the first to every subchart; the second is a chart of its own.
    result["properties"] |= {"global": {}, "postgresql": {}}
    # A set of workers takes what all workers take.
    celery = result["properties"]["workers"]["properties"]["celery"]["properties"]
    each = {name: kept for name, kept in celery.items() if name not in {"sets", "enableDefault"}}
    celery["sets"]["items"] = {"additionalProperties": False, "required": ["name"], "properties": {"name": {}} | each}
    return result


def flat(tree: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Every key at every depth by its dotted path."""
    found = {}
    for name, value in tree.items():
        found[path + name] = value
        if isinstance(value, dict):
            found |= flat(value, f"{path}{name}.")
    return found


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = copy.copy(base)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = merged(result[name], value) if both else value
    return result


def unread() -> list[dict[str, Any]]:
    """Return the values that must stay as they are, with path, value and reason; of a listed mapping only itself."""
    ours = yaml.safe_load((ROOT / "values.yaml").read_text())["airflow"]
    values = flat(merged(yaml.safe_load(member("values.yaml")), ours))
    found: dict[str, dict[str, Any]] = {}
    for entry in yaml.safe_load(REASONS.read_text()):
        for pattern in entry["paths"]:
            paths = [p for p in values if fnmatch.fnmatchcase(p, pattern) and p.count(".") == pattern.count(".")]
            assert paths, f"{REASONS.name}: the official chart has no value {pattern}"
            for path in set(paths) - set(entry.get("except", [])):
                found.setdefault(path, {"path": path, "value": values[path], "reason": entry["reason"]})
    covered = {p for p in found for parent in found if p.startswith(f"{parent}.")}
    return [found[path] for path in sorted(found) if path not in covered]


def wanted() -> dict[Path, str]:
    """Return the text of each file, by its path; empty where the archive is missing."""
    if not archive().exists():
        return {}
    return {
        SCHEMA: json.dumps(schema(), indent=1, sort_keys=True) + "\n",
        UNREAD: json.dumps(unread(), indent=1, sort_keys=True) + "\n",
    }
