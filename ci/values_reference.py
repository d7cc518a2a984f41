"""Writes values.schema.json and the reference of the values from the comments in values.yaml, for every chart.

    ci/values_reference.py            writes what has changed
    ci/values_reference.py --check    writes nothing; exit code 1 and the names of what is stale

A value is documented by a comment that starts with `# doc: `. A line `# schema: {...}` beside it adds to its schema,
which otherwise follows from the default: a mapping whose keys are documented is closed, one whose keys are not is
free. `{"subchart": true}` leaves the value to a chart with a schema of its own; `"keys"` beside it names a file with
more of its schema. What a key's name implies (a port, a size) is in value_rules.py, what it is for in value_tasks.py.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import airflow_values
import chart_dependencies
import yaml
from value_rules import rule
from value_tasks import TASKS, task

ROOT = Path(__file__).parents[1]
CHARTS = [ROOT, *sorted(path.parent for path in ROOT.glob("charts/*/values.yaml"))]
PAGE = ROOT / "docs/chart/values.md"
LONGEST_SHOWN = 70  # characters of a default in the table
BEGIN = "<!-- what follows is written by `make chart-reference` -->"


@dataclass(frozen=True)
class Value:
    """One documented key, or a mapping that holds such keys."""

    path: tuple[str, ...]
    default: Any
    description: str
    extra: dict[str, Any]
    children: list["Value"]

    def schema(self) -> dict[str, Any]:
        """Return a draft-07 JSON schema of the value."""
        described = {"description": self.description} if self.description else {}
        if self.extra.get("subchart"):
            keys = self.extra.get("keys")
            return {"type": "object", **described, **(json.loads((ROOT / keys).read_text()) if keys else {})}
        if self.children:
            properties = {child.path[-1]: child.schema() for child in self.children}
            return {
                "type": "object",
                "additionalProperties": False,
                **self.extra,
                **described,
                "properties": properties | self.extra.get("properties", {}),
            }
        return {**self._type(), **rule(self.path), **described, **self.extra}

    def defaults(self) -> Iterator[tuple[str, Any]]:
        """Return the default of every key below by path: of documented ones, and of all set for the official chart."""
        if self.children and "null removes" not in self.description:
            for child in self.children:
                yield from child.defaults()
        elif isinstance(self.extra.get("additionalProperties"), dict):
            # Its items have names of the user's: an empty one is removed, as Helm does it.
            yield ".".join(self.path), self.default
        else:
            yield from flat(self.path, self.default)

    def _type(self) -> dict[str, Any]:
        if "enum" in self.extra or self.default is None:
            return {}
        if isinstance(self.default, str) and {"requests", "limits"} & set(self.path):
            return {"type": ["string", "number"]}
        names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
        return {"type": names[type(self.default)]}

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Key, default and description of every documented value below."""
        if self.description and not (self.children and not self.extra.get("subchart") and self.default):
            shown = "see the file" if self.extra.get("subchart") else json.dumps(self.default, separators=(", ", ": "))
            yield ".".join(self.path), shown if len(shown) <= LONGEST_SHOWN else "see values.yaml", self.description
        for child in self.children:
            yield from child.rows()


def flat(path: tuple[str, ...], default: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a mapping that holds no further keys, by path; security contexts and keys with dots stay whole."""
    split = isinstance(default, dict) and default and not any("." in key for key in default)
    if split and "securitycontext" not in path[-1].lower():
        for key, value in default.items():
            yield from flat((*path, key), value)
    else:
        yield ".".join(path), default


def defaults_of(chart: Path) -> str:
    """Return what an empty key means, for templates/values: Helm takes the default away where a key is empty."""
    return json.dumps(dict(pair for value in values_of(chart) for pair in value.defaults()), indent=1) + "\n"


def comment_above(lines: list[str], line: int) -> tuple[str, dict[str, Any]]:
    """Return description and schema from the comment that ends above this line."""
    first = line
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    description, extra = [], {}
    for text in (raw.strip().removeprefix("#").strip() for raw in lines[first:line]):
        if text.startswith("schema:"):
            extra = json.loads(text.removeprefix("schema:"))
        elif text.startswith("doc:"):
            description = [text.removeprefix("doc:").strip()]
        elif description:
            description.append(text)
    return " ".join(description), extra


def read(node: yaml.Node, default: Any, lines: list[str], path: tuple[str, ...] = ()) -> list[Value]:
    """Return the documented values of a mapping; none where it or its keys are not documented."""
    if not isinstance(node, yaml.MappingNode):
        return []
    values = []
    for key, child in node.value:
        if key.value not in default:  # a merge key
            continue
        description, extra = comment_above(lines, key.start_mark.line)
        here = (*path, key.value)
        below = read(child, default[key.value], lines, here)
        if description or below:
            values.append(Value(here, default[key.value], description, extra, below))
    return values


def values_of(chart: Path) -> list[Value]:
    text = (chart / "values.yaml").read_text()
    # Merge keys and anchors are resolved in the defaults; positions come from the nodes.
    return read(yaml.compose(text), yaml.safe_load(text), text.splitlines())


def schema_of(chart: Path) -> str:
    properties = {value.path[0]: value.schema() for value in values_of(chart)}
    # What Helm adds itself: an entry for the library chart, and to a subchart what all charts share and its condition.
    properties["common"] = {"type": "object", "additionalProperties": False, "properties": {"global": {}}}
    if chart == ROOT:
        # A subchart of which the umbrella's values say nothing: its own are the defaults.
        properties |= {found.name: {"type": "object"} for found in CHARTS[1:] if found.name not in properties}
    else:
        properties = {"enabled": {"type": ["boolean", "null"]}, "global": {"type": "object"}, **properties}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return json.dumps(schema, indent=2) + "\n"


def page() -> str:
    """Return the page of all values: a table for each task."""
    tables: dict[str, list[str]] = {name: [] for name in TASKS}
    for chart in CHARTS:
        for key, default, text in (row for value in values_of(chart) for row in value.rows()):
            path = key if chart == ROOT else f"{chart.name}.{key}"
            tables[task(path)].append(f"| `{path}` | `{default}` | {text.replace('|', '&#124;')} |")
    head = "| value | default | what it does |\n|---|---|---|"
    parts = [f"## {name}\n\n{head}\n" + "\n".join(rows) for name, rows in tables.items()]
    return f"{PAGE.read_text().split(BEGIN)[0]}{BEGIN}\n\n" + "\n\n".join(parts) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    # The schema of the umbrella holds the first of these.
    wanted = airflow_values.wanted()
    if not check:
        for path, text in wanted.items():
            path.write_text(text)
    wanted |= chart_dependencies.wanted(ROOT)
    wanted |= {chart / "files/defaults.json": defaults_of(chart) for chart in CHARTS}
    wanted |= {chart / "values.schema.json": schema_of(chart) for chart in CHARTS} | {PAGE: page()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is stale: run `make chart-reference`", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path])
            print(path.relative_to(ROOT))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
